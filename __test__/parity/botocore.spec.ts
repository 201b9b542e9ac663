/** RequestSigner and botocore's pure-Python classes make the same of the same requests, byte for byte. */
import { inspect } from "node:util";
import type { ExecutionContext } from "ava";
import type { AwsRequest } from "aws-refresh-session/signing";
import { headerCase, hookCase, postCase, presignCase, type SigningCase } from "./botocore-cases.js";
import { askBotocore, type OracleAnswer } from "./botocore-oracle.js";
import { explainOurs, signOurs } from "./botocore-ours.js";
import { oracleTest } from "./python-oracle.js";
import { type Seeded, seeded } from "./seeded.js";

const headerCases = Number(process.env.PARITY_CASES ?? 3000);

/** Compares cases until the first that differs, and tells everything about that one. */
async function compare(t: ExecutionContext, count: number, make: (random: Seeded) => SigningCase): Promise<void> {
  const random = seeded();
  const cases = Array.from({ length: Math.ceil(count) }, () => make(random));
  const answers = askBotocore(cases, true);
  let refused = 0;
  for (const [index, given] of cases.entries()) {
    const theirs = answers[index] as OracleAnswer;
    const told = () => `SEED=${random.seed}, case ${index}\n${inspect(given, { depth: 6, maxStringLength: 300 })}`;
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
    const expected = outcome(given, theirs);
    const found = ourOutcome(given, ours);
    if (inspect(found, { depth: 9, maxStringLength: null }) === inspect(expected, { depth: 9, maxStringLength: null }))
      continue;
    const explained = await explainOurs(given);
    t.log(told());
    t.log(`botocore's canonical request\n${theirs.canonicalRequest}\n\nours\n${explained?.canonicalRequest}`);
    t.log(`botocore's string to sign\n${theirs.stringToSign}\n\nours\n${explained?.stringToSign}`);
    t.deepEqual(found, expected);
    return;
  }
  t.log(`SEED=${random.seed}: ${cases.length} cases equal, ${refused} of them refused by both`);
  t.true(refused < cases.length / 4, "most cases are signed");
}

function outcome(given: SigningCase, { url, headers, timestamp, fields, policy, prepared }: OracleAnswer) {
  return {
    url,
    headers: headers.map(([name, value]) => [name, value]),
    timestamp,
    fields,
    policy,
    prepared: { url: prepared.url, body: prepared.body, ...withBytes(given, lengthOf(given, prepared.headers)) },
  };
}

/** The headers that `prepare` adds; those of a case that has them itself stay as they are. */
function lengthOf(given: SigningCase, headers: Iterable<readonly [string, string]>) {
  const [length, encoding] = ["content-length", "transfer-encoding"].map((wanted) => {
    const added = given.headers.every(([name]) => name.toLowerCase() !== wanted);
    return added ? [...headers].find(([name]) => name.toLowerCase() === wanted)?.[1] : undefined;
  });
  return { length, encoding };
}

/** botocore announces the characters of a text, which is less than the bytes that it then sends; we announce the bytes. */
function withBytes({ data }: SigningCase, found: ReturnType<typeof lengthOf>) {
  const announced = data.kind === "text" && found.length === String([...data.text].length);
  return announced ? { ...found, length: String(Buffer.byteLength(data.text)) } : found;
}

function ourOutcome(given: SigningCase, request: AwsRequest): ReturnType<typeof outcome> {
  const { url, headers, context } = request;
  const { body, ...prepared } = request.prepare();
  return {
    url,
    headers: [...headers],
    timestamp: context.timestamp ?? null,
    fields: context.s3PresignPostFields ?? null,
    policy: context.s3PresignPostPolicy ?? null,
    prepared: { url: prepared.url, body: contentOf(body), ...lengthOf(given, prepared.headers) },
  };
}

function contentOf(body: ReturnType<AwsRequest["prepare"]>["body"]): string | null {
  if (body === undefined) return null;
  if (typeof body === "string" || body instanceof Uint8Array) return Buffer.from(body as string).toString("base64");
  if (!("read" in body)) throw new Error("no case has a stream");
  return Buffer.from(body.read(1 << 20) as Uint8Array).toString("base64");
}

// `PARITY_CASES` sets the number of the first kind; the others follow it.
oracleTest("requests signed in their headers", (t) => compare(t, headerCases, headerCase));
oracleTest("presigned URLs", (t) => compare(t, headerCases / 6, presignCase));
oracleTest("POST policies", (t) => compare(t, headerCases / 15, postCase));

oracleTest("requests with the hooks of clients", (t) => compare(t, headerCases / 10, hookCase));

oracleTest("what botocore refuses by name is refused by the same name", async (t) => {
  const random = seeded();
  const refusals: Array<readonly [name: string, changes: object]> = [
    ["UnknownSignatureVersionError", { version: "v5" }],
    ["UnsupportedSignatureVersionError", { version: "v5", signingType: "presign-url" }],
    ["UnsupportedSignatureVersionError", { version: "v4", signingType: "presign-post" }],
    ["UnsupportedSignatureVersionError", { version: "bearer", signingType: "presign-url", token: "t" }],
    ["NoAuthTokenError", { version: "bearer" }],
    ["NoCredentialsError", { version: "v4", credentials: null }],
    ["NoCredentialsError", { version: "s3v4", credentials: null, signingType: "presign-url" }],
    ["NoRegionError", { version: "v4", region: null }],
    ["NoRegionError", { version: "v4", region: null, explicitRegion: "us-east-1" }],
  ];
  const cases = refusals.map(([, changes]) => {
    const made = { ...headerCase(random), context: {}, data: { kind: "none" as const }, explicitRegion: null };
    return { ...made, ...changes } as SigningCase;
  });
  const answers = askBotocore(cases, true);
  for (const [index, [name, changes]] of refusals.entries()) {
    t.true(answers[index]?.error?.startsWith(`${name}: `), `${inspect(changes)}: ${answers[index]?.error}`);
    await t.throwsAsync(signOurs(cases[index] as SigningCase), { name }, inspect(changes));
  }
});

oracleTest("bearer tokens are written alike", async (t) => {
  const given: SigningCase = { ...headerCase(seeded()), version: "bearer", token: "a.b-c", context: {} };
  const [theirs] = askBotocore([given], true);
  t.deepEqual(
    [...(await signOurs(given)).headers],
    theirs?.headers.map(([name, value]) => [name, value]),
  );
});
