/** Brings a checkout to the state in which tasks can run: tools present, npm packages installed, everything built. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, commandStep, root, step } from "./steps.mjs";

const OLDEST_NODE = [20, 19];

/** What is missing on this machine and how to get it; empty when all is there. */
export function missingTools() {
  const missing = [];
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    missing.push(
      `Node ${OLDEST_NODE.join(".")} or newer is needed, this is ${process.version}: install it from https://nodejs.org`,
    );
  }
  if (spawnSync("cargo", ["--version"], { stdio: "ignore" }).status !== 0) {
    missing.push("cargo was not found: install the Rust toolchain from https://rustup.rs and open a new shell");
  }
  return missing;
}

/** Prints what `missingTools` found and ends the process when there is anything. */
export function requireTools() {
  const missing = missingTools();
  for (const line of missing) console.error(line);
  if (missing.length > 0) process.exit(1);
}

const lockFile = join(root, "package-lock.json");
const stampFile = join(root, "node_modules", ".stamp");
const installedLock = join(root, "node_modules", ".package-lock.json");

const lockDigest = () => createHash("sha256").update(readFileSync(lockFile)).digest("hex");

function packagesCurrent(digest) {
  if (existsSync(stampFile)) return readFileSync(stampFile, "utf8") === digest;
  // Installed by hand, without this script: npm writes its own record of the tree last.
  return existsSync(installedLock) && statSync(installedLock).mtimeMs >= statSync(lockFile).mtimeMs;
}

/** `npm ci`, when node_modules is absent or belongs to another package-lock.json. Resolves to whether all is well. */
export async function installPackages() {
  const digest = lockDigest();
  let ok = true;
  if (packagesCurrent(digest)) {
    await step("npm packages", async () => ({ ok: true, detail: "up to date" }));
  } else {
    // The npm that started this script, if one did: on Windows the plain name is not a program.
    const npm = process.env.npm_execpath;
    const [command, args] = npm?.endsWith("js") ? [process.execPath, [npm, "ci"]] : ["npm", ["ci"]];
    ({ ok } = await step("npm packages", async () => ({ ...(await capture(command, args)), detail: "installed" })));
  }
  if (ok) writeFileSync(stampFile, digest);
  return ok;
}

/** `npm run build`. Resolves to whether it succeeded. */
export const build = async () =>
  (await commandStep("build", process.execPath, [join(root, "scripts", "build.mjs")])).ok;
