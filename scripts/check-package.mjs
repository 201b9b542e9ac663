/** Packs the main and the platform package, installs both into an empty folder and uses them from ESM, CJS and TypeScript. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { builtAddon } from "./built-addon.mjs";
import { capture, localProgram, root } from "./steps.mjs";

/** What an install may weigh at most, in bytes. */
const LIMITS = { addon: 1_500_000, install: 3_000_000 };

/** The case `get-vanilla` of the signing test suite that AWS publishes: what every copy of the package has to answer. */
const VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
const SIGN_VANILLA = `
  const signer = new Signer({
    service: "service",
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  });
  const request = { method: "GET", url: "https://example.amazonaws.com/" };
  signer.sign(request, { signingDate: new Date("2015-08-30T12:36:00Z") }).then((headers) => console.log(headers.authorization));
`;

const problems = [];
const expect = (condition, message) => condition || problems.push(message);

async function run(command, args, cwd) {
  const result = await capture(command, args, { cwd });
  if (!result.ok) throw new Error(`${basename(command)} ${args.join(" ")} failed:\n${result.output}`);
  return result.output;
}

const npmCli = process.env.npm_execpath;
const npm = (args, cwd) =>
  npmCli?.endsWith("js") ? run(process.execPath, [npmCli, ...args], cwd) : run("npm", args, cwd);

/** Packs one folder; resolves to the tarball and the paths in it. */
async function pack(folder, destination) {
  const output = await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", destination], folder);
  // npm may say more on the other stream; the answer is the one list, or map, that stands on lines of its own.
  const answer = JSON.parse(output.match(/^[[{][\s\S]*^[\]}]/m)[0]);
  const packed = Object.values(answer)[0];
  return { ...packed, tarball: join(destination, packed.filename), paths: packed.files.map((file) => file.path) };
}

/** The platform package of this machine, as it would be published: napi writes its manifest, the addon joins it. */
async function makePlatformPackage(work) {
  const addon = builtAddon();
  // napi writes only beside the manifest it reads: a copy of that keeps the checkout as it is.
  const project = join(work, "project");
  mkdirSync(project);
  for (const name of ["package.json", "LICENSE"]) {
    if (existsSync(join(root, name))) copyFileSync(join(root, name), join(project, name));
  }
  await run(process.execPath, [localProgram("@napi-rs/cli", "napi"), "create-npm-dirs"], project);
  const platform = basename(addon).split(".").at(-2);
  const folder = join(project, "npm", platform);
  if (!existsSync(folder)) throw new Error(`napi made no package for ${platform}: is it among the targets?`);
  copyFileSync(addon, join(folder, basename(addon)));
  return { folder, addon: basename(addon) };
}

function checkMain(main, manifest) {
  for (const target of Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry).flatMap((condition) => Object.values(condition)),
  )) {
    expect(main.paths.includes(target.slice(2)), `${target} is an export but is not in the package`);
  }
  for (const needed of ["index.js", "index.d.ts", "README.md", "LICENSE"]) {
    expect(main.paths.includes(needed), `${needed} is not in the package`);
  }
  for (const path of main.paths) {
    expect(!path.endsWith(".node"), `${path} belongs into a platform package`);
    expect(
      path.startsWith("dist/") || !path.includes("/"),
      `${path} is a source or a tool and should not be in the package`,
    );
  }
  expect(Object.keys(manifest.dependencies ?? {}).length === 0, "the package has runtime dependencies");
}

function checkPlatform(platform, folder, addon) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  expect(platform.paths.includes(addon), `${addon} is not in the platform package`);
  expect(manifest.main === addon, `main of the platform package is ${manifest.main}`);
  expect(manifest.os?.[0] === process.platform, `os of the platform package is ${manifest.os}`);
  expect(manifest.cpu?.[0] === process.arch, `cpu of the platform package is ${manifest.cpu}`);
}

async function checkUse(folder) {
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write("use.cjs", `const { Signer } = require("aws-refresh-session/signing");\n${SIGN_VANILLA}`);
  write("use.mjs", `import { Signer } from "aws-refresh-session/signing";\n${SIGN_VANILLA}`);
  const answers = {};
  for (const file of ["use.cjs", "use.mjs"]) answers[file] = (await run(process.execPath, [file], folder)).trim();
  expect(answers["use.cjs"] === answers["use.mjs"], `CJS and ESM sign differently: ${JSON.stringify(answers)}`);
  expect(answers["use.cjs"].endsWith(`Signature=${VANILLA}`), `the signature is wrong: ${answers["use.cjs"]}`);

  const { exports: entries } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const names = Object.keys(entries).filter((entry) => typeof entries[entry] !== "string");
  write(
    "same.mjs",
    `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const name of ${JSON.stringify(names.map((entry) => `aws-refresh-session${entry.slice(1)}`))}) {
  const esm = await import(name);
  const cjs = require(name);
  const differing = [...new Set([...Object.keys(esm), ...Object.keys(cjs)])].filter((key) => esm[key] !== cjs[key]);
  if (differing.length > 0) throw new Error(name + ": ESM and CJS differ in " + differing);
}
`,
  );
  await run(process.execPath, ["same.mjs"], folder);

  // Every entry, without skipLibCheck: a declaration that is missing from the package is an error.
  const typed = names
    .map((entry, index) => `export * as entry${index} from "aws-refresh-session${entry.slice(1)}";\n`)
    .join("");
  write("types.cts", typed);
  write("types.mts", typed);
  write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        noEmit: true,
        strict: true,
        module: "node16",
        target: "es2022",
        lib: ["es2023", "esnext.disposable"],
        types: ["node"],
        typeRoots: [join(root, "node_modules", "@types")],
      },
      files: ["types.cts", "types.mts"],
    }),
  );
  await run(process.execPath, [localProgram("typescript", "tsc"), "-p", folder], folder);
}

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;

const work = mkdtempSync(join(tmpdir(), "aws-refresh-session-package-"));
try {
  const main = await pack(root, work);
  checkMain(main, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const { folder, addon } = await makePlatformPackage(work);
  const platform = await pack(folder, work);
  checkPlatform(platform, folder, addon);

  const consumer = join(work, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true }\n');
  // An empty cache and no network: what these two tarballs do not bring is not there.
  const flags = ["--offline", "--cache", join(work, "cache"), "--no-audit", "--no-fund"];
  await npm(["install", ...flags, main.tarball, platform.tarball], consumer);
  await checkUse(consumer);

  for (const [name, packed] of Object.entries({ main, platform })) {
    const sizes = `${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`;
    console.log(`${name} package: ${sizes}, ${packed.paths.length} files`);
  }
  const addonSize = platform.files.find((file) => file.path === addon)?.size ?? 0;
  expect(addonSize <= LIMITS.addon, `the addon has ${addonSize} bytes, more than ${LIMITS.addon}`);
  const installed = main.unpackedSize + platform.unpackedSize;
  expect(installed <= LIMITS.install, `an install has ${installed} bytes, more than ${LIMITS.install}`);
} catch (error) {
  problems.push(error.message);
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
