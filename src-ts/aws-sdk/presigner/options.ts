/** What a caller says about presigning, in the AWS SDK's words, and how it is checked. */
import { validExpiresIn } from "../../signing/presigning/validity.js";
import type { HeaderNames, SdkPresigningOptions } from "../sdk-types.js";
import { DEFAULT_EXPIRES_IN } from "./sign-request.js";

/** Names of the options of `getSignedUrl`. */
export const OPTION_NAMES = [
  "expiresIn",
  "signingDate",
  "signingRegion",
  "signingService",
  "unhoistableHeaders",
  "hoistableHeaders",
  "unsignableHeaders",
  "signableHeaders",
] as const satisfies readonly (keyof SdkPresigningOptions)[];

/**
 * Seconds until the URL ends: 900, and as in the SDK 3600 where undefined was given in so many words.
 *
 * @throws SigningError unless it is 1 to 604 800
 */
export function lifetimeOf(options: SdkPresigningOptions): number {
  const { expiresIn } = options;
  if (expiresIn === undefined) return "expiresIn" in options ? 3600 : DEFAULT_EXPIRES_IN;
  return validExpiresIn(expiresIn);
}

/** The names that decide which headers move and which are signed, as one text; undefined where they cannot be listed. */
export function hoistingOf({
  unhoistableHeaders,
  hoistableHeaders,
  unsignableHeaders,
  signableHeaders,
}: SdkPresigningOptions): string | undefined {
  // What this admits could be a header that the client writes anew for each call.
  if (signableHeaders !== undefined) return undefined;
  if (unhoistableHeaders === undefined && hoistableHeaders === undefined && unsignableHeaders === undefined) return "";
  const lists = [unhoistableHeaders, hoistableHeaders, unsignableHeaders].map(listed);
  return lists.includes(undefined) ? undefined : lists.join("|");
}

function listed(names: HeaderNames | undefined): string | undefined {
  if (names === undefined) return "";
  return names instanceof Set ? [...names].sort().join() : undefined;
}
