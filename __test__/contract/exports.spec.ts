/** ESM and CJS give the same names, and the very same classes. */
import { createRequire } from "node:module";
import test from "ava";

const require = createRequire(import.meta.url);

for (const entry of [
  "aws-refresh-session",
  "aws-refresh-session/signing",
  "aws-refresh-session/aws-sdk",
  "aws-refresh-session/http",
  "aws-refresh-session/clients",
  "aws-refresh-session/sources",
  "aws-refresh-session/testing",
]) {
  test(`${entry}: import and require agree`, async (t) => {
    const imported: Record<string, unknown> = await import(entry);
    const required: Record<string, unknown> = require(entry);
    t.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
    t.true(Object.keys(required).length > 0);
    for (const [name, value] of Object.entries(required)) t.is(imported[name], value, name);
  });

  test(`${entry}: no default export, nothing undefined`, async (t) => {
    const imported: Record<string, unknown> = await import(entry);
    t.false("default" in imported);
    for (const [name, value] of Object.entries(imported)) t.not(value, undefined, name);
  });
}

test("the main entry has the names of the contract", async (t) => {
  const main: Record<string, unknown> = await import("aws-refresh-session");
  for (const name of [
    "RefreshableSession",
    "STSRefreshableSession",
    "CustomRefreshableSession",
    "IOTX509RefreshableSession",
    "Signer",
    "verifyRequest",
    "fromChain",
    "fromEnv",
    "fromProcess",
    "fromProfile",
    "fromWebIdentity",
    "BRSError",
    "BRSValidationError",
    "BRSConfigurationError",
    "BRSCredentialError",
    "BRSConnectionError",
    "BRSRequestError",
    "SigningError",
    "CredentialsNotReadyError",
    "VerificationError",
    "BindingError",
    "ClientCacheError",
    "ClientCacheExistsError",
    "ClientCacheNotFoundError",
    "ResourceCacheError",
    "ResourceCacheExistsError",
    "ResourceCacheNotFoundError",
  ]) {
    t.is(typeof main[name], "function", name);
  }
});

test("errors are named by their class and carry a stable code", async (t) => {
  const main: Record<string, unknown> = await import("aws-refresh-session");
  const codes = new Set<string>();
  for (const [name, value] of Object.entries(main)) {
    if (!name.endsWith("Error")) continue;
    const error = new (value as new (message: string) => Error & { code: string })("message");
    t.is(error.name, name);
    t.false(codes.has(error.code), `${name} shares its code`);
    codes.add(error.code);
  }
});

test("names of the main entry and of sub-paths are the same things", async (t) => {
  const main: Record<string, unknown> = await import("aws-refresh-session");
  const signing: Record<string, unknown> = await import("aws-refresh-session/signing");
  const sources: Record<string, unknown> = await import("aws-refresh-session/sources");
  for (const [name, value] of Object.entries({ ...signing, ...sources })) {
    if (name in main) t.is(main[name], value, name);
  }
});
