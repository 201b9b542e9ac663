/** The published declarations: they compile strictly, checked themselves, for both module systems, where no peer is installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "ava";

const require = createRequire(import.meta.url);
const root = dirname(require.resolve("aws-refresh-session/package.json"));
const { exports: entries } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };

/** Runs the compiler in a folder whose node_modules hold the package and the types of Node, and nothing else. */
function compile(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "declarations-"));
  try {
    mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
    symlinkSync(root, join(folder, "node_modules/aws-refresh-session"));
    for (const name of ["@types/node", "undici-types"]) {
      symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(folder, "node_modules", name));
    }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      // Else the compiler would look for packages from where the checkout is.
      preserveSymlinks: true,
      noEmit: true,
      module: "nodenext",
      target: "es2022",
      lib: ["es2022", "esnext.disposable"],
      types: ["node"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder], {
      encoding: "utf8",
      timeout: 110_000,
    });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SESSIONS = `
const assumeRole = { RoleArn: "arn:aws:iam::123456789012:role/reports" };
export const role: STSRefreshableSession = new RefreshableSession({ assumeRole });
export const asked: STSRefreshableSession<{ pin: string }> = new RefreshableSession({
  assumeRole,
  mfaTokenProvider: ({ pin }: { pin: string }) => pin,
  mfaTokenProviderArgs: { pin: "123456" },
});
export const device: IOTX509RefreshableSession = new RefreshableSession({
  method: "iot", endpoint: "", roleAlias: "", certificate: "", privateKey: "",
});
void device.mqtt({ clientId: "pump-7" }).then((client) => client.end());
// @ts-expect-error an option that is misspelled
new RefreshableSession({ assumeRole, advisoryTimout: 3 });
`;

test("every entry compiles with strict settings, for import and for require", (t) => {
  const names = Object.keys(entries).filter((entry) => entry !== "./package.json");
  const said = compile({
    "module.mts": [
      'import { type IOTX509RefreshableSession, RefreshableSession, type STSRefreshableSession } from "aws-refresh-session";',
      ...names.map((entry) => `export * as ${nameOf(entry)} from "aws-refresh-session${entry.slice(1)}";`),
      SESSIONS,
    ].join("\n"),
    "common.cts": [
      ...names.map((entry) => `import ${nameOf(entry)} = require("aws-refresh-session${entry.slice(1)}");`),
      `export = { ${names.map(nameOf).join(", ")} };`,
    ].join("\n"),
  });
  t.is(said, "");
});

function nameOf(entry: string): string {
  return `entry${entry.replace(/\W/g, "_")}`;
}
