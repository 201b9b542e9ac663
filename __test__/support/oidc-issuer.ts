/** An OpenID Connect issuer on loopback, as far as relying parties need one: discovery, its keys, and RS256 tokens. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

export interface TokenClaims {
  readonly subject?: string;
  /** Default "app". */
  readonly audience?: string;
  /** Seconds from now until the token ends; negative for one that has ended. Default 60. */
  readonly lifetime?: number;
  /** Claims beyond the registered ones. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Signed with a key that the issuer does not publish, or not at all. */
  readonly signature?: "rogue" | "none";
}

export interface OidcIssuer {
  readonly url: string;
  readonly configurationUrl: string;
  /** Makes a token; every one is another. */
  token(claims?: TokenClaims): string;
  close(): Promise<void>;
}

const makeKeys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Starts it on a free port. */
export async function startOidcIssuer(): Promise<OidcIssuer> {
  const keys = makeKeys();
  const rogue = makeKeys();
  const jwk = { ...keys.publicKey.export({ format: "jwk" }), kid: "key-1", use: "sig", alg: "RS256" };
  let url = "";
  const documents: Readonly<Record<string, () => object>> = {
    "/.well-known/openid-configuration": () => ({
      issuer: url,
      jwks_uri: `${url}/jwks`,
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid"],
      claims_supported: ["sub", "aud", "exp"],
    }),
    "/jwks": () => ({ keys: [jwk] }),
  };
  const server = http.createServer(({ url: path = "" }, answer) => {
    const document = documents[path];
    if (document === undefined) answer.writeHead(404).end();
    else answer.setHeader("content-type", "application/json").end(JSON.stringify(document()));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    configurationUrl: `${url}/.well-known/openid-configuration`,
    token: ({ subject = "tester", audience = "app", lifetime = 60, signature, more } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const header = { alg: signature === "none" ? "none" : "RS256", typ: "JWT", kid: jwk.kid };
      const claims = { ...more, iss: url, sub: subject, aud: audience, azp: audience, jti: randomUUID() };
      const times = { iat: now + Math.min(0, lifetime) - 1, nbf: now + Math.min(0, lifetime) - 1, exp: now + lifetime };
      const signed = `${encode(header)}.${encode({ ...claims, ...times })}`;
      const withKey = (key: KeyObject) => sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url");
      if (signature === "none") return `${signed}.`;
      return `${signed}.${withKey(signature === "rogue" ? rogue.privateKey : keys.privateKey)}`;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
