/** Presigns a request that the client has made, whatever is in it: the way that is always right. */

import { SigningError } from "../../errors.js";
import type { SdkCredentials, SdkPresigningOptions } from "../sdk-types.js";
import { SignatureV4 } from "../signature-v4.js";
import { type ClientRequest, prepareForS3 } from "./client-request.js";
import type { ClientConfig } from "./sdk-client.js";
import { urlOf } from "./url-text.js";

/** Seconds, where the caller says nothing. */
export const DEFAULT_EXPIRES_IN = 900;

/**
 * The presigned URL of a request.
 *
 * @throws SigningError (ERR_SIGN_SCOPE) for clients of services whose endpoints name no region
 */
export async function signRequest(
  made: ClientRequest,
  options: SdkPresigningOptions,
  config: ClientConfig,
  credentials: SdkCredentials,
): Promise<string> {
  const { request, service, region, expressIdentity } = made;
  const hasRules = typeof config.endpointProvider === "function";
  if (hasRules && region === undefined && options.signingRegion === undefined) {
    throw new SigningError(
      'the endpoint of this client names no region to sign for, as those of S3 do: give "signingRegion" and "signingService"',
      { code: "ERR_SIGN_SCOPE", param: "signingRegion" },
    );
  }
  const hoisting = prepareForS3(request, options);
  const { hoistableHeaders: _, ...rest } = options;
  const signing = {
    expiresIn: DEFAULT_EXPIRES_IN,
    ...rest,
    ...hoisting,
    signingRegion: options.signingRegion ?? region,
    signingService: options.signingService ?? service,
  };
  const signer = new SignatureV4({
    service,
    // Without endpoint rules the client's own region counts.
    region: hasRules ? "" : (config.region ?? ""),
    credentials,
    uriEscapePath: false,
    applyChecksum: false,
  });
  return urlOf(
    expressIdentity === undefined
      ? await signer.presign(request, signing)
      : await signer.presignWithCredentials(request, expressIdentity, signing),
  );
}
