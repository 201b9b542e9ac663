/** VersityGW, the strictest of the S3 servers: how it is started and its one account. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ServerProgram } from "./server-program.js";

export const REGION = "us-east-1";
export const ACCOUNT = {
  accessKeyId: "AKIAROOTROOTROOTROOT",
  secretAccessKey: "rootsecretrootsecretrootsecretroot1234",
};

export const versityGw: ServerProgram = {
  name: "VersityGW",
  program: process.platform === "win32" ? "bin/versitygw.exe" : "bin/versitygw",
  healthPath: "/healthz",
  args: (port, folder) => {
    // Both have to be absolute: the server changes its working folder.
    const [data, users] = [join(folder, "data"), join(folder, "users")];
    for (const path of [data, users]) mkdirSync(path, { recursive: true });
    const listen = ["--health", "/healthz", "--port", `127.0.0.1:${port}`, "--quiet", "--region", REGION];
    const account = ["--access", ACCOUNT.accessKeyId, "--secret", ACCOUNT.secretAccessKey, "--iam-dir", users];
    return [...listen, ...account, "posix", data];
  },
  env: () => ({}),
};

/** VersityGW's IAM and STS, which speak the query protocol on any path and verify as services other than S3 do. */
export const versityIam: ServerProgram = {
  name: "VersityGW-IAM",
  program: versityGw.program,
  healthPath: "/healthz",
  args: (port, folder) => {
    const users = join(folder, "users");
    mkdirSync(users, { recursive: true });
    const listen = ["--health", "/healthz", "--port", `127.0.0.1:${port}`, "--region", REGION];
    const account = ["--access", ACCOUNT.accessKeyId, "--secret", ACCOUNT.secretAccessKey];
    return [...listen, ...account, "iam", "--dir", users, "--quiet"];
  },
  env: () => ({}),
};
