/** What boto3-refresh-session's test of packaging says; `scripts/check-package.mjs` packs, installs and uses the real thing in CI. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import test from "ava";

const { files, exports: entries } = createRequire(import.meta.url)("aws-refresh-session/package.json") as {
  files: string[];
  exports: Record<string, string | Record<string, Record<string, string>>>;
};

test("packaging: what the entries point to is there, and is among what is published", (t) => {
  const targets = Object.values(entries).flatMap((entry) =>
    typeof entry === "string" ? [] : Object.values(entry).flatMap((condition) => Object.values(condition)),
  );
  t.true(targets.includes("./dist/index.js"));
  for (const target of targets) {
    t.true(files.includes(target.split("/")[1] as string), target);
    t.true(existsSync(fileURLToPath(new URL(`../../${target}`, import.meta.url))), target);
  }
  // They are matched from the top, so nothing of these may be excluded again.
  t.deepEqual(
    files.filter((pattern) => pattern.startsWith("!")),
    [],
  );
});
