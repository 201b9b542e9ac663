/** `npm run build`: the native addon, the JavaScript of src-ts in one bundle, and the ES module wrappers around it. Arguments go to napi. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import { bundle } from "./bundle.mjs";
import { requireTools } from "./prepare.mjs";
import { capture, cargoHome, localProgram, root, rustupHome, step } from "./steps.mjs";
import { listUnpublished } from "./unpublished.mjs";

const dist = join(root, "dist");
const args = process.argv.slice(2);

/**
 * Flags of the release build. Separated by 0x1f, as CARGO_ENCODED_RUSTFLAGS wants it, since a path may hold a space; that
 * variable hides RUSTFLAGS, so those of the caller are carried over.
 */
function encodedRustFlags() {
  const flags = (process.env.RUSTFLAGS ?? "").split(" ").filter((flag) => flag !== "");
  // Panic messages name source files: the published binary must not tell who built it and where. The last match wins.
  flags.push(`--remap-path-prefix=${rustupHome}=/rustup`);
  flags.push(`--remap-path-prefix=${cargoHome}=/cargo`);
  flags.push(`--remap-path-prefix=${root}=/aws-refresh-session`);
  // A worker thread that ends would unload the addon while its thread-local destructors still have to run.
  if (process.platform === "linux") flags.push("-Clink-arg=-Wl,-z,nodelete");
  // napi gives this one in RUSTFLAGS, which is hidden here; without it no musl addon can be linked.
  if (args.some((arg) => arg.includes("musl"))) flags.push("-Ctarget-feature=-crt-static");
  return flags.join("\x1f");
}

const buildNative = () =>
  capture(
    process.execPath,
    [
      localProgram("@napi-rs/cli", "napi"),
      "build",
      "--platform",
      "--release",
      ...["--manifest-path", "crates/node/Cargo.toml"],
      ...["--package-json-path", "package.json"],
      ...["--output-dir", "."],
      "--no-const-enum",
      ...args,
    ],
    { env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: encodedRustFlags() } },
  );

/** Scripts without comments, since reading them is what a cold start costs; declarations with them, for editors. */
async function buildScript() {
  const tsc = (...options) =>
    capture(process.execPath, [localProgram("typescript", "tsc"), "-p", "tsconfig.json", ...options]);
  const declared = await tsc("--emitDeclarationOnly");
  return declared.ok ? tsc("--declaration", "false", "--removeComments") : declared;
}

/** Takes away what an earlier build left: bundles, and sources that are gone, which would be packed and satisfy an import. */
function dropOrphans() {
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const stem = relative(dist, file).replace(/(\.d)?\.m?[jt]s$/, "");
    if (!existsSync(join(root, "src-ts", `${stem}.ts`))) rmSync(file);
  }
}

function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

/**
 * For every entry of package.json a module that re-exports by name from the one CommonJS implementation, so that
 * `instanceof` and process-wide caches are the same from both sides.
 */
function writeWrappers(exported) {
  const require = createRequire(import.meta.url);
  let count = 0;
  for (const [entry, target] of Object.entries(exported)) {
    if (typeof target === "string") continue;
    const script = join(root, target.require.default);
    const names = Object.keys(require(script)).filter((name) => name !== "default");
    if (names.length === 0) throw new Error(`${entry} exports nothing`);
    const near = `./${script.split(sep).at(-1)}`;
    writeIfChanged(
      join(root, target.import.default),
      `import cjs from ${JSON.stringify(near)};\nexport const {\n${names.map((name) => `  ${name},\n`).join("")}} = cjs;\n`,
    );
    writeIfChanged(join(root, target.import.types), `export * from ${JSON.stringify(near)};\n`);
    count += 1;
  }
  return count;
}

requireTools();
if (!existsSync(join(root, "node_modules"))) {
  console.error("the npm packages are not installed: run `npm ci` first");
  process.exit(1);
}
const { ok } = await step("native addon", buildNative);
if (!ok || !(await step("TypeScript", buildScript)).ok) process.exit(1);
const wrapped = await step("bundle and entries", async () => {
  try {
    dropOrphans();
    const { needed, all } = bundle(dist);
    const { exports: exported } = createRequire(import.meta.url)("../package.json");
    const count = writeWrappers(exported);
    listUnpublished(dist, exported);
    return { ok: true, detail: `${count} entries; ${needed} of ${all} modules for a first signature` };
  } catch (error) {
    return { ok: false, output: `${error.stack}` };
  }
});
if (!wrapped.ok) process.exit(1);
