/** Config and credentials files: where they are looked for, when they are read again, and what is said of broken ones. */
import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { BRSConfigurationError } from "aws-refresh-session";
import { loadSharedConfig } from "../../dist/sources/config-files.js";
import { newHome } from "./home.js";

const regionOf = (shared: ReturnType<typeof loadSharedConfig>, name = "default") =>
  shared.profiles.get(name)?.get("region");

test("the files are those of the home directory, unless variables name others", (t) => {
  const { homeDir, write } = newHome(t, {
    config: "[default]\nregion = in-home\n",
    credentials: "[default]\naws_access_key_id = AKID\n",
    other: "[default]\nregion = other\n",
  });
  t.is(regionOf(loadSharedConfig({ env: {}, homeDir })), "in-home");
  t.is(regionOf(loadSharedConfig({ env: { HOME: homeDir } })), "in-home");
  t.is(regionOf(loadSharedConfig({ env: { AWS_CONFIG_FILE: "~/other" }, homeDir })), "other");
  t.is(regionOf(loadSharedConfig({ env: { AWS_CONFIG_FILE: "" }, homeDir })), "in-home");
  const env = { FOLDER: homeDir, AWS_CONFIG_FILE: "$FOLDER/other", AWS_SHARED_CREDENTIALS_FILE: `\${FOLDER}/keys` };
  write("keys", "[elsewhere]\nregion = x\n");
  const { profiles } = loadSharedConfig({ env, homeDir: "/nowhere" });
  t.deepEqual([...profiles.keys()], ["default", "elsewhere"]);
  // What is not set stays as it is, as in botocore.
  const { config } = loadSharedConfig({ env: { AWS_CONFIG_FILE: `$NO_SUCH/\${constructor}/x` }, homeDir });
  t.is(config.path, `$NO_SUCH/\${constructor}/x`);
});

test("files that are not there, or no files, are empty ones", (t) => {
  const { homeDir, path } = newHome(t);
  const none = loadSharedConfig({ env: {}, homeDir });
  t.is(none.profiles.size, 0);
  t.is(none.config.absence, "ENOENT");
  mkdirSync(path("config"));
  t.is(loadSharedConfig({ env: {}, homeDir }).config.absence, "no file");
  t.is(loadSharedConfig({ env: { AWS_CONFIG_FILE: "/dev/null" }, homeDir }).profiles.size, 0);
});

test("a file is read again when it has changed, and only then", (t) => {
  const { homeDir, path, write } = newHome(t, { config: "[default]\nregion = one\n" });
  const load = () => loadSharedConfig({ env: {}, homeDir });
  // Long settled.
  utimesSync(path("config"), 1_000_000, 1_000_000);
  const first = load();
  t.is(regionOf(first), "one");
  write("config", "[default]\nregion = two\n");
  t.is(regionOf(load()), "two", "a new time");
  write("config", "[default]\nregion = six\n");
  t.is(regionOf(load()), "six", "the same size within the same step of time");
  const { atime, mtime } = statSync(path("config"));
  writeFileSync(path("new"), "[default]\nregion = ten\n");
  utimesSync(path("new"), atime, mtime);
  renameSync(path("new"), path("config"));
  t.is(regionOf(load()), "ten", "another file in its place, of the same size and time");
  rmSync(path("config"));
  t.is(regionOf(load()), undefined, "gone");
  write("config", "[default]\nregion = back\n");
  t.is(regionOf(load()), "back");
});

test.serial("what was read is kept while the files stay the same", (t) => {
  const { homeDir, write } = newHome(t, { config: "[default]\nregion = one\n", credentials: "[x]\na = b\n" });
  const load = () => loadSharedConfig({ env: {}, homeDir });
  t.not(load(), load(), "just written, they may change again without a sign");
  const now = Date.now;
  t.teardown(() => {
    Date.now = now;
  });
  Date.now = () => now() + 60_000;
  const first = load();
  t.is(load(), first);
  write("credentials", "[x]\na = c\n");
  const second = load();
  t.is(second.profiles.get("x")?.get("a"), "c");
  t.is(second.config, first.config, "the other one is not read again");
  const nowhere = () => loadSharedConfig({ env: {}, homeDir: "/nowhere" });
  t.is(nowhere(), nowhere());
});

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const broken: ReadonlyArray<readonly [title: string, content: string | Buffer, line: number]> = [
  ["a line before the first section", `${SECRET}\n`, 1],
  ["a key without a value", `[default]\n\n${SECRET}\n`, 3],
  ["a value without a key", `[default]\n = ${SECRET}\n`, 2],
  ["a key that comes twice", `[default]\na = 1\naws_secret_access_key = x\nAWS_SECRET_ACCESS_KEY = ${SECRET}\n`, 4],
  ["a section that comes twice", `[default]\na = 1\n[default]\n`, 3],
  ["a block with a line that is none", `[default]\nregion = x\ns3 =\n  a = b\n  ${SECRET}\n`, 3],
  ["a byte order mark", "\ufeff[default]\n", 1],
  ["bytes that are no UTF-8", Buffer.from(`[default]\nregion = x\nname = ${SECRET}\xff\n`, "latin1"), 3],
];

for (const [title, content, line] of broken) {
  test(`names file and line of ${title}, and nothing else of it`, (t) => {
    const { homeDir, path } = newHome(t);
    writeFileSync(path("credentials"), content);
    const error = t.throws(() => loadSharedConfig({ env: {}, homeDir }), { instanceOf: BRSConfigurationError });
    t.is(error?.code, "ERR_CONFIG_PARSE");
    t.deepEqual(error?.details, { path: join(homeDir, ".aws", "credentials"), line });
    t.true(error?.message.startsWith(`${join(homeDir, ".aws", "credentials")}, line ${line}: `), error?.message);
    t.false(`${error?.stack}${JSON.stringify(error)}`.includes(SECRET));
    // It is not taken for read.
    t.throws(() => loadSharedConfig({ env: {}, homeDir }), { code: "ERR_CONFIG_PARSE" });
  });
}

test("20 000 lines are read whole", (t) => {
  const sections = Array.from(
    { length: 4_000 },
    (_, index) => `[profile p${index}]\nregion = eu-west-1\nrole_arn = arn:${index}\ns3 =\n  use_accelerate = true\n`,
  );
  const { homeDir } = newHome(t, { config: sections.join("") });
  const { profiles } = loadSharedConfig({ env: {}, homeDir });
  t.is(profiles.size, 4_000);
  t.deepEqual(profiles.get("p3999")?.get("s3"), new Map([["use_accelerate", "true"]]));
});
