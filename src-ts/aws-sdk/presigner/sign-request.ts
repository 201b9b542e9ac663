/** Presigns a request that the client has made, whatever is in it: the way that is always right. */

import type { SdkCredentials, SdkPresigningOptions } from "../sdk-types.js";
import { SignatureV4 } from "../signature-v4.js";
import { type ClientRequest, prepareForS3 } from "./client-request.js";
import type { ClientConfig } from "./sdk-client.js";
import { urlOf } from "./url-text.js";

/** Seconds, where the caller says nothing. */
export const DEFAULT_EXPIRES_IN = 900;

/** The presigned URL of a request. */
export async function signRequest(
  made: ClientRequest,
  options: SdkPresigningOptions,
  config: ClientConfig,
  credentials: SdkCredentials,
): Promise<string> {
  const { request, service, region, expressIdentity } = made;
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
    region: typeof config.endpointProvider === "function" ? "" : (config.region ?? ""),
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
