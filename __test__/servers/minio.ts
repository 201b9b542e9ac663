/** MinIO, an S3 server with its own reading of the signature rules: how it is started and its one account. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ServerProgram } from "./server-process.js";

export const REGION = "us-east-1";
export const ACCOUNT = {
  accessKeyId: "AKIAROOTROOTROOTROOT",
  secretAccessKey: "rootsecretrootsecretrootsecretroot1234",
};

export const minio: ServerProgram = {
  name: "MinIO",
  program: process.platform === "win32" ? "bin/minio.exe" : "bin/minio",
  // Unlike "live" and "ready" it says 200 no sooner than requests are served.
  healthPath: "/minio/health/cluster",
  args: (port, folder) => {
    const data = join(folder, "data");
    mkdirSync(data, { recursive: true });
    return ["server", "--quiet", "--address", `127.0.0.1:${port}`, "--certs-dir", join(folder, "certs"), data];
  },
  env: () => ({
    MINIO_ROOT_USER: ACCOUNT.accessKeyId,
    MINIO_ROOT_PASSWORD: ACCOUNT.secretAccessKey,
    // Without a region of its own MinIO takes a signature for any region.
    MINIO_SITE_REGION: REGION,
    // No console, which would listen on every interface, and no question to the internet for a newer version.
    MINIO_BROWSER: "off",
    MINIO_UPDATE: "off",
  }),
};
