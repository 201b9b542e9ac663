/** The ways in which a client of the SDK comes to sign: by itself, and with this package. */
import { NativeSigV4Signer, SignatureV4, withNativeSigning } from "aws-refresh-session/aws-sdk";

export interface SigningWay {
  readonly name: string;
  /** Makes a client; the options it is given go to the constructor of the client. */
  client<Client>(make: (options: object) => Client): Client;
}

export const STOCK: SigningWay = { name: "the stock signer", client: (make) => make({}) };

export const OURS: readonly SigningWay[] = [
  { name: "signerConstructor", client: (make) => make({ signerConstructor: SignatureV4 }) },
  { name: "withNativeSigning", client: (make) => withNativeSigning(make({})) },
  { name: "httpAuthSchemes", client: (make) => make({ httpAuthSchemes: ourSchemes(make({})) }) },
];

/** The schemes that a client has by itself, with our signer for SigV4. */
function ourSchemes(client: unknown): object[] {
  const { config } = client as { config: { httpAuthSchemes: { schemeId: string }[] } };
  const signer = new NativeSigV4Signer();
  return config.httpAuthSchemes.map((scheme) =>
    scheme.schemeId === "aws.auth#sigv4" ? { ...scheme, signer } : scheme,
  );
}
