/** The bundle of all modules: what fails as it is loaded fails again, and says why. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";

const script: string = "../../scripts/bundle.mjs";
const { bundle } = (await import(script)) as { bundle(dist: string): { needed: number; all: number } };

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
