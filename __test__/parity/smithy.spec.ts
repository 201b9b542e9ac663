/** Our SignatureV4 beside `@smithy/signature-v4`, on thousands of random calls; SEED repeats a run. */
import { inspect } from "node:util";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 as Theirs } from "@smithy/signature-v4";
import type { HeaderBag, HttpRequest } from "@smithy/types";
import test from "ava";
import { SignatureV4 as Ours, SigningError } from "aws-refresh-session/aws-sdk";
import { native } from "../../dist/native.js";
import { type Case, type Kind, makeCase } from "./smithy-cases.js";
import { caseSeed } from "./smithy-random.js";

const SEED = process.env.SEED === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(process.env.SEED);
const CASES = Number(process.env.CASES ?? 2500);

/** Their signer, which tells what it hashed. */
class Telling extends Theirs {
  canonicalRequest = "";

  override createCanonicalRequest(request: HttpRequest, headers: HeaderBag, payloadHash: string): string {
    this.canonicalRequest = super.createCanonicalRequest(request, headers, payloadHash);
    return this.canonicalRequest;
  }
}

type Sign = (input: unknown, options: unknown) => Promise<unknown>;
type Signer = { readonly sign: unknown; readonly presign: unknown; readonly signMessage: unknown };

function call(signer: Signer, { kind, input, options }: Case): Promise<unknown> {
  const member =
    kind === "presign"
      ? "presign"
      : kind === "message" && options?.signingDate instanceof Date
        ? "signMessage"
        : "sign";
  return (signer[member] as Sign).call(signer, input, options);
}

const theirSigner = ({ init }: Case) => new Telling({ ...init, sha256: Sha256 } as never);
const ourSigner = ({ init }: Case) => new Ours({ ...init, sha256: Sha256 } as never);

/** Everything that can be seen of a result, in its order; a body is told by whether it is the one that was given. */
function seen(result: unknown, input: unknown): unknown {
  if (typeof result !== "object" || result === null) return result;
  const { body } = input as { body?: unknown };
  return Object.entries(result).map(([name, value]: [string, unknown]) => {
    if (name === "message") return [name, value === (input as { message?: unknown }).message];
    if (name === "body") return [name, value === body];
    if (name === "headers" || name === "query") return [name, value && Object.entries(value)];
    return [name, value];
  });
}

/** As text, which is compared a hundred times as fast as the values are by ava. */
const told = (value: unknown) => JSON.stringify(value, (_, part) => (part === undefined ? "<undefined>" : part));

/** What the core hashed for a call that is made once more. */
async function ourCanonicalRequest(each: Case): Promise<string> {
  const { signPrepared } = native;
  let canonicalRequest = "";
  native.signPrepared = (frame, body) => {
    [canonicalRequest = ""] = native.explainPrepared(Buffer.from(frame), body);
    return signPrepared(frame, body);
  };
  try {
    await call(ourSigner(each), each);
  } finally {
    native.signPrepared = signPrepared;
  }
  return canonicalRequest;
}

async function report(seed: number, which: string): Promise<string> {
  const each = makeCase(seed);
  const theirs = theirSigner(each);
  await call(theirs, makeCase(seed)).catch(() => {});
  return [
    `${which}: ${each.kind} ${inspect(each, { depth: 6, breakLength: 120 })}`,
    `canonical request of @smithy/signature-v4:\n${inspect(theirs.canonicalRequest)}`,
    `canonical request of this package:\n${inspect(await ourCanonicalRequest(each).catch(String))}`,
  ].join("\n");
}

test("every call gives what @smithy/signature-v4 gives, and leaves its input as it was", async (t) => {
  t.timeout(120_000);
  t.log(`SEED=${SEED}, ${CASES} calls`);
  const counts: Partial<Record<Kind, number>> = {};
  const failures: string[] = [];
  let refused = 0;
  for (let index = 0; index < CASES && failures.length < 5; index++) {
    const seed = caseSeed(SEED, index);
    const [forThem, forUs, untouched] = [makeCase(seed), makeCase(seed), makeCase(seed)];
    const theirs = await call(theirSigner(forThem), forThem).catch((error: Error) => error);
    const ours = await call(ourSigner(forUs), forUs).catch((error: Error) => error);
    const which = `SEED=${SEED}, case ${index}`;
    counts[forUs.kind] = (counts[forUs.kind] ?? 0) + 1;
    // Half of a surrogate pair that has moved from a header into the query can be signed by nobody.
    const bothRefuse = theirs instanceof URIError && ours instanceof SigningError && ours.code === "ERR_SIGN_URL";
    if (bothRefuse) refused++;
    else if (theirs instanceof Error || ours instanceof Error) {
      failures.push(`${which}: theirs ${inspect(theirs)}\nours ${inspect(ours)}\n${await report(seed, which)}`);
    } else if (told(seen(ours, forUs.input)) !== told(seen(theirs, forThem.input))) {
      failures.push(
        `theirs ${inspect(theirs, { depth: 4 })}\nours   ${inspect(ours, { depth: 4 })}\n${await report(seed, which)}`,
      );
    } else if (inspect(forUs, { depth: 6 }) !== inspect(untouched, { depth: 6 })) {
      failures.push(`${which}: the input was changed\n${inspect(forUs)}\n${inspect(untouched)}`);
    }
  }
  t.log(counts, `${refused} refused by both`);
  t.true(failures.length > 0 || refused < CASES / 50);
  t.deepEqual(failures, [], failures.join("\n\n"));
});
