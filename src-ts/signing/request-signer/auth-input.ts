/** What every way of signing is given, and the parts that they share. */
import { SigningError } from "../../errors.js";
import type { PreparedRequest, PreparedSignature, SigningScope, Triple } from "../prepared.js";
import type { AuthSettings } from "./auth-types.js";
import type { AwsHeaders } from "./aws-headers.js";
import type { AwsRequest } from "./aws-request.js";
import type { Payload } from "./payload-rule.js";
import { hostOf } from "./url-parts.js";

/** Makes a signature; explaining one is the same with another function here. */
export type Sign = (triple: Triple, scope: SigningScope, dateMs: number, request: PreparedRequest) => PreparedSignature;

export interface AuthInput {
  readonly request: AwsRequest;
  readonly settings: AuthSettings;
  readonly triple: Triple;
  /** The region set, separated by commas, for sigv4a. */
  readonly region: string;
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `20150830T123600Z`, the same instant. */
  readonly timestamp: string;
  readonly expiresIn: number | string;
  readonly payload: Payload;
  readonly sign: Sign;
}

/** `AKID/20150830/eu-west-1/sqs/aws4_request`; SigV4a's has no region. */
export function credentialOf({ settings, triple, timestamp, region, service }: AuthInput): string {
  const scope = settings.algorithm === "sigv4a" ? [service] : [region, service];
  return [triple.accessKeyId, timestamp.slice(0, 8), ...scope, "aws4_request"].join("/");
}

/** The headers of a request as they are signed: with the host, whether or not it is among them. */
export function headersToSign({ headers, url }: AwsRequest): Array<readonly [string, string]> {
  const pairs = [...headers];
  if (!headers.has("host")) pairs.push(["host", hostOf(url)]);
  return pairs;
}

/** Removes every header of a name and adds this one at the end. */
export function replaceHeader(headers: AwsHeaders, name: string, value: string): void {
  headers.delete(name);
  headers.add(name, value);
}

/** The token that S3 Express gave with its credentials; a signature without it is refused by every server. */
export function expressToken({ triple }: AuthInput): string {
  if (triple.sessionToken !== undefined) return triple.sessionToken;
  throw new SigningError(
    "the credentials of the bucket have no session token: S3 Express signs with what CreateSession gave, not with those of a user",
    { code: "ERR_SIGN_REQUEST", param: "context.signing.identityCache" },
  );
}
