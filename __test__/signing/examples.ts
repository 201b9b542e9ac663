/** What the tests of signing share: the keys and the instant of AWS's own examples, and how signatures are read. */
import { Signer, type SignerOptions } from "aws-refresh-session/signing";

export const KEYS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
} as const;
/** Base64 with all its odd characters, as STS gives them. */
export const TOKEN = `AQoDYXdzEPT//${"wEXAMPLEtc764bNrC9SAPBSM22+".repeat(12)}9t/Lz4==`;
export const SESSION_KEYS = { ...KEYS, sessionToken: TOKEN };

export const NOW = Date.UTC(2015, 7, 30, 12, 36);
export const DATE = new Date(NOW);
export const AT = { signingDate: DATE };
export const clock = () => NOW;

/** A signer for "service" in us-east-1 whose clock stands still. */
export const signerWith = (options: Partial<SignerOptions> = {}): Signer =>
  new Signer({ service: "service", region: "us-east-1", credentials: KEYS, clock, ...options });

/** The value of one field of `authorization`, or of one parameter of a presigned URL. */
export function field(signed: string | undefined, name: string): string {
  const found = new RegExp(`${name}=([^,&\\s]+)`).exec(signed ?? "")?.[1];
  if (found === undefined) throw new Error(`no ${name} in ${signed}`);
  return found;
}

export const signatureOf = (signed: string | undefined): string => field(signed, "Signature");
export const signedHeadersOf = (signed: string | undefined): string[] => field(signed, "SignedHeaders").split(";");

/** The parts of a URL as they are written: origin, path, query without `?`; the fragment is dropped. */
export function partsOf(url: string): { origin: string; path: string; query: string } {
  const [, origin = "", path = "", query = ""] = /^([a-z]+:\/\/[^/?#]*)([^?#]*)\??([^#]*)/is.exec(url) ?? [];
  return { origin, path, query };
}

/** The parameters of a query as they are written, as a sorted list. */
export const pairsOf = (query: string): string[] => query.split("&").filter(Boolean).sort();
