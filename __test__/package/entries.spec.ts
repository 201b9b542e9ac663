/** The package's entries: ES modules and CommonJS give the very same things, and all of them. */
import { createRequire } from "node:module";
import test from "ava";

const require = createRequire(import.meta.url);
const manifest = require("aws-refresh-session/package.json") as { exports: Record<string, unknown> };
const entries = Object.keys(manifest.exports)
  .filter((entry) => entry !== "./package.json")
  .map((entry) => `aws-refresh-session${entry.slice(1)}`);

for (const entry of entries) {
  test(`${entry} is the same to import and to require`, async (t) => {
    const imported = (await import(entry)) as Record<string, unknown>;
    const required = require(entry) as Record<string, unknown>;
    t.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
    for (const name of Object.keys(required)) t.is(imported[name], required[name], name);
    t.false("default" in imported);
  });
}
