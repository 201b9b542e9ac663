/** Programs for the tests out of packages of Debian 12, unpacked into .servers/ without installing anything and without root. */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../steps.mjs";

/**
 * A server of `scripts/servers.mjs` that is unpacked from packages, given as `name=version`; a star stands for the revision of
 * Debian, since of a stable release only the newest is kept.
 */
export function debianServer(folder, { name, folderName, program, packages }) {
  const home = join(folder, "debian", folderName);
  return {
    name,
    program: join(home, program),
    parts: [],
    stampFile: join(home, ".stamp"),
    stamp: () => packages.join(" "),
    tool: { command: "apt-get", args: ["--version"], advice: "it comes from packages of Debian 12" },
    install: () => unpack(folder, home, join(home, program), packages),
  };
}

/** Where the loader finds the libraries that were unpacked: below usr/lib, in a folder with the name of the architecture. */
function librariesOf(home) {
  const lib = join(home, "usr", "lib");
  if (!existsSync(lib)) return "";
  return readdirSync(lib)
    .filter((entry) => entry.endsWith("-linux-gnu"))
    .map((entry) => join(lib, entry))
    .join(":");
}

async function unpack(folder, home, program, packages) {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const state = await aptState(folder);
  if (!state.ok) return state;
  // Into a folder that is empty but for these packages.
  const loaded = await capture("apt-get", [...state.options, "--quiet", "download", ...packages], { cwd: home });
  if (!loaded.ok) return loaded;
  for (const file of readdirSync(home).filter((entry) => entry.endsWith(".deb"))) {
    const unpacked = await capture("dpkg-deb", ["-x", join(home, file), home]);
    if (!unpacked.ok) return unpacked;
    rmSync(join(home, file));
  }
  const linked = await capture("ldd", [program], { env: { ...process.env, LD_LIBRARY_PATH: librariesOf(home) } });
  const missing = linked.output.match(/^.*not found$/gm);
  return missing === null ? linked : { ok: false, output: `libraries are missing:\n${missing.join("\n")}` };
}

let updating;

/** Lists of packages of our own: those of the machine may be missing, and only root may fetch them. Once for all servers. */
function aptState(folder) {
  updating ??= update(join(folder, "debian", "apt"));
  return updating;
}

async function update(apt) {
  for (const part of ["state/lists/partial", "cache/archives/partial"]) mkdirSync(join(apt, part), { recursive: true });
  const options = [
    `Dir::State=${join(apt, "state")}`,
    "Dir::State::status=/var/lib/dpkg/status",
    `Dir::Cache=${join(apt, "cache")}`,
    // Who may not read this folder is not used for fetching.
    "APT::Sandbox::User=",
  ].flatMap((option) => ["-o", option]);
  const { ok, output } = await capture("apt-get", [...options, "--quiet", "update"]);
  // One list of many that cannot be had is no matter yet: whether the packages are found, is.
  return { ok: ok || /^(Get|Hit):/m.test(output), output, options };
}
