/** Tests of bodies that are proved against a declared hash while they arrive, and of bodies that were not announced. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import test from "ava";
import type { ReceivedRequest, VerifyOptions } from "aws-refresh-session/signing";
import { presignedAs, sha256, signedAs } from "../reference.js";
import { plain, refusal, verify, withHeaders } from "../refusals.js";

const declared = (hash: string): ReceivedRequest => {
  const { method, target, rawHeaders } = withHeaders("X-Amz-Content-Sha256", hash);
  return signedAs(
    { method, target, rawHeaders },
    { service: "s3", signedHeaders: "host;x-amz-content-sha256;x-amz-date" },
  );
};

async function through(request: ReceivedRequest, pieces: readonly Uint8Array[], change: Partial<VerifyOptions> = {}) {
  const verified = await verify(request, { service: "s3", ...change });
  const out = await buffer(Readable.from(pieces).pipe(verified.bodyVerifier()));
  return { payload: verified.payload, content: out.toString() };
}

const content = "größe ".repeat(100_000);
const bytes = Buffer.from(content);
const hash = sha256(bytes);

test("the declared body passes, in one piece and in many", async (t) => {
  for (const pieces of [[bytes], [bytes.subarray(0, 1), bytes.subarray(1, 70_000), bytes.subarray(70_000)]]) {
    t.deepEqual(await through(declared(hash), pieces), { payload: "pending", content });
  }
  t.is((await through(declared(hash.toUpperCase()), [bytes])).content, content);
});

test("bytes in shared memory are copied before they are proved", async (t) => {
  const shared = Buffer.from(new SharedArrayBuffer(bytes.length));
  bytes.copy(shared);
  t.is((await through(declared(hash), [shared])).content, content);
});

for (const [title, pieces] of [
  ["another", [Buffer.from("other")]],
  ["a shorter", [bytes.subarray(1)]],
  ["a longer", [bytes, Buffer.from("x")]],
  ["no", []],
] as const) {
  test(`${title} body: XAmzContentSHA256Mismatch`, async (t) => {
    await t.throwsAsync(through(declared(hash), pieces), refusal("XAmzContentSHA256Mismatch"));
  });
}

test("a body that was not announced is refused", async (t) => {
  const { method, target, rawHeaders } = plain;
  const request = signedAs({ method, target, rawHeaders });
  t.deepEqual(await through(request, [], { service: "service" }), { payload: "verified", content: "" });
  const some = through(request, [Buffer.from("x")], { service: "service" });
  await t.throwsAsync(some, refusal("XAmzContentSHA256Mismatch"));
});

test("an open body passes as it is", async (t) => {
  const { method, target, rawHeaders } = plain;
  const request = presignedAs({ method, target, rawHeaders }, { service: "s3" });
  const open = { payload: "allow-unsigned" } as const;
  t.deepEqual(await through(request, [bytes], open), { payload: "unsigned", content });
});
