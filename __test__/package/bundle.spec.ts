/** The bundle of all modules: what is loaded when, and what fails as it is loaded fails again, and says why. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";

const { bundle } = createRequire(import.meta.url)("../../scripts/bundle.mjs") as {
  bundle(dist: string): { needed: number; all: number };
};

test("a module that throws as it is loaded throws each time it is asked for", (t) => {
  const dist = mkdtempSync(join(tmpdir(), "bundle-"));
  t.teardown(() => rmSync(dist, { recursive: true }));
  mkdirSync(join(dist, "signing"));
  writeFileSync(join(dist, "signing", "index.js"), "exports.Signer = class { signSync() {} };\n");
  writeFileSync(join(dist, "native.js"), 'exports.early = 1;\nthrow new Error("no binary");\n');
  writeFileSync(
    join(dist, "index.js"),
    'const native_js_1 = require("./native.js");\nexports.early = native_js_1.early;\n',
  );
  t.deepEqual(bundle(dist), { needed: 1, all: 3 });
  const require = createRequire(import.meta.url);
  for (const _ of "123") t.throws(() => require(join(dist, "index.js")), { message: "no binary" });
});

test("what a folder needs beyond a first signature is read when one of its modules is first used", (t) => {
  const dist = mkdtempSync(join(tmpdir(), "bundle-"));
  t.teardown(() => rmSync(dist, { recursive: true }));
  for (const folder of ["signing", "http/aws4"]) mkdirSync(join(dist, folder), { recursive: true });
  const write = (id: string, text: string) => writeFileSync(join(dist, id), text);
  write("signing/index.js", "exports.Signer = class { signSync() {} };\n");
  write("signing/verify.js", "exports.verify = () => 1;\n");
  write(
    "http/index.js",
    `const aws4_js_1 = require("./aws4/aws4.js");\nexports.sign = () => aws4_js_1.sign();\nexports.mark = () => 2;\n`,
  );
  write(
    "http/aws4/aws4.js",
    'const verify_js_1 = require("../../signing/verify.js");\nexports.sign = verify_js_1.verify;\n',
  );
  write("index.js", "exports.all = 1;\n");
  t.deepEqual(bundle(dist), { needed: 1, all: 5 });
  // In a process of its own: the build has loaded the modules in this one.
  const script = `
    const { basename } = require("node:path");
    const read = () => Object.keys(require.cache).map((file) => basename(file)).filter((name) => name.startsWith("bundle-")).sort();
    const http = require("./http/index.js");
    console.log(JSON.stringify([http.mark(), read(), http.sign(), read()]));`;
  const said = execFileSync(process.execPath, ["-e", script], { cwd: dist, encoding: "utf8" });
  const aws4 = ["bundle-http-aws4.js", "bundle-http.js", "bundle-signing.js"];
  t.deepEqual(JSON.parse(said), [2, ["bundle-http.js"], 1, aws4]);
});

test("a session that signs, and one that ends, reads nothing of the caches of clients; the first client does", (t) => {
  const script = `
    import { createRequire } from "node:module";
    import { basename } from "node:path";
    import { CustomRefreshableSession, registerResource } from "aws-refresh-session";
    const { cache } = createRequire(import.meta.url);
    const read = () => Object.keys(cache).map((file) => basename(file)).includes("bundle-clients.js");
    const expiration = new Date("2100-01-01T00:00:00Z");
    const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token", expiration };
    const session = new CustomRefreshableSession({ customCredentialsMethod: () => keys, region: "eu-west-1" });
    await session.signer({ service: "execute-api" }).sign({ url: "https://example.com/" });
    new CustomRefreshableSession({ customCredentialsMethod: () => keys }).close();
    registerResource("nothing", () => ({}));
    const before = [session.getAvailableResources(), read()];
    session.resource("nothing");
    console.log(JSON.stringify([...before, read()]));
    session.close();`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  t.deepEqual(JSON.parse(said), [["dynamodb", "nothing"], false, true]);
});
