/** RequestSigner and botocore's pure-Python classes make the same of the same requests, byte for byte. */
import { inspect } from "node:util";
import type { ExecutionContext } from "ava";
import type { AwsRequest } from "aws-refresh-session/signing";
import { headerCase, postCase, presignCase, type SigningCase } from "./botocore-cases.js";
import { askBotocore, type OracleAnswer, oracleTests } from "./botocore-oracle.js";
import { explainOurs, signOurs } from "./botocore-ours.js";
import { Random, seedOfRun } from "./botocore-random.js";

const botocoreTest = oracleTests("botocore");
const seed = seedOfRun();
const headerCases = Number(process.env.PARITY_CASES ?? 3000);

/** Compares cases until the first that differs, and tells everything about that one. */
async function compare(t: ExecutionContext, count: number, make: (random: Random) => SigningCase): Promise<void> {
  const random = new Random(seed);
  const cases = Array.from({ length: Math.ceil(count) }, () => make(random));
  const answers = await askBotocore(cases, true);
  let refused = 0;
  for (const [index, given] of cases.entries()) {
    const theirs = answers[index] as OracleAnswer;
    const told = () => `SEED=${seed}, case ${index}\n${inspect(given, { depth: 6, maxStringLength: 300 })}`;
    let ours: AwsRequest | Error;
    try {
      ours = await signOurs(given);
    } catch (error) {
      ours = error as Error;
    }
    if (ours instanceof Error || theirs.error !== undefined) {
      const both = ours instanceof Error && theirs.error !== undefined;
      if (!both)
        t.fail(
          `${told()}\nbotocore: ${theirs.error ?? "signed"}\nours: ${ours instanceof Error ? ours.stack : "signed"}`,
        );
      if (!both) return;
      refused++;
      continue;
    }
    const expected = outcome(theirs);
    const found = ourOutcome(ours);
    if (inspect(found, { depth: 9, maxStringLength: null }) === inspect(expected, { depth: 9, maxStringLength: null }))
      continue;
    const explained = await explainOurs(given);
    t.log(told());
    t.log(`botocore's canonical request\n${theirs.canonicalRequest}\n\nours\n${explained?.canonicalRequest}`);
    t.log(`botocore's string to sign\n${theirs.stringToSign}\n\nours\n${explained?.stringToSign}`);
    t.deepEqual(found, expected);
    return;
  }
  t.log(`SEED=${seed}: ${cases.length} cases equal, ${refused} of them refused by both`);
  t.true(refused < cases.length / 10, "almost all cases are signed");
}

function outcome({ url, headers, timestamp, fields, policy, prepared }: OracleAnswer) {
  return {
    url,
    headers: headers.map(([name, value]) => [name, value]),
    timestamp,
    fields,
    policy,
    prepared: { url: prepared.url, body: prepared.body },
  };
}

function ourOutcome(request: AwsRequest): ReturnType<typeof outcome> {
  const { url, headers, context } = request;
  const { body, ...prepared } = request.prepare();
  return {
    url,
    headers: [...headers],
    timestamp: context.timestamp ?? null,
    fields: context.s3PresignPostFields ?? null,
    policy: context.s3PresignPostPolicy ?? null,
    prepared: { url: prepared.url, body: contentOf(body) },
  };
}

function contentOf(body: ReturnType<AwsRequest["prepare"]>["body"]): string | null {
  if (body === undefined) return null;
  if (typeof body === "string" || body instanceof Uint8Array) return Buffer.from(body as string).toString("base64");
  if (!("read" in body)) throw new Error("no case has a stream");
  return Buffer.from(body.read(1 << 20) as Uint8Array).toString("base64");
}

// `PARITY_CASES` sets the number of the first kind; the others follow it.
botocoreTest("requests signed in their headers", (t) => compare(t, headerCases, headerCase));
botocoreTest("presigned URLs", (t) => compare(t, headerCases / 6, presignCase));
botocoreTest("POST policies", (t) => compare(t, headerCases / 15, postCase));
