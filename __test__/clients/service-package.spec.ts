/** The classes of installed services are those that the application itself gets, however its packages are laid out. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import test from "ava";
import { BRSConfigurationError, BRSValidationError } from "aws-refresh-session";
import { findClientClass } from "../../dist/clients/service-package.js";

const ROOT = process.cwd();

test("every client package that is installed here has its class found", (t) => {
  for (const [service, name] of [
    ["s3", "S3Client"],
    ["sts", "STSClient"],
    ["dynamodb", "DynamoDBClient"],
    ["sesv2", "SESv2Client"],
    ["route-53", "Route53Client"],
    ["transcribe-streaming", "TranscribeStreamingClient"],
  ] as const) {
    t.is(findClientClass(service).name, name);
  }
  t.is(findClientClass("s3"), S3Client);
  t.is(findClientClass("s3"), findClientClass("s3"));
});

test("names of botocore find the package that is called otherwise", (t) => {
  for (const [service, name] of [
    ["logs", "cloudwatch-logs"],
    ["stepfunctions", "sfn"],
    ["route53", "route-53"],
  ] as const) {
    t.is(findClientClass(service), findClientClass(name));
  }
});

test("a service that is not installed is refused with the name of its package", (t) => {
  const missing = (service: string) => t.throws(() => findClientClass(service), { instanceOf: BRSConfigurationError });
  t.is(missing("workmail")?.param, "@aws-sdk/client-workmail");
  t.regex(missing("workmail")?.message ?? "", /npm install @aws-sdk\/client-workmail$/);
  t.regex(missing("elbv2")?.message ?? "", /npm install @aws-sdk\/client-elastic-load-balancing-v2$/);
});

test("what is no name of a service is refused", (t) => {
  for (const service of [
    "",
    "S3",
    "../evil",
    "s3/..",
    "s3\n",
    "s 3",
    "@aws-sdk/client-s3",
    undefined,
    null,
    7,
    {},
    "é",
  ]) {
    const error = t.throws(
      () => findClientClass(service as string),
      { instanceOf: BRSValidationError },
      String(service),
    );
    t.is(error?.param, "service");
  }
});

/** Packages with nothing in them that is a class of clients, and with a mistake. */
const BAD = {
  "node_modules/@aws-sdk/client-empty/index.js": "exports.EmptyClient = class {}; exports.Empty = class { send() {} };",
  "node_modules/@aws-sdk/client-broken/index.js": 'throw new RangeError("broken");',
};

const temporary = mkdtempSync(join(tmpdir(), "applications-"));
test.after.always(() => rmSync(temporary, { recursive: true }));

/** A copy of this package, as in the store of a package manager: from here a link would lead to the packages of this repository. */
const COPY = join(temporary, "store", "aws-refresh-session");

test.before(() => {
  const addons = readdirSync(ROOT).filter((name) => name.endsWith(".node"));
  for (const part of ["package.json", "index.js", "dist", ...addons]) {
    cpSync(join(ROOT, part), join(COPY, part), { recursive: true });
  }
});

/** An application in a folder of its own, whose packages are links. */
function application(links: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(temporary, "application-"));
  for (const [place, target] of Object.entries({ "node_modules/aws-refresh-session": COPY, ...links })) {
    const link = join(folder, place);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, "junction");
  }
  for (const [name, text] of Object.entries({ ...BAD, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return {
    folder,
    run(script: string, cwd = folder) {
      const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: "utf8", timeout: 60_000 });
      return stderr === "" ? stdout.trim() : stderr;
    },
  };
}

const installed = (name: string) => join(ROOT, "node_modules", name);
const S3 = "node_modules/@aws-sdk/client-s3";
/** Tells whether the class that is found is the one that the application imports. */
const REPORT = `
const session = new CustomRefreshableSession({ customCredentialsMethod: () => ({}), region: "eu-west-1" });
console.log(session.client("s3") === session.client(S3Client), session.client("s3") instanceof S3Client);
for (const service of ["sqs", "empty", "broken"]) {
  try { session.client(service); } catch ({ name, param }) { console.log(name, param); }
}
session.close();`;
const MODULE = `import { S3Client } from "@aws-sdk/client-s3";
import { CustomRefreshableSession } from "aws-refresh-session";${REPORT}`;
const SCRIPT = `const { S3Client } = require("@aws-sdk/client-s3");
const { CustomRefreshableSession } = require("aws-refresh-session");${REPORT}`;
const SAME = `true true
BRSConfigurationError @aws-sdk/client-sqs
BRSConfigurationError service
RangeError undefined`;
test("a flat folder, as of npm and yarn, from anywhere", (t) => {
  const app = application({ [S3]: installed("@aws-sdk/client-s3") }, { "main.cjs": SCRIPT });
  // In place of the link, the package itself: what lies beside it is found whatever the working directory is.
  const place = join(app.folder, "node_modules/aws-refresh-session");
  unlinkSync(place);
  renameSync(COPY, place);
  const said = app.run(join(app.folder, "main.cjs"), tmpdir());
  // At once: other tests use it.
  renameSync(place, COPY);
  t.is(said, SAME);
});

test("links into a store, as of pnpm, run by itself and by a tool that has packages of its own", (t) => {
  const app = application(
    { [S3]: installed("@aws-sdk/client-s3"), [`node_modules/tool/${S3}`]: installed("oldest-client-s3") },
    { "dist/main.mjs": MODULE, "node_modules/tool/run.mjs": 'await import("../../dist/main.mjs");' },
  );
  t.is(app.run(join(app.folder, "dist/main.mjs"), tmpdir()), SAME);
  t.is(app.run("node_modules/tool/run.mjs"), SAME);
});

test("a workspace whose root has another version: the one of the package that runs counts", (t) => {
  const app = application(
    { [S3]: installed("oldest-client-s3"), [`packages/app/${S3}`]: installed("@aws-sdk/client-s3") },
    // The tool that runs it, as a test runner does, is installed at the root.
    { "packages/app/main.mjs": MODULE, "node_modules/tool/run.mjs": 'await import(process.cwd() + "/main.mjs");' },
  );
  t.is(app.run("packages/app/main.mjs"), SAME);
  t.is(app.run("../../node_modules/tool/run.mjs", join(app.folder, "packages/app")), SAME);
});
