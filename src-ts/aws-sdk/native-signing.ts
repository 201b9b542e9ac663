/** Makes a client of the AWS SDK for JavaScript v3 that exists already sign natively. */
import { BRSConfigurationError, shown } from "../errors.js";
import { NativeSigV4aSigner, NativeSigV4Signer } from "./native-sigv4-signer.js";
import type { SdkAuthScheme, SdkCredentials, SdkHttpAuthScheme, SdkSigningConfig } from "./sdk-types.js";
import { SignatureV4 } from "./signature-v4.js";
import { settleScope } from "./signing-place.js";

/** The SDK's identifiers of what is signed with SigV4, and the signers of ours. */
const SIGNERS: ReadonlyMap<string, typeof NativeSigV4Signer> = new Map([
  ["aws.auth#sigv4", NativeSigV4Signer],
  ["aws.auth#sigv4a", NativeSigV4aSigner],
]);

type SignerFunction = (authScheme?: SdkAuthScheme) => Promise<SignatureV4>;

/** What is replaced in a client's configuration. */
interface Installable extends SdkSigningConfig {
  httpAuthSchemes: readonly SdkHttpAuthScheme[];
  signer?: SignerFunction;
  signerConstructor?: unknown;
  eventSigner?: SignerFunction;
  messageSigner?: SignerFunction;
  /** Takes the messages' signer over when the client is made. */
  readonly eventStreamPayloadHandler?: { messageSigner?: SignerFunction };
}

/**
 * Makes a client sign natively, and gives it back: requests with SigV4 and SigV4a (multi-region access points need no other
 * package then), S3 Express sessions, and the events and messages of streams. Clients of any service, the bare-bones and the
 * document client; requests under way end with the signer they began with. A second call changes nothing.
 *
 * Requests are signed with the identity that the client resolved: one call of the credential provider for each request that is
 * sent, where the SDK makes two. A `signer` or `signerConstructor` that the client was made with is replaced; other auth schemes
 * (bearer tokens, none) stay, and so does the client's way of keeping its clock.
 *
 * @throws BRSConfigurationError for what is no such client, or a client that never signs with SigV4
 *
 * @example
 * ```ts
 * import { withNativeSigning } from "aws-refresh-session/aws-sdk";
 * import { S3Client } from "@aws-sdk/client-s3";
 *
 * const s3 = withNativeSigning(new S3Client({ region: "eu-west-1" }));
 * ```
 */
export function withNativeSigning<C>(client: C): C {
  const config = installable(client);
  if (config.httpAuthSchemes.some(({ signer }) => signer instanceof NativeSigV4Signer)) return client;
  // A list of its own: clients that were made with one list share it.
  config.httpAuthSchemes = config.httpAuthSchemes.map((scheme) => {
    const Signer = SIGNERS.get(scheme.schemeId);
    return Signer === undefined ? scheme : { ...scheme, signer: new Signer(scheme.signer) };
  });
  const signer: SignerFunction = async (authScheme) => {
    await settleScope(config, authScheme);
    return new SignatureV4({
      service: config.signingName as string,
      region: config.signingRegion as string,
      credentials: config.credentials as SdkCredentials,
      uriEscapePath: config.signingEscapePath,
    });
  };
  config.signer = signer;
  config.signerConstructor = SignatureV4;
  if (config.eventSigner !== undefined) config.eventSigner = signer;
  if (config.messageSigner !== undefined) config.messageSigner = signer;
  if (config.eventStreamPayloadHandler?.messageSigner !== undefined) {
    config.eventStreamPayloadHandler.messageSigner = signer;
  }
  return client;
}

/** Whether `withNativeSigning` takes a client: one of the SDK that signs with SigV4. */
export function signsNatively(client: unknown): boolean {
  return schemeIds(client)?.some((id) => SIGNERS.has(id)) === true;
}

/** Undefined for what has no auth schemes, and so is no client of a service. */
function schemeIds(client: unknown): string[] | undefined {
  const schemes: unknown = Object(Object(client).config).httpAuthSchemes;
  return Array.isArray(schemes) ? schemes.map((scheme) => Object(scheme).schemeId) : undefined;
}

function installable(client: unknown): Installable {
  const { config } = Object(client) as { config?: Installable };
  const ids = schemeIds(client);
  if (ids === undefined) {
    const has = typeof config === "object" && config !== null ? "a config without httpAuthSchemes" : "no config";
    throw refused(`${described(client)} with ${has}`);
  }
  if (!signsNatively(client)) {
    throw refused(`${described(client)} whose auth schemes are ${ids.map(shown).join(", ") || "none"}`);
  }
  return config as Installable;
}

/** By its class: a client shows its whole configuration. */
function described(client: unknown): string {
  if (typeof client === "function") return `the class or function ${shown(client.name)}`;
  if (typeof client !== "object" || client === null) return shown(client);
  return `an object of class ${shown(Object(client).constructor?.name)}`;
}

function refused(found: string): BRSConfigurationError {
  return new BRSConfigurationError(
    `withNativeSigning() takes a client of the AWS SDK for JavaScript v3 that signs with SigV4, such as new S3Client(), found ${found}`,
    { param: "client" },
  );
}
