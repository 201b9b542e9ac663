/** Config and credentials files, and commands, against botocore: the whole of what is read, or that it is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { BRSConfigurationError } from "aws-refresh-session";
import { splitCommandLine } from "../../dist/sources/command-line.js";
import { loadSharedConfig } from "../../dist/sources/config-files.js";
import { ask, oracleTest } from "./python-oracle.js";
import { seeded } from "./seeded.js";

/** Both files as Latin-1 text, one character a byte, so that any bytes can be written; an absent one is not there. */
interface Files {
  readonly config?: string;
  readonly credentials?: string;
}

type Pairs = ReadonlyArray<readonly [string, string | Pairs]>;
type Read = { readonly error: true } | Readonly<Record<"profiles" | "sso_sessions" | "services", Pairs>>;

const random = seeded();
const { below, pick, chance, list, text } = random;

const bytes = (unicode: string) => Buffer.from(unicode, "utf8").toString("latin1");

const folder = mkdtempSync(join(tmpdir(), "config-files-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function readOurs({ config, credentials }: Files): Read {
  // New names each time: what is tested here is the parser, not when files are read again.
  const path = (name: string, content: string | undefined) => {
    const file = join(folder, `${name}-${count++}`);
    if (content !== undefined) writeFileSync(file, content, "latin1");
    return file;
  };
  const env = {
    AWS_CONFIG_FILE: path("config", config),
    AWS_SHARED_CREDENTIALS_FILE: path("credentials", credentials),
  };
  try {
    const { profiles, ssoSessions, services } = loadSharedConfig({ env, homeDir: folder });
    return { profiles: pairs(profiles), sso_sessions: pairs(ssoSessions), services: pairs(services) };
  } catch (error) {
    if (error instanceof BRSConfigurationError && error.code === "ERR_CONFIG_PARSE") return { error: true };
    throw error;
  }
}

type Tree = ReadonlyMap<string, string | Tree>;
const pairs = (map: Tree): Pairs =>
  [...map].map(([name, value]) => [name, typeof value === "string" ? value : pairs(value)] as const);

const ODD: readonly Files[] = [
  {},
  { config: "" },
  { config: "\n\n" },
  { config: "[default]" },
  { config: "[default]\n" },
  { config: "[default]\r\nregion = eu-west-1\r\noutput=json\r\n" },
  { config: "[default]\rregion = eu-west-1\routput=json" },
  { config: "[default]\nregion=a\n[profile default]\nregion=b\n" },
  { config: "[profile default]\nregion=b\n[default]\nregion=a\n" },
  { config: "[default]\nregion=a\n[default]\nregion=b\n" },
  { config: "[default]\nregion=a\nREGION=b\n" },
  { config: "[default]\nregion\n" },
  { config: "[default]\n= x\n" },
  { config: "[default]\n: x\n" },
  { config: "region = a\n" },
  { config: "# only a comment\n; another\n" },
  { config: "x" },
  { config: bytes("\ufeff[default]\nregion=a\n") },
  { config: bytes("\ufeff\n[default]\nregion=a\n") },
  { config: bytes("\ufeff# comment\n") },
  { config: bytes("[default]\n\ufeffregion=a\u00a0\n") },
  { config: "[default]\nname = \xff\n" },
  { config: "[default]\nname = \xc3\n" },
  { config: "[default]\nname = \xed\xa0\x80\n" },
  { config: "[default]\nname = \xc0\x80\n" },
  { config: bytes("[profile Ünï 🙂]\nNÄME = wört\n") },
  { config: bytes('[profile "Ünï 🙂"]\nNÄME = wört\nİ=ı\nΣΑΣ = x\n') },
  { config: "[default]\nregion = a ; not a comment\noutput = b # not a comment\n" },
  { config: "[default]\nregion = a\n ; comment\n # comment\noutput = b\n" },
  { config: "[default]\nregion : a = b\noutput = c : d\n" },
  { config: "[default]\nregion=\n" },
  { config: "[default]\ns3 =\n  addressing_style = path\n  Signature_Version = s3v4\nregion = x\n" },
  { config: "[default]\ns3 =\n\n  a = 1\n\n  a = 2\n  # comment\n  b = x = y\n" },
  { config: "[default]\ns3 =\n  a = 1\n  b\n" },
  { config: "[default]\ns3 = first\n  a = 1\n  b\n" },
  { config: "[default]\ns3 =\n\n\n" },
  { config: "[default]\n  s3 =\n  a = 1\n    b = 2\n" },
  { config: "[default]\n  region = a\n" },
  { config: "  [default]\n  region = a\n    b\n" },
  { config: "[default]\nregion = a\n [profile x]\noutput = b\n" },
  { config: "[default]\nregion = a\n  [profile x]\noutput = b\n[profile y]\nc = d\n" },
  { config: "[default] trailing words\nregion = a\n" },
  { config: "[default] # comment ]\nregion = a\n" },
  { config: "[]\nregion = a\n" },
  { config: "[]]\nregion = a\n" },
  { config: "[default\nregion = a\n" },
  { config: "[default]\n[broken = a\n" },
  { config: "[profile]\na=b\n[profilex]\na=b\n[profile x y]\na=b\n[profilex y]\na=b\n[profile\ttab]\na=b\n" },
  { config: '[profile \'one two\']\na=b\n[profile "three \\" four"]\na=b\n[profile five\\ six]\na=b\n' },
  { config: "[profile 'open]\na=b\n" },
  { config: "[profile '']\na=b\n" },
  { config: '[profile a"b"c]\na=b\n[profile "d"\'e\']\na=b\n' },
  { config: "[ default ]\na=b\n[default ]\na=c\n" },
  { config: "[ profile x]\na=b\n[profile  x ]\na=c\n" },
  { config: "[profile x]\na=b\n[profile 'x']\nc=d\n" },
  { config: "[sso-session s]\nsso_region=a\n[sso-sessionx t]\nb=c\n[services v]\ns3 =\n  endpoint_url = http://h\n" },
  { config: "[DEFAULT]\nregion = common\n[profile a]\nregion = own\n[profile b]\noutput = json\n" },
  { config: "[DEFAULT]\nregion = common\n[DEFAULT]\noutput = text\n[profile b]\n" },
  { config: "[DEFAULT]\nregion = common\n[DEFAULT]\nregion = again\n[profile b]\n" },
  { config: "[DEFAULT]\ns3 =\n  broken\n" },
  { config: "[DEFAULT]\ns3 =\n  broken\n[profile b]\n" },
  { config: "[DEFAULT]\ns3 =\n  broken\n[profile b]\ns3 = fine\n" },
  { config: "[profile __proto__]\n__proto__ = x\nconstructor = y\n[profile constructor]\na = b\n" },
  { config: "[default]\na = %(b)s\nb = 100%\n" },
  { config: "[default]\na = 1\x0b2\n\x0cb = 3\n\x1c\n\x85c = 4\n" },
  { config: bytes("[default]\na = 1\u0085\n\u0085b = 2\n\u2028c = 3\n\u00a0d = 4\n") },
  { config: bytes("[default]\na =\n b = 1\u2028c = 2\n d = 3\u0085\n") },
  { config: bytes("[default]\na =\n b = 1\u2028c\n") },
  { config: "[default]\na = x\n\n  y\n\n\n  z\n\nb = 2\n" },
  { config: "[default]\na = \x00\n" },
  { config: "[default]\nA b C = d\n" },
  { credentials: "[default]\naws_access_key_id = a\n[profile x]\nregion = y\n" },
  { config: "[profile x]\na=1\nb=1\n", credentials: "[x]\nb=2\nc=2\n[y]\nd=3\n" },
  { config: "[profile x]\na=1\n", credentials: "[x]\nb\n" },
  { config: "broken", credentials: "[x]\nb=1\n" },
  { credentials: "[x]\ns3 =\n  a = b\n" },
];

const SPACES = ["", "", "", " ", "  ", "\t", " \t", "\u00a0", "\u0085", "\u2003", "\u001c", "\u000c", "\u2028"];
const NAMES = ["a", "B", "one", "default", "profile", "é", "x y", "'x y'", '"q"', "\\", "]", "[", "=", "#", ""];
const KEYS = ["region", "REGION", "aws_access_key_id", "s3", "a b", "é", "x", "y", "z", "", "#k", "[k", "k]"];
const VALUES = ["v", "eu-west-1", "a = b", "c:d", "e ; f", "g # h", "\\", '"q"', "%(x)s", "ü", "", "", "[x]", "x=y"];
const KINDS = [
  "profile ",
  "profile ",
  "profile ",
  "sso-session ",
  "services ",
  "",
  "profile",
  "profile\t",
  " profile ",
];

const space = () => (chance(0.7) ? "" : pick(SPACES));
const ending = () => (chance(0.9) ? "\n" : pick(["\r\n", "\r", "\n\n", " \n", "\n\t\n"]));

function header(): string {
  const name = chance(0.2) ? pick(["default", "DEFAULT", "default"]) : `${pick(KINDS)}${text(NAMES, 2)}${below(50)}`;
  return `${space()}[${name}]${chance(0.9) ? "" : pick([" # x", "]", " y", ";"])}${ending()}`;
}

function line(): string {
  const indent = pick(["", "", "", "", " ", "  ", "\t", space()]);
  if (chance(0.1)) return `${indent}${pick(["#", ";"])}${text(VALUES, 2)}${ending()}`;
  if (chance(0.1)) return `${indent}${ending()}`;
  // Most keys differ, since a double ends the file.
  const key = chance(0.1) ? text(KEYS, 2) : `${pick(["k", "Key_", "s3"])}${below(1_000)}`;
  const sign = chance(0.02) ? "" : pick(["=", " = ", ":", " : ", "= ", "\t=\t"]);
  return `${indent}${key}${sign}${chance(0.25) ? "" : text(VALUES, 2)}${space()}${ending()}`;
}

function file(): string {
  const start = chance(0.05) ? pick(["\ufeff", "stray\n", "k = v\n", "\n", "# c\n"]) : "";
  const content = list(5, () => `${header()}${list(6, line).join("")}`).join("");
  const unicode = bytes(start + content);
  if (chance(0.97)) return unicode;
  const at = below(unicode.length + 1);
  return unicode.slice(0, at) + pick(["\xff", "\xc3", "\xe2\x82", "\xf0\x9f"]) + unicode.slice(at);
}

const newFiles = (): Files => ({
  ...(chance(0.9) && { config: file() }),
  ...(chance(0.5) && { credentials: file() }),
});

oracleTest("odd files are read as botocore reads them", (t) => {
  const expected = ask<Read>("botocore-config.py", ODD, { PYTHONUTF8: "1" });
  for (const [index, each] of ODD.entries()) t.deepEqual(readOurs(each), expected[index], JSON.stringify(each));
});

oracleTest("800 random pairs of files are read as botocore reads them", (t) => {
  t.log(`SEED=${random.seed}`);
  const cases = Array.from({ length: 800 }, newFiles);
  const expected = ask<Read>("botocore-config.py", cases, { PYTHONUTF8: "1" });
  for (const [index, each] of cases.entries()) t.deepEqual(readOurs(each), expected[index], JSON.stringify(each));
  // Both kinds of outcome have to be among them, or the comparison says little.
  const refused = expected.filter((each) => "error" in each).length;
  t.true(refused > 50 && refused < 650, `${refused} were refused`);
});

oracleTest("2000 random commands are split as botocore splits them", (t) => {
  t.log(`SEED=${random.seed}`);
  const pieces = [
    "a",
    "bc",
    " ",
    "  ",
    "\t",
    "\n",
    "'",
    '"',
    "\\",
    "\\\\",
    '\\"',
    "''",
    '""',
    "$x",
    "#",
    "é",
    "/usr/bin/x",
  ];
  const cases = Array.from({ length: 2_000 }, () => ({
    command: chance(0.02) ? "" : text(pieces, 12),
    platform: pick(["linux", "win32"] as const),
  }));
  const expected = ask<string[] | null>("botocore-config.py", cases);
  for (const [index, { command, platform }] of cases.entries()) {
    t.deepEqual(wordsOf(command, platform), expected[index] ?? null, JSON.stringify({ command, platform }));
  }
});

/** An empty command is refused by us and empty for botocore, which then fails to start it. */
function wordsOf(command: string, platform: NodeJS.Platform): string[] | null {
  try {
    return splitCommandLine(command, { param: "command", platform });
  } catch (error) {
    return /empty/.test((error as Error).message) ? [] : null;
  }
}
