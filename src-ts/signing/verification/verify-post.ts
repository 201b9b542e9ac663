/** Verification of uploads by HTML form: the signature of a POST policy, and what the policy says of the form. */
import { Transform } from "node:stream";
import { systemClock } from "../../defaults.js";
import { BRSValidationError, masked } from "../../errors.js";
import { native } from "../../native.js";
import { millisOfAmzDate } from "../amz-date.js";
import { type CredentialScope, checkExpiration, lookedUp } from "./lookup.js";
import { checkVerifier, checkWhole, MAX_SKEW, refuseOption, type VerifierOptions } from "./options.js";
import { checkFields, checkLength, type LengthRange, lengthRangeOf, readPolicy } from "./post-policy.js";
import { called, refusal } from "./refusal.js";
import { admit } from "./replay-guard.js";

/** The fields of a form, in their order: pairs, a FormData, or an object of texts. */
export type PostFields = Iterable<readonly [name: string, value: unknown]> | Readonly<Record<string, string>>;

export interface VerifyPostOptions extends VerifierOptions {
  /** Bucket that the form is sent to. The policy must name it. */
  bucket: string;
  /** Service that the credential scope must name. Default: "s3". */
  service?: string;
  /** Bytes of the file, when they are known; else `bodyVerifier()` of the result counts them. */
  fileSize?: number;
  /** Name of the file as the browser sent it: takes the place of `${filename}` in the key. */
  fileName?: string;
}

export interface VerifiedPost {
  readonly accessKeyId: string;
  readonly principal: unknown;
  readonly scope: CredentialScope;
  /** The key, with the file's name in it where the form asks for that. */
  readonly key: string;
  /** All fields but the file, by lower-case names. */
  readonly fields: ReadonlyMap<string, string>;
  readonly signedAt: Date;
  /** The end of the policy. */
  readonly expiresAt: Date;
  /** The sizes, in bytes, that the policy allows; undefined when it allows any. */
  readonly contentLengthRange: LengthRange | undefined;
  /** A Transform for a file of unknown size: fails with EntityTooLarge as soon as it is too long, at its end with EntityTooSmall. */
  bodyVerifier(): Transform;
}

/** S3 takes no more before the file. */
const MAX_FIELD_BYTES = 20_480;
/** No signing key is good for longer. */
const MAX_AGE_MS = 604_800_000;

const NAMES: readonly (keyof VerifyPostOptions)[] = [
  "getCredentials",
  "region",
  "bucket",
  "service",
  "fileSize",
  "fileName",
  "replay",
  "maxSkew",
  "clock",
];

/**
 * Verifies a form that uploads a file to S3 under a signed policy (AWS4-HMAC-SHA256).
 *
 * Give the fields as they came, with their duplicates: names are compared without regard to case, and a form with a field twice, or
 * with fields after the file, is refused. Every field but `x-amz-signature`, `file`, `policy` and `x-ignore-*` must have a
 * condition in the policy, and the bucket must have one.
 *
 * Rejects with VerificationError under S3's codes: AccessDenied ("Invalid according to Policy: ..."), EntityTooLarge,
 * EntityTooSmall, MalformedPOSTRequest, InvalidPolicyDocument, SignatureDoesNotMatch and those of `verifyRequest`. With a replay
 * guard a policy is good for one upload.
 *
 * @example
 * ```ts
 * import { verifyPost } from "aws-refresh-session/signing";
 *
 * async function uploaded(form: FormData): Promise<string> {
 *   const { key } = await verifyPost(form, {
 *     bucket: "photos",
 *     region: "eu-west-1",
 *     fileSize: (form.get("file") as File).size,
 *     getCredentials: ({ accessKeyId }) => (accessKeyId === "AKIDEXAMPLE" ? { secretAccessKey: "..." } : undefined),
 *   });
 *   return key;
 * }
 * ```
 */
export async function verifyPost(fields: PostFields, options: VerifyPostOptions): Promise<VerifiedPost> {
  const {
    service = "s3",
    region,
    bucket,
    fileSize,
    maxSkew = MAX_SKEW,
    clock = systemClock,
  } = checkedPostOptions(options);
  const form = formOf(fields);
  const field = (name: string): string => {
    const value = form.get(name);
    if (value !== undefined && value !== "") return value;
    throw refusal("InvalidArgument", `Bucket POST must contain a field named '${name}'.`);
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form has it so, literally
  const key = field("key").replaceAll("${filename}", () => baseName(options.fileName));
  form.set("key", key);
  if (form.get("x-amz-algorithm") !== "AWS4-HMAC-SHA256") {
    throw refusal(
      "InvalidRequest",
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    );
  }
  const [policyText, credential, date] = [field("policy"), field("x-amz-credential"), field("x-amz-date")];
  const signature = field("x-amz-signature");
  const policy = readPolicy(policyText);
  const [accessKeyId, scope] = scopeOf(credential);
  const sessionToken = form.get("x-amz-security-token");
  const stored = await lookedUp(options, { accessKeyId, sessionToken, scope });
  const now = clock();
  const signedAt = instantOf(date);
  const expiresAt = Math.min(policy.expiration, signedAt + MAX_AGE_MS);
  const proved = called(() =>
    native.verifyPolicy(
      policyText,
      credential,
      date,
      signature,
      sessionToken ?? null,
      service,
      region,
      stored.secretAccessKey,
      stored.sessionToken ?? null,
      now,
      maxSkew * 1000,
      expiresAt,
    ),
  );
  checkExpiration(stored, now);
  if (!(now < expiresAt)) throw refusal("AccessDenied", "Invalid according to Policy: Policy expired.");
  // S3 takes the bucket for a field like any other, whether the form has it or not.
  if (form.has("bucket") && form.get("bucket") !== bucket) {
    throw refusal("MalformedPOSTRequest", "The field 'bucket' is not the bucket that the form was sent to.");
  }
  checkFields(policy, new Map([...form, ["bucket", bucket]]));
  const contentLengthRange = lengthRangeOf(policy);
  if (fileSize !== undefined) checkLength(contentLengthRange, fileSize);
  admit(options.replay, proved, now);
  const verified: Omit<VerifiedPost, "bodyVerifier"> = {
    accessKeyId,
    principal: stored.principal,
    scope,
    key,
    fields: form,
    signedAt: new Date(signedAt),
    expiresAt: new Date(expiresAt),
    contentLengthRange,
  };
  const bodyVerifier = () => counting(contentLengthRange);
  return Object.defineProperty(verified as VerifiedPost, "bodyVerifier", { value: bodyVerifier });
}

/** The fields by lower-case names, without the file. */
function formOf(fields: PostFields): Map<string, string> {
  if (typeof fields !== "object" || fields === null) {
    throw new BRSValidationError(`"fields" must be pairs, a FormData or an object, found ${masked(fields)}`, {
      param: "fields",
    });
  }
  const malformed = (why: string) =>
    refusal("MalformedPOSTRequest", `The body of your POST request is not well-formed multipart/form-data: ${why}.`);
  const form = new Map<string, string>();
  let size = 0;
  let hasFile = false;
  for (const [name, value] of Symbol.iterator in fields ? fields : Object.entries(fields)) {
    if (hasFile) throw malformed("fields follow the file");
    // What S3 reads and what another reader of the same form reads must be one thing. In lower case the sign of kelvin is a "k".
    if (!/^[\x21-\x7e]+$/.test(String(name))) throw malformed("the name of a field is not printable");
    const lower = String(name).toLowerCase();
    if (lower === "file") {
      hasFile = true;
      continue;
    }
    if (typeof value !== "string") throw malformed(`the field '${lower}' is no text`);
    if (form.has(lower)) throw malformed(`the field '${lower}' is there twice`);
    form.set(lower, value);
    size += lower.length + Buffer.byteLength(value);
  }
  if (size > MAX_FIELD_BYTES) {
    throw refusal(
      "MaxPostPreDataLengthExceededError",
      "Your POST request fields preceding the upload file were too large.",
    );
  }
  return form;
}

/** The last part of a file's name: a browser may send the whole path, and a client may send anything. */
const baseName = (name = ""): string => name.split(/[/\\]/).at(-1) ?? "";

function scopeOf(credential: string): [accessKeyId: string, scope: CredentialScope] {
  const parts = credential.split("/");
  const [date = "", region = "", service = ""] = parts.slice(-4);
  return [parts.slice(0, -4).join("/"), { date, region, service }];
}

/** The instant of `20150830T123600Z`; the core refuses what is none. */
function instantOf(date: string): number {
  const instant = millisOfAmzDate(date);
  if (!Number.isFinite(instant)) {
    throw refusal("AuthorizationQueryParametersError", "X-Amz-Date must be in the form YYYYMMDDTHHMMSSZ.");
  }
  return instant;
}

function counting(range: LengthRange | undefined): Transform {
  let size = 0;
  const failure = (check: () => void): Error | null => {
    try {
      check();
      return null;
    } catch (error) {
      return error as Error;
    }
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      // Too short it may be until its end.
      const error = failure(() => checkLength(range && { ...range, minimum: 0 }, size));
      if (error === null) done(null, chunk);
      else done(error);
    },
    flush: (done) => done(failure(() => checkLength(range, size))),
  });
}

function checkedPostOptions(options: VerifyPostOptions): VerifyPostOptions {
  checkVerifier(options, NAMES, "verifyPost");
  const { bucket, service, fileSize, fileName } = options;
  if (typeof bucket !== "string" || bucket === "") refuseOption("bucket", "the name of a bucket", bucket);
  if (service !== undefined && (typeof service !== "string" || service === ""))
    refuseOption("service", "the name of a service", service);
  checkWhole("fileSize", fileSize, 0, Number.MAX_SAFE_INTEGER);
  if (fileName !== undefined && typeof fileName !== "string") refuseOption("fileName", "a text", fileName);
  return options;
}
