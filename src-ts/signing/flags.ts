/** The settings and the kind of body of a request as bits of one number: `flag` in `crates/core/src/wire/frame.rs`. */

// ---- settings
export const DOUBLE_ENCODE_PATH = 1;
export const NORMALIZE_PATH = 1 << 1;
export const CONTENT_SHA256_HEADER = 1 << 2;
export const UNSIGNED_PAYLOAD = 1 << 3;
export const OMIT_SESSION_TOKEN = 1 << 4;
export const ENGINE_AWS_SIGV4 = 1 << 5;
export const ALGORITHM_SIGV4A = 1 << 6;

// ---- what follows the head of a frame
export const BODY_TEXT = 1 << 8;
export const BODY_BYTES = 1 << 9;
export const BODY_DIGEST = 1 << 10;
export const BODY_UNSIGNED = 1 << 11;

// ---- whose rules a canonical request follows
export const DIALECTS = { aws: 0, smithy: 1 << 12, botocore: 1 << 13 } as const;
