/** One way of signing with everything but the request: what `RequestSigner` signs with, and users who want no events. */
import type { Clock } from "../../defaults.js";
import { SigningError, shown } from "../../errors.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { amzDate, millisFrom } from "../amz-date.js";
import { currentTriple, signPrepared } from "../prepared.js";
import { type AuthInput, headersToSign, type Sign } from "./auth-input.js";
import type { AuthSettings } from "./auth-types.js";
import type { AwsRequest } from "./aws-request.js";
import type { BearerToken } from "./bearer.js";
import { resolvePayload } from "./payload-rule.js";
import { signAsymmetricHeaders, signAsymmetricQuery } from "./sign-asymmetric.js";
import { signHeaders } from "./sign-headers.js";
import { signPost } from "./sign-post.js";
import { signQuery } from "./sign-query.js";

/** Signs requests by one signature version. */
export interface AuthInstance {
  readonly signatureVersion: string;
  /** Signs a request in place. An earlier signature in its headers is replaced. */
  addAuth(request: AwsRequest): Promise<void>;
}

/** Who signs and what for. */
export interface SigV4Options {
  readonly settings: AuthSettings;
  readonly credentials: RefreshableCredentials;
  readonly region: string;
  readonly service: string;
  readonly expiresIn: number | string | undefined;
  readonly clock: Clock | undefined;
}

const WAYS: Readonly<
  Record<AuthSettings["algorithm"], Readonly<Record<AuthSettings["form"], (input: AuthInput) => void>>>
> = {
  sigv4: { headers: signHeaders, query: signQuery, post: signPost },
  // There is no POST policy in SigV4a.
  sigv4a: { headers: signAsymmetricHeaders, query: signAsymmetricQuery, post: signPost },
};

/** Signs with Signature Version 4 or 4A. The request is changed when everything that has to be awaited is there, at once. */
export async function signVersion4(
  request: AwsRequest,
  options: SigV4Options,
  sign: Sign = signPrepared,
): Promise<void> {
  const { settings, credentials, expiresIn, clock } = options;
  const region = scopePart(options.region, "region");
  if (settings.algorithm === "sigv4a") assertRegionSet(region);
  const service = scopePart(options.service, "signingName");
  if (expiresIn !== undefined && settings.form !== "query") {
    throw new SigningError(
      `"expiresIn" is for presigned URLs; a ${settings.form === "post" ? "policy" : "header"} has none`,
      {
        code: "ERR_SIGN_EXPIRES",
        param: "expiresIn",
      },
    );
  }
  // Before anything is changed: a request that is refused stays as it was.
  headersToSign(request);
  const payload = await resolvePayload(request, settings);
  const triple = await currentTriple(credentials);
  const now = clock === undefined ? triple.now : millisFrom(clock);
  WAYS[settings.algorithm][settings.form]({
    request,
    settings,
    triple,
    region,
    service,
    now,
    timestamp: amzDate(now),
    expiresIn: checkedExpiry(expiresIn, settings),
    payload,
    sign,
  });
}

/** A bearer token, or nothing at all. */
export function tokenInstance(signatureVersion: string, token: BearerToken, now: () => number): AuthInstance {
  return { signatureVersion, addAuth: (request) => token.authorize(request, now) };
}

function assertRegionSet(region: string): void {
  if (region.split(",").every((each) => each !== "")) return;
  throw new SigningError(
    `"region" must be a set of regions such as "us-east-1,eu-*" or "*" for sigv4a, found ${shown(region)}`,
    { code: "ERR_SIGN_SCOPE", param: "region", value: region },
  );
}

function scopePart(value: unknown, param: string): string {
  if (typeof value === "string" && /^[!-~]+$/.test(value)) return value;
  throw new SigningError(`"${param}" must be text without spaces, found ${shown(value)}`, {
    code: "ERR_SIGN_SCOPE",
    param,
    value,
  });
}

/** botocore looks at no number of seconds; what a service makes of -5 is between it and the caller. */
function checkedExpiry(
  expiresIn: number | string | undefined,
  { algorithm, defaultExpires }: AuthSettings,
): number | string {
  if (expiresIn === undefined) return defaultExpires;
  const isNumber = typeof expiresIn === "number" && Number.isFinite(expiresIn);
  // The CRT, which alone has SigV4a, counts in whole seconds from 1 on.
  if (
    algorithm === "sigv4a"
      ? Number.isSafeInteger(expiresIn) && Number(expiresIn) > 0
      : isNumber || typeof expiresIn === "string"
  ) {
    return expiresIn;
  }
  throw new SigningError(`"expiresIn" must be a number of seconds, found ${shown(expiresIn)}`, {
    code: "ERR_SIGN_EXPIRES",
    param: "expiresIn",
    value: expiresIn,
  });
}
