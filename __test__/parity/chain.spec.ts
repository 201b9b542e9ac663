/** The chain against botocore: the same home directories and environments give the same credentials, by the same calls. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { BRSError } from "aws-refresh-session";
import { fromChain } from "aws-refresh-session/sources";
import { type StsCall, type StsRecorder, startStsRecorder } from "../sources/sts-recorder.js";
import { ask, oracleTest } from "./python-oracle.js";
import { seeded } from "./seeded.js";

type Section = Readonly<Record<string, string>>;

interface Case {
  readonly id: number;
  readonly env: Readonly<Record<string, string>>;
  readonly profileName?: string;
  readonly config: Readonly<Record<string, Section>>;
  readonly credentials: Readonly<Record<string, Section>>;
}

interface Answer {
  /** "later": from a source that comes in a later version. */
  readonly outcome: "found" | "none" | "later" | "no profile" | "loop" | "error";
  readonly error?: string;
  readonly method?: string;
  readonly keys?: ReadonlyArray<string | null>;
  readonly calls?: readonly StsCall[];
}

const random = seeded();
const { pick, chance, below } = random;

const folder = mkdtempSync(join(tmpdir(), "chain-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let sts: StsRecorder;
test.before(async () => {
  sts = await startStsRecorder();
});
test.after.always(() => sts?.close());

const NAMES = ["default", "a", "b", "c", "d"];
const ROLES = ["arn:aws:iam::123456789012:role/one", "arn:aws:iam::210987654321:role/path/two"];

/** Each with keys of its own, so that it shows which was taken. */
function staticKeys(mark: string): Section {
  const whole = { aws_access_key_id: `AKIA${mark}`, aws_secret_access_key: `secret${mark}` };
  return pick<Section>([
    whole,
    whole,
    whole,
    whole,
    { ...whole, aws_session_token: `token${mark}` },
    { ...whole, aws_security_token: `old${mark}`, aws_account_id: "111122223333" },
    { aws_access_key_id: `AKIA${mark}` },
    { aws_secret_access_key: `secret${mark}` },
  ]);
}

function role(): Section {
  const source = chance(0.75)
    ? { source_profile: pick([...NAMES, ...NAMES, "missing"]) }
    : { credential_source: pick(SOURCES) };
  return {
    role_arn: pick(ROLES),
    ...(chance(0.95) && source),
    ...(chance(0.05) && { credential_source: "Environment" }),
    ...(chance(0.3) && { role_session_name: "name" }),
    ...(chance(0.3) && { external_id: "external-1" }),
    ...(chance(0.3) && { duration_seconds: pick(["900", " 1_800 ", "+3600", "12h", "1.5", ""]) }),
  };
}
const SOURCES = ["Environment", "Environment", "Environment", "Environment", "environment", "Nothing"];

const PROCESSES = ["/bin/cat process.json", "/bin/cat 'process.json'", "/bin/false", "/bin/cat wrong-version.json"];

function section(mark: string): Section {
  return {
    ...(chance(0.3) && staticKeys(mark)),
    ...(chance(0.4) && role()),
    ...(chance(0.1) && { web_identity_token_file: "token" }),
    ...(chance(0.2) && { credential_process: pick(PROCESSES) }),
    ...(chance(0.05) && { sso_account_id: "123456789012", sso_role_name: "r", sso_start_url: "u", sso_region: "r" }),
    ...(chance(0.05) && { login_session: "arn:aws:sts::1:x" }),
    ...(chance(0.2) && { region: "eu-west-1" }),
  };
}

const sections = (file: string): Record<string, Section> =>
  Object.fromEntries(NAMES.filter(() => chance(0.8)).map((name) => [name, section(`${file}${name.toUpperCase()}`)]));

function environment(): Record<string, string> {
  return {
    ...(chance(0.2) && { AWS_ACCESS_KEY_ID: "AKIAENV" }),
    ...(chance(0.35) && { AWS_SECRET_ACCESS_KEY: "secretENV" }),
    ...(chance(0.2) && { AWS_SESSION_TOKEN: "tokenENV" }),
    ...(chance(0.1) && { AWS_ACCOUNT_ID: "444455556666" }),
    ...(chance(0.3) && { AWS_PROFILE: pick([...NAMES, ...NAMES, "missing"]) }),
    ...(chance(0.15) && { AWS_WEB_IDENTITY_TOKEN_FILE: "token" }),
    ...(chance(0.15) && { AWS_ROLE_ARN: ROLES[0] as string }),
    ...(chance(0.1) && { AWS_ROLE_SESSION_NAME: "from-environment" }),
  };
}

const newCase = (): Omit<Case, "id"> => ({
  env: environment(),
  ...(chance(0.4) && { profileName: pick([...NAMES, ...NAMES, "missing"]) }),
  config: sections("C"),
  credentials: chance(0.6) ? sections("S") : {},
});

const KEYS = { aws_access_key_id: "AKIAFIXED", aws_secret_access_key: "secretFIXED" };
const toRole = (source_profile: string) => ({ role_arn: ROLES[0] as string, source_profile });

/** One of each kind, so that none is left out by chance. */
const FIXED: ReadonlyArray<Omit<Case, "id">> = [
  { env: { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: "secretENV" }, config: {}, credentials: {} },
  { env: {}, config: { default: toRole("a"), a: toRole("b"), b: KEYS }, credentials: {} },
  { env: { AWS_WEB_IDENTITY_TOKEN_FILE: "token", AWS_ROLE_ARN: ROLES[0] as string }, config: {}, credentials: {} },
  { env: {}, config: { default: { region: "eu-west-1" } }, credentials: { default: KEYS } },
  { env: { AWS_PROFILE: "a" }, config: { a: { credential_process: "/bin/cat process.json" } }, credentials: {} },
  { env: {}, profileName: "a", config: { a: KEYS }, credentials: {} },
  { env: {}, config: {}, credentials: {} },
  { env: {}, config: { default: { login_session: "arn:aws:sts::1:x" } }, credentials: {} },
  { env: {}, profileName: "missing", config: { a: KEYS }, credentials: {} },
  { env: {}, config: { default: toRole("a"), a: toRole("default") }, credentials: {} },
  { env: {}, config: { default: { aws_access_key_id: "AKIAHALF" } }, credentials: {} },
];

function write(each: Case): string {
  const home = join(folder, String(each.id));
  mkdirSync(join(home, ".aws"), { recursive: true });
  const ini = (file: Case["config"], header: (name: string) => string) =>
    Object.entries(file)
      .map(([name, keys]) => [`[${header(name)}]`, ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`)])
      .map((lines) => `${lines.join("\n")}\n`)
      .join("");
  writeFileSync(
    join(home, ".aws", "config"),
    ini(each.config, (name) => (name === "default" ? name : `profile ${name}`)),
  );
  if (each.id < FIXED.length || below(4) > 0) {
    const content = ini(each.credentials, (name) => name);
    writeFileSync(join(home, ".aws", "credentials"), content);
  }
  writeFileSync(join(home, "token"), "the-token");
  const answer = { AccessKeyId: "AKIAPROCESS", SecretAccessKey: "secretPROCESS", SessionToken: "tokenPROCESS" };
  writeFileSync(join(home, "process.json"), JSON.stringify({ Version: 1, ...answer }));
  writeFileSync(join(home, "wrong-version.json"), JSON.stringify({ Version: 2, ...answer }));
  return home;
}

async function ours({ env, profileName }: Case, home: string): Promise<Answer> {
  // Relative paths are meant in the home directory, where botocore runs too.
  process.chdir(home);
  sts.calls.length = 0;
  const chain = fromChain({
    env: { ...env, PATH: process.env.PATH, HOME: home, AWS_ENDPOINT_URL_STS: sts.url },
    ...(profileName !== undefined && { profileName }),
  });
  const { chosen } = await chain.explain();
  try {
    const { accessKeyId, secretAccessKey, sessionToken = null, accountId = null } = await chain();
    return {
      outcome: "found",
      method: chosen as string,
      keys: [accessKeyId, secretAccessKey, sessionToken, accountId],
      calls: sts.calls.map(([operation, signer, parameters]) => [operation, signer, withoutDefault(parameters)]),
    };
  } catch (error) {
    if (!(error instanceof BRSError)) throw error;
    return { outcome: outcomeOf(error), error: error.message };
  }
}

function outcomeOf({ code, details }: BRSError): Answer["outcome"] {
  const named = {
    ERR_SOURCE_UNSUPPORTED: "later",
    ERR_PROFILE_NOT_FOUND: "no profile",
    ERR_PROFILE_LOOP: "loop",
  } as const;
  return named[code as keyof typeof named] ?? (details?.links === undefined ? "error" : "none");
}

const withoutDefault = (parameters: StsCall[2]): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== "aws-refresh-session"));

/** Numbers are text on the wire. */
const asText = ({ outcome, method, keys, calls }: Answer) => ({
  outcome,
  method,
  keys,
  calls: calls?.map(([operation, signer, parameters]) => [
    operation,
    signer,
    Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
  ]),
});

oracleTest(
  "400 random homes and environments give the credentials that botocore finds, by the same calls",
  async (t) => {
    t.log(`SEED=${random.seed}`);
    const before = process.cwd();
    t.teardown(() => process.chdir(before));
    const cases = Array.from({ length: 400 }, (_, id) => ({ ...(FIXED[id] ?? newCase()), id }));
    const homes = cases.map(write);
    const expected = ask<Answer>("botocore-chain.py", cases, { CASES: folder });
    const counts: Record<string, number> = {};
    for (const [index, each] of cases.entries()) {
      const theirs = expected[index] as Answer;
      const mine = await ours(each, homes[index] as string);
      t.deepEqual(asText(mine), asText(theirs), `${JSON.stringify(each)}\n${mine.error}\n${theirs.error}`);
      const count = theirs.method ?? theirs.outcome;
      counts[count] = (counts[count] ?? 0) + 1;
    }
    t.log(JSON.stringify(counts));
    // Each kind of outcome has to be among them, or the comparison says little.
    for (const kind of KINDS) t.true((counts[kind] ?? 0) > 0, kind);
  },
);

const KINDS = [
  "env",
  "assume-role",
  "assume-role-with-web-identity",
  "shared-credentials-file",
  "custom-process",
  "config-file",
  "none",
  "later",
  "no profile",
  "loop",
  "error",
];
