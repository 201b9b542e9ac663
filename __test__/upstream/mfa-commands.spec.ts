/** Random commands for MFA codes, really run by boto3-refresh-session and by us: both take the same code from them, or none. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { STSRefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";
import { askMeanwhile, testWith } from "../parity/python-oracle.js";
import { seeded } from "../parity/seeded.js";
import { ROLE } from "./role.js";

const folder = mkdtempSync(join(tmpdir(), "commands-"));
test.after.always(() => rmSync(folder, { recursive: true }));

/** Prints six digits that its arguments give: who splits a line differently gets another code. */
const CHECKSUM = join(folder, "checksum.cjs");
writeFileSync(
  CHECKSUM,
  `const { createHash } = require("node:crypto");
const digest = createHash("sha256").update(JSON.stringify(process.argv.slice(2))).digest();
console.log(String(digest.readUInt32BE() % 1_000_000).padStart(6, "0"));`,
);

const random = seeded();

const WORDS = [
  "a",
  "--b=c",
  "d e",
  "'",
  '"',
  "\\",
  "\\'",
  '\\"',
  "' '",
  '""',
  "''",
  '"$x"',
  " ",
  "\t",
  "\n",
  "#",
  ";",
  "|",
  "*",
  "~",
];
const OUTPUT = ["1", "123", "456", "123456", "000000", "1234567", " ", "\n", "-", "_", "a", ":", "=", ".", "otp"];

type Provider = string | string[];

function newProvider(): Provider {
  const { list, pick, chance, text } = random;
  if (chance(0.6)) return `"${process.execPath}" ${CHECKSUM} ${list(8, () => pick(WORDS)).join("")}`;
  return [process.execPath, "-e", `process.stdout.write(${JSON.stringify(text(OUTPUT, 7))})`];
}

testWith("boto3-refresh-session")("40 random commands give the code, or the error, that they give there", async (t) => {
  t.log(`SEED=${random.seed}`);
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const region = "eu-west-1";
  const credentials = { ...endpoint.credentials };
  const providers = Array.from({ length: 40 }, newProvider);
  // A device of its own for each, since a code of a device is sent once.
  const roleOf = (index: number, side: string) => ({
    ...ROLE,
    SerialNumber: `arn:aws:iam::123456789012:mfa/${side}-${index}`,
  });
  const answers = await askMeanwhile<{ error?: string }>(
    "../upstream/role-over-http.py",
    providers.map((mfaTokenProvider, index) => ({
      assumeRole: roleOf(index, "there"),
      mfaTokenProvider,
      region,
      credentials,
      endpoint: endpoint.stsUrl,
    })),
    { AWS_EC2_METADATA_DISABLED: "true" },
    "boto3-refresh-session",
  );
  const theirs = codes();
  const errors: Array<string | undefined> = [];
  for (const [index, mfaTokenProvider] of providers.entries()) {
    errors.push(await errorOf(index, mfaTokenProvider));
  }
  const ours = codes();
  for (const [index, provider] of providers.entries()) {
    const about = JSON.stringify(provider);
    t.is(errors[index], answers[index]?.error, about);
    t.is(ours.get(`here-${index}`), theirs.get(`there-${index}`), about);
  }
  t.true(errors.filter((error) => error === undefined).length > 5);
  t.true(errors.filter((error) => error === "BRSConfigurationError").length > 5);

  /** The codes that the endpoint got, by the names of the devices. */
  function codes(): Map<string, string | undefined> {
    const requests = endpoint.sts.requests.filter(({ Action }) => Action === "AssumeRole");
    return new Map(
      requests.map(({ SerialNumber = "", TokenCode }) => [SerialNumber.split("/")[1] as string, TokenCode]),
    );
  }

  async function errorOf(index: number, mfaTokenProvider: Provider): Promise<string | undefined> {
    let session: STSRefreshableSession | undefined;
    try {
      session = new STSRefreshableSession({
        assumeRole: roleOf(index, "here"),
        mfaTokenProvider,
        region,
        env: {},
        stsClientConfig: { endpoint: endpoint.stsUrl, credentials },
      });
      await session.refreshableCredentials();
      return undefined;
    } catch (error) {
      return (error as Error).constructor.name;
    } finally {
      session?.close();
    }
  }
});
