/** Where and when one signature is made: the triple, the scope and the date, and the texts that tell them. */
import { SigningError, shown } from "../errors.js";
import { amzDate } from "../signing/amz-date.js";
import type { SigningScope, Triple } from "../signing/prepared.js";
import type { SdkSigningOptions } from "./sdk-types.js";
import { signingMillis } from "./signing-date.js";

export interface Occasion {
  readonly triple: Triple;
  readonly scope: SigningScope;
  /** Milliseconds since the epoch. */
  readonly millis: number;
  /** `20150830T123600Z`. */
  readonly date: string;
  /** `AWS4-HMAC-SHA256`. */
  readonly algorithm: string;
  /** `20150830/us-east-1/s3/aws4_request`. */
  readonly credentialScope: string;
}

/** Nothing may be awaited between this and the signature; see `tripleOf`. */
export function occasionOf(
  triple: Triple,
  place: { readonly region: string; readonly service: string; readonly escapesPath: boolean },
  { signingDate }: SdkSigningOptions,
): Occasion {
  const { region, service, escapesPath } = place;
  const millis = signingMillis(signingDate, triple.now);
  const date = amzDate(millis);
  const scope = {
    region: named("region", region),
    service: named("service", service),
    dialect: "smithy",
    doubleEncodePath: escapesPath,
    normalizePath: escapesPath,
  } as const;
  const credentialScope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  return { triple, scope, millis, date, algorithm: "AWS4-HMAC-SHA256", credentialScope };
}

/** The same occasion for a signature that is good in a set of regions: SigV4a. */
export function inRegionSet(occasion: Occasion): Occasion {
  const { scope, date } = occasion;
  return {
    ...occasion,
    scope: { ...scope, algorithm: "sigv4a" },
    algorithm: "AWS4-ECDSA-P256-SHA256",
    credentialScope: `${date.slice(0, 8)}/${scope.service}/aws4_request`,
  };
}

function named(param: "region" | "service", value: unknown): string {
  if (typeof value === "string" && !value.includes("\n")) return value;
  const option = param === "region" ? "signingRegion" : "signingService";
  throw new SigningError(`"${param}" must be a name, found ${shown(value)}: give it, or "${option}" in the call`, {
    code: "ERR_SIGN_SCOPE",
    param,
  });
}
