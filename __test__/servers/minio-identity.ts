/** MinIO as a server of identities: over TLS, with web identity by an OpenID Connect issuer and credentials for certificates. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificates } from "../support/certificates.js";
import type { OidcIssuer } from "../support/oidc-issuer.js";
import { minio } from "./minio.js";
import type { ServerProgram } from "./server-program.js";

export interface Identities {
  readonly certificates: Certificates;
  readonly issuer: OidcIssuer;
}

export const minioWithIdentities = ({ certificates: { ca, server }, issuer }: Identities): ServerProgram => ({
  ...minio,
  ca: ca.cert,
  args: (port, folder) => {
    const authorities = join(folder, "certs", "CAs");
    mkdirSync(authorities, { recursive: true });
    writeFileSync(join(folder, "certs", "public.crt"), server.cert);
    writeFileSync(join(folder, "certs", "private.key"), server.key, { mode: 0o600 });
    // Client certificates are judged by it.
    writeFileSync(join(authorities, "ca.crt"), ca.cert);
    return minio.args(port, folder);
  },
  env: (port, folder) => ({
    ...minio.env(port, folder),
    MINIO_IDENTITY_TLS_ENABLE: "on",
    MINIO_IDENTITY_OPENID_CONFIG_URL: issuer.configurationUrl,
    MINIO_IDENTITY_OPENID_CLIENT_ID: "app",
    MINIO_IDENTITY_OPENID_CLIENT_SECRET: "unused",
    // The claim of a token that names policies of MinIO's; a common name of a certificate names one, too.
    MINIO_IDENTITY_OPENID_CLAIM_NAME: "policy",
  }),
});
