/** Database tokens against botocore, byte for byte, and against the signers of the AWS SDK, parameter by parameter. */
import { DsqlSigner } from "@aws-sdk/dsql-signer";
import { Signer as RdsSigner } from "@aws-sdk/rds-signer";
import test from "ava";
import {
  generateDbAuthToken,
  generateDbConnectAdminAuthToken,
  generateDbConnectAuthToken,
} from "aws-refresh-session/signing";
import { pairsOf } from "../signing/examples.js";
import { freezeDate } from "./frozen-date.js";
import { ask, oracleTest } from "./python-oracle.js";
import { seeded } from "./seeded.js";

interface Case {
  readonly kind: "rds" | "DbConnect" | "DbConnectAdmin";
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly region: string;
  readonly expiresIn?: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly now: number;
}

const random = seeded();
const { below, pick, text } = random;

const ODD = [
  ..."aZ09-_.~ +%&=?#/\\:;,@!$'()*[]{}<>|^`\"",
  "\t",
  "\n",
  "é",
  "ß",
  "日本",
  "😀",
  "%20",
  "\u00a0",
  "\u0000",
];
const BASE64 = [..."ABCxyz019+/="];
const HOSTS = [
  "db.abc.eu-west-1.rds.amazonaws.com",
  "ORDERS.Cluster-ABC.us-east-1.RDS.amazonaws.com",
  "db_1.local",
  "localhost",
  "127.0.0.1",
  "a.dsql.eu-west-1.on.aws",
  "xn--bcher-kva.example.com.",
];

function newCase(): Case {
  return {
    kind: pick(["rds", "rds", "DbConnect", "DbConnectAdmin"] as const),
    hostname: pick(HOSTS),
    port: pick([5432, 3306, 443, 80, 1, 65_535, 1 + below(65_535)]),
    username: text(ODD, 12),
    region: pick(["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "mars-north-9"]),
    ...(below(2) === 0 ? {} : { expiresIn: pick([1, 60, 900, 3_600, 604_800, 1 + below(604_800)]) }),
    accessKeyId: `AKIA${text(["A", "B", "7"], 16)}`,
    secretAccessKey: text(BASE64, 40),
    ...(below(2) === 0 ? {} : { sessionToken: text(BASE64, 600) }),
    now: below(4_102_444_800) * 1_000 + below(1_000),
  };
}

function ours(each: Case): Promise<string> {
  const { kind, hostname, port, username, region, expiresIn, now } = each;
  const { accessKeyId, secretAccessKey, sessionToken } = each;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const common = { hostname, region, credentials, clock: () => now };
  if (kind === "rds") return generateDbAuthToken({ ...common, port, username });
  const generate = kind === "DbConnect" ? generateDbConnectAuthToken : generateDbConnectAdminAuthToken;
  return generate({ ...common, ...(expiresIn !== undefined && { expiresIn }) });
}

oracleTest("500 random tokens equal botocore's, byte for byte", async (t) => {
  t.log(`SEED=${random.seed}`);
  const cases = Array.from({ length: 500 }, newCase);
  const expected = ask<string>("botocore-tokens.py", cases);
  t.is(expected.length, cases.length);
  for (const [index, each] of cases.entries()) {
    t.is(await ours(each), expected[index] as string, JSON.stringify(each));
  }
});

const parametersOf = (token: string) => pairsOf(token.slice(token.indexOf("?") + 1));

test.serial("100 random RDS tokens have the parameters of the AWS SDK's", async (t) => {
  t.log(`SEED=${random.seed}`);
  let instant = 0;
  freezeDate(t, () => instant);
  for (let round = 0; round < 100; round++) {
    const each: Case = { ...newCase(), kind: "rds" };
    const { hostname, port, username, region, now } = each;
    instant = now;
    const theirs = await new RdsSigner({ hostname, port, username, region, credentials: each }).getAuthToken();
    const token = await ours(each);
    t.is(token.split("/?")[0], `${hostname}:${port}`);
    // It sorts its parameters; and it signs the host as it was given, with the port even where a client of https leaves it out.
    const isSameHost = hostname === hostname.toLowerCase() && port !== 443;
    const compared = (pairs: string[]) =>
      isSameHost ? pairs : pairs.filter((pair) => !/^X-Amz-Signature=/.test(pair));
    t.deepEqual(compared(parametersOf(token)), compared(parametersOf(theirs)), JSON.stringify(each));
    if (!isSameHost) t.notDeepEqual(parametersOf(token), parametersOf(theirs), JSON.stringify(each));
  }
});

test.serial("100 random DSQL tokens have the parameters of the AWS SDK's", async (t) => {
  t.log(`SEED=${random.seed}`);
  let instant = 0;
  freezeDate(t, () => instant);
  for (let round = 0; round < 100; round++) {
    const each: Case = { ...newCase(), kind: pick(["DbConnect", "DbConnectAdmin"] as const) };
    const { hostname, region, expiresIn, now } = each;
    instant = now;
    const signer = new DsqlSigner({
      hostname,
      region,
      credentials: each,
      ...(expiresIn !== undefined && { expiresIn }),
    });
    const theirs = await (each.kind === "DbConnect"
      ? signer.getDbConnectAuthToken()
      : signer.getDbConnectAdminAuthToken());
    const isSameHost = hostname === hostname.toLowerCase();
    const compared = (pairs: string[]) =>
      isSameHost ? pairs : pairs.filter((pair) => !/^X-Amz-Signature=/.test(pair));
    t.deepEqual(compared(parametersOf(await ours(each))), compared(parametersOf(theirs)), JSON.stringify(each));
  }
});
