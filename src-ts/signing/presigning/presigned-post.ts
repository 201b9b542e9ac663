/** Presigned POSTs: the URL and the fields of an HTML form with which anybody may upload one object to S3, as a policy allows. */
import { SigningError, shown } from "../../errors.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { amzDate } from "../amz-date.js";
import { checkNames } from "../option-names.js";
import { currentTriple, signText } from "../prepared.js";
import type { SignerOptions } from "../signer-options.js";
import { bucketUrl } from "./bucket-url.js";
import { checkWellFormed } from "./options.js";
import { checkConditions, checkFields, encodePolicy, keyCondition, type PostCondition } from "./post-policy.js";
import { ensureValidity, validExpiresIn } from "./validity.js";

/**
 * What a presigned POST is for.
 *
 * @example
 * ```ts
 * import { Signer } from "aws-refresh-session/signing";
 *
 * const signer = new Signer({
 *   service: "s3",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 * });
 * const { url, fields } = await signer.createPresignedPost({
 *   bucket: "uploads",
 *   key: "avatars/17.png",
 *   fields: { "Content-Type": "image/png" },
 *   conditions: [["content-length-range", 1, 1_000_000]],
 *   expiresIn: 600,
 * });
 * const form = new FormData();
 * for (const [name, value] of Object.entries(fields)) form.append(name, value);
 * // form.append("file", file);
 * // await fetch(url, { method: "POST", body: form });
 * ```
 */
export interface PresignedPostOptions {
  bucket: string;
  /** Key of the object. From a `${filename}` in it on it is free: the form's user chooses what comes after the text before it. */
  key: string;
  /** Fields that the form must send as they are, such as `acl` or `success_action_status`; each becomes a condition. */
  fields?: Readonly<Record<string, string>>;
  /** What the form must meet besides: values, beginnings of values, a size of the file. */
  conditions?: readonly PostCondition[];
  /** How long the form is to be valid: 1 to 604 800 whole seconds (seven days). */
  expiresIn: number;
  /** Seconds that the credentials must still be valid; if they are not, they are refreshed first. */
  minValidity?: number;
  /** Where S3 is, when it is not the region's own endpoint. */
  endpoint?: string | URL;
  /** Names the bucket in the path. A bucket with dots, or an endpoint that is an IP address, does so by itself. */
  forcePathStyle?: boolean;
}

export interface PresignedPost {
  /** Where the form is sent to. */
  url: string;
  /** All fields of the form but the file, which has to come last. They are a secret until they expire. */
  fields: Record<string, string>;
  /** When the form really ends: after `expiresIn`, or with the credentials if they expire before. */
  expiresAt: Date;
}

/** Who signs, for which region, and when. */
export interface PostSigner extends Pick<SignerOptions, "service" | "region" | "algorithm"> {
  readonly credentials: RefreshableCredentials;
  /** Milliseconds since the epoch. */
  now(): number;
}

const NAMES = ["bucket", "key", "fields", "conditions", "expiresIn", "minValidity", "endpoint", "forcePathStyle"];

/**
 * Signs a policy and gives the form that goes with it. Fields and policy are those of `@aws-sdk/s3-presigned-post`, byte for
 * byte, except where S3 would not do what was asked; docs/presigning.md tells where. Source: "Browser-based uploads using POST"
 * in the S3 API reference.
 *
 * Rejects with SigningError (ERR_SIGN_POLICY) that names the field or condition, BRSValidationError that names the option, or
 * the failure of a refresh.
 */
export async function createPresignedPost(options: PresignedPostOptions, signer: PostSigner): Promise<PresignedPost> {
  checkNames(options, "createPresignedPost", NAMES);
  const region = regionOf(signer);
  const { credentials } = signer;
  const { bucket, endpoint, forcePathStyle } = options;
  const key = checkWellFormed(options.key, "key", "an object key");
  const url = bucketUrl(bucket, { region, endpoint, forcePathStyle });
  const own = checkFields(options.fields);
  const conditions = checkConditions(options.conditions);
  const expiresIn = validExpiresIn(options.expiresIn);
  await ensureValidity(credentials, options.minValidity);
  const triple = await currentTriple(credentials);
  const now = signer.now();
  const date = amzDate(now);
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const signed: [string, string][] = [
    ...own,
    ["bucket", bucket],
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${triple.accessKeyId}/${scope}`],
    ["X-Amz-Date", date],
  ];
  if (triple.sessionToken !== undefined) signed.push(["X-Amz-Security-Token", triple.sessionToken]);
  // A policy knows no fractions of a second.
  const expiration = Math.floor(now / 1000 + expiresIn) * 1000;
  const policy = encodePolicy(expiration, [
    ...conditions,
    ...signed.map(([name, value]) => ({ [name]: value })),
    keyCondition(key),
  ]);
  const signature = signText(
    triple,
    { region, service: "s3", dialect: "aws", doubleEncodePath: false, normalizePath: false },
    now,
    policy,
  );
  return {
    url,
    fields: { ...Object.fromEntries(signed), key, Policy: policy, "X-Amz-Signature": signature },
    expiresAt: new Date(Math.min(expiration, triple.expirationMs)),
  };
}

/** The region of a signer that can sign a form at all. */
function regionOf({ service, region, algorithm }: PostSigner): string {
  if (service === "s3" && typeof region === "string" && algorithm !== "sigv4a") return region;
  const param = service === "s3" ? "algorithm" : "service";
  const found = service === "s3" ? algorithm : service;
  throw new SigningError(
    `a presigned POST is for S3 and one region: the signer's "${param}" must be "${service === "s3" ? "sigv4" : "s3"}", ` +
      `found ${shown(found)}`,
    { code: "ERR_SIGN_POLICY", param, value: found },
  );
}
