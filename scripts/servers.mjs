/** Installs the pinned servers that the real-server tests talk to into .servers/; run alone or by `npm test`. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { debianServer } from "./servers/debian.mjs";
import { capture, root, step } from "./steps.mjs";

const folder = join(root, ".servers");
const windows = process.platform === "win32";
const programs = windows ? "Scripts" : "bin";
const suffix = windows ? ".exe" : "";

const VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
// Under the AGPL: run as a program of its own, never imported and never shipped.
const MINIO = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c";

const goBin = join(folder, "bin");

/** A server: its program, the stamp that says which version was installed, the tool it needs and the commands. */
const SERVERS = [
  pythonServer("MiniStack", "ministack", "requirements.txt", "ministack"),
  // No server, but a program that the tests talk to as well.
  pythonServer("boto3-refresh-session", "boto3-refresh-session", "boto3-refresh-session.txt", "python"),
  goServer("VersityGW", "versitygw", VERSITYGW),
  goServer("MinIO", "minio", MINIO),
  debianServer(folder, {
    name: "Mosquitto",
    folderName: "mosquitto",
    program: "usr/sbin/mosquitto",
    packages: ["mosquitto=2.0.11-*", "libdlt2=2.18.8-*", "libwrap0=7.6.q-*"],
  }),
  debianServer(folder, {
    name: "SoftHSM",
    folderName: "softhsm",
    program: "usr/bin/softhsm2-util",
    packages: ["softhsm2=2.6.1-*", "libsofthsm2=2.6.1-*"],
  }),
];

/** What pip installs into a virtual environment of its own. */
function pythonServer(name, environment, requirementsFile, program) {
  const venv = join(folder, environment);
  const requirements = join(root, "scripts", "servers", requirementsFile);
  const python = join(venv, programs, `python${suffix}`);
  return {
    name,
    program: join(venv, programs, `${program}${suffix}`),
    // A virtual environment is tied to its interpreter, whose path is a link that may come to point nowhere.
    parts: [python],
    stampFile: join(venv, ".stamp"),
    stamp: () => createHash("sha256").update(readFileSync(requirements)).digest("hex"),
    tool: { command: windows ? "python" : "python3", args: ["--version"], advice: "install Python 3.11 or newer" },
    async install() {
      rmSync(venv, { recursive: true, force: true });
      const made = await capture(this.tool.command, ["-m", "venv", venv]);
      if (!made.ok) return made;
      const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet", "--no-deps"];
      return capture(python, [...pip, "--requirement", requirements]);
    },
  };
}

function goServer(name, command, module) {
  return {
    name,
    program: join(goBin, `${command}${suffix}`),
    parts: [],
    stampFile: join(goBin, `.${command}-stamp`),
    stamp: () => module,
    tool: { command: "go", args: ["version"], advice: "install Go 1.25 or newer" },
    install: () =>
      capture("go", ["install", module], {
        // Go's module cache is read-only by default, which makes a throw-away home directory hard to throw away.
        env: { ...process.env, GOBIN: goBin, GOFLAGS: `${process.env.GOFLAGS ?? ""} -modcacherw`.trim() },
      }),
  };
}

async function prepare(server) {
  const { name, program, parts, stampFile, tool } = server;
  const stamp = server.stamp();
  const complete = [program, ...parts].every((file) => existsSync(file));
  if (complete && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return { name };
  if (!(await capture(tool.command, tool.args)).ok)
    return { name, reason: `${tool.command} was not found: ${tool.advice}` };
  mkdirSync(folder, { recursive: true });
  const { ok, output } = await server.install();
  if (!ok || !existsSync(program)) return { name, reason: "its installation failed", output };
  writeFileSync(stampFile, stamp);
  return { name };
}

/**
 * Makes every server ready that this machine can run, and says which are left out and why.
 *
 * Resolves to the list of `{ name, reason }` of those left out. The tests find out for themselves, by looking for the program.
 */
export async function prepareServers() {
  let missing = [];
  await step("real servers", async () => {
    const results = await Promise.all(SERVERS.map(prepare));
    missing = results.filter((result) => result.reason !== undefined);
    const ready = results.filter((result) => result.reason === undefined).map((result) => result.name);
    return { ok: true, detail: ready.length > 0 ? `${ready.join(", ")} ready` : "none" };
  });
  for (const { name, reason, output } of missing) {
    console.log(`  the tests against ${name} cannot run: ${reason}`);
    if (output) console.log(output.trimEnd().replace(/^/gm, "    "));
  }
  return missing;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href && (await prepareServers()).length > 0)
  process.exitCode = 1;
