/** Tests of large bodies: the same signature as by any other way, while the event loop goes on. */
import { createHash, randomBytes } from "node:crypto";
import test from "ava";
import { type BodyInput, SigningError } from "aws-refresh-session/signing";
import { AT, KEYS, signatureOf, signedHeadersOf, signerWith } from "./examples.js";

const url = "https://example.amazonaws.com/";
const SIZE = 3 << 20;
const bytes = randomBytes(SIZE);
const text = "größe ".repeat(SIZE / 6);
const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

for (const [title, body, hash] of [
  ["3 MiB of bytes", bytes, sha256(bytes)],
  ["3 MiB of text", text, sha256(text)],
  [
    "3 MiB and one byte in an ArrayBuffer",
    Uint8Array.from([...bytes, 1]).buffer,
    sha256(Buffer.concat([bytes, Buffer.of(1)])),
  ],
  ["a part of a larger buffer", bytes.subarray(5, SIZE - 7), sha256(bytes.subarray(5, SIZE - 7))],
  ["exactly 2 MiB, just not large", bytes.subarray(0, 2 << 20), sha256(bytes.subarray(0, 2 << 20))],
  ["one byte more", bytes.subarray(0, (2 << 20) + 1), sha256(bytes.subarray(0, (2 << 20) + 1))],
] as const) {
  test(`${title}: sign, signSync, the second engine and the hash alone agree`, async (t) => {
    for (const service of ["service", "s3"]) {
      const signer = signerWith({ service });
      const request = { method: "PUT", url, headers: { "x-a": "1" }, body };
      const expected = signer.signSync({ ...request, body: { sha256: hash } }, AT);
      t.deepEqual(await signer.sign(request, AT), expected);
      t.deepEqual(signer.signSync(request, AT), expected);
      t.deepEqual(await signerWith({ service, engine: "aws-sigv4" }).sign(request, AT), expected);
      t.deepEqual((await signer.signRequest(request, AT)).headers, { "x-a": "1", ...expected });
    }
  });
}

test("the event loop turns while a large body is hashed", async (t) => {
  let turns = 0;
  const count = () => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await signerWith().sign({ method: "PUT", url, body: bytes }, AT);
  clearImmediate(timer);
  t.true(turns >= 2, `${turns} turns`);
});

test("many large bodies at once are each signed by their own hash", async (t) => {
  const signer = signerWith({ service: "s3" });
  const bodies = [0, 1, 2, 3].map((index) => Buffer.from(bytes).fill(index, 100, 200));
  const signed = await Promise.all(bodies.map((body) => signer.sign({ method: "PUT", url, body }, AT)));
  t.deepEqual(
    signed.map((headers) => headers["x-amz-content-sha256"]),
    bodies.map(sha256),
  );
});

test("a large body that is left unsigned is left unsigned by sign and by signSync", async (t) => {
  const request = { method: "PUT", url, body: bytes };
  const unsigned = signerWith({ service: "s3", payload: "unsigned" });
  t.is((await unsigned.sign(request, AT))["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
  t.deepEqual(await unsigned.sign(request, AT), unsigned.signSync(request, AT));
  const signer = signerWith({ service: "s3" });
  for (const name of ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]) {
    for (const headers of [
      { "X-Amz-Content-Sha256": name },
      new Headers({ "x-amz-content-sha256": name }),
      [["X-AMZ-CONTENT-SHA256", name]] as const,
    ]) {
      const signed = await signer.sign({ ...request, headers }, AT);
      t.is(signed["x-amz-content-sha256"], name);
      t.deepEqual(signed, signer.signSync({ ...request, headers }, AT));
    }
  }
});

test("a stale hash beside a large body is replaced", async (t) => {
  const signer = signerWith();
  const request = { method: "PUT", url, headers: { "x-amz-content-sha256": "ab".repeat(32) }, body: bytes };
  const signed = await signer.sign(request, AT);
  t.is(signed["x-amz-content-sha256"], sha256(bytes));
  t.deepEqual(signed, signer.signSync(request, AT));
});

test("a large body waits for credentials like any other", async (t) => {
  const signer = signerWith({ credentials: async () => ({ ...KEYS }) });
  const headers = new Map([["x-a", "1"]]).entries();
  const signed = await signer.sign({ method: "PUT", url, headers, body: bytes }, AT);
  t.deepEqual(signed, signerWith().signSync({ method: "PUT", url, headers: { "x-a": "1" }, body: bytes }, AT));
  t.deepEqual(signedHeadersOf(signed.authorization), ["host", "x-a", "x-amz-date"]);
});

test("a request object of a class, with getters, keeps its method, URL and headers", async (t) => {
  class Upload {
    get method() {
      return "PUT";
    }
    get url() {
      return url;
    }
    get headers() {
      return { "x-a": "1" };
    }
    get body(): BodyInput {
      return bytes;
    }
  }
  const expected = signerWith().signSync({ method: "PUT", url, headers: { "x-a": "1" }, body: bytes }, AT);
  t.deepEqual(await signerWith().sign(new Upload(), AT), expected);
});

test("what is wrong with a request that has a large body is told as ever", async (t) => {
  const signer = signerWith();
  const refused = (request: object, code: string) =>
    t.throwsAsync(signer.sign({ method: "PUT", url, body: bytes, ...request } as never), {
      instanceOf: SigningError,
      code,
    });
  await refused({ url: "/relative" }, "ERR_SIGN_URL");
  await refused({ url: undefined }, "ERR_SIGN_REQUEST");
  await refused({ headers: { "a b": "1" } }, "ERR_SIGN_HEADER");
  await refused({ headers: 7 }, "ERR_SIGN_REQUEST");
  await refused({ headers: ["ab"] }, "ERR_SIGN_REQUEST");
  await refused({ body: new Uint8Array(new SharedArrayBuffer(SIZE)) }, "ERR_SIGN_BODY");
  await refused({ body: new SharedArrayBuffer(SIZE) }, "ERR_SIGN_BODY");
});

test("presigning hashes a large body as well", (t) => {
  const signer = signerWith();
  const presign = (body: BodyInput) =>
    signatureOf(signer.presignSync({ method: "PUT", url, body }, { ...AT, expiresIn: 60 }).url);
  t.is(presign(bytes), presign({ sha256: sha256(bytes) }));
  t.is(presign(text), presign({ sha256: sha256(text) }));
});
