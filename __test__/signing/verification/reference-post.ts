/** Signed POST policies written a second time, from the S3 API reference, so that each part can be made wrong by itself. */
import { createHmac } from "node:crypto";
import { type VerifyPostOptions, verifyPost } from "aws-refresh-session/signing";
import { clock, KEYS } from "../examples.js";
import { AMZ_DATE } from "../reference.js";

export type Field = readonly [name: string, value: string];

export interface Form {
  readonly expiration: string;
  readonly conditions: readonly unknown[];
  readonly fields: readonly Field[];
  readonly credential: string;
  readonly date: string;
}

const hmac = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
const scope = (service: string, day = "20150830") => `${KEYS.accessKeyId}/${day}/us-east-1/${service}/aws4_request`;

/** The right signature of a policy under what the credential says. */
export function policySignature(policy: string, credential: string): string {
  const [, day = "", ...rest] = credential.split("/");
  const key = rest.reduce<Uint8Array>(hmac, hmac(`AWS4${KEYS.secretAccessKey}`, day));
  return hmac(key, policy).toString("hex");
}

/** A form with the right signature for whatever it says. */
export function formOf(change: Partial<Form> = {}): Field[] {
  const credential = change.credential ?? scope("s3");
  const date = change.date ?? AMZ_DATE;
  const fields: readonly Field[] = change.fields ?? [["key", "user/photo.png"]];
  const conditions = change.conditions ?? [{ bucket: "photos" }, ["starts-with", "$key", "user/"]];
  const common: Field[] = [
    ["x-amz-algorithm", "AWS4-HMAC-SHA256"],
    ["x-amz-credential", credential],
    ["x-amz-date", date],
  ];
  const document = {
    expiration: change.expiration ?? "2015-08-30T13:00:00.000Z",
    conditions: [...conditions, ...common.map(([name, value]) => ({ [name]: value }))],
  };
  const policy = Buffer.from(JSON.stringify(document)).toString("base64");
  return [...fields, ...common, ["policy", policy], ["x-amz-signature", policySignature(policy, credential)]];
}

export const post = (fields: Parameters<typeof verifyPost>[0], change: Partial<VerifyPostOptions> = {}) =>
  verifyPost(fields, { bucket: "photos", region: "us-east-1", clock, getCredentials: () => KEYS, ...change });
