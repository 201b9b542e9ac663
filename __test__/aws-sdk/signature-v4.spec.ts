/** What SignatureV4 gives back, and what it leaves alone. */
import { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/protocols";
import test from "ava";
import { SignatureV4, SigningError } from "aws-refresh-session/aws-sdk";
import { AT, ours, request, theirs } from "./examples.js";

const MEBIBYTE = 1 << 20;

for (const [title, make] of [
  ["bytes", () => Buffer.alloc(5 * MEBIBYTE, "content")],
  ["text", () => "größe".repeat(MEBIBYTE)],
  ["an ArrayBuffer", () => new ArrayBuffer(3 * MEBIBYTE)],
  ["words", () => new Uint16Array(2 * MEBIBYTE).fill(77)],
  ["shared memory", () => new Uint8Array(new SharedArrayBuffer(3 * MEBIBYTE)).fill(7)],
] as const) {
  test(`a large body of ${title} is hashed as a small one`, async (t) => {
    const body = make();
    for (const applyChecksum of [true, false]) {
      const [own, stock] = [ours({ applyChecksum }), theirs({ applyChecksum })];
      t.deepEqual((await own.sign(request({ body }), AT)).headers, (await stock.sign(request({ body }), AT)).headers);
      t.deepEqual((await own.presign(request({ body }), AT)).query, (await stock.presign(request({ body }), AT)).query);
      const headers = { host: "h", "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
      t.deepEqual(
        (await own.sign(request({ body, headers }), AT)).headers,
        (await stock.sign(request({ body, headers }), AT)).headers,
      );
    }
  });
}

test("the event loop turns while a large body is hashed", async (t) => {
  let turns = 0;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await ours().sign(request({ body: Buffer.alloc(32 * MEBIBYTE) }), AT);
  clearImmediate(next);
  t.true(turns >= 16, `${turns} turns`);
});

test("a request keeps its class and its body, and shares nothing else with what was given", async (t) => {
  class Special extends HttpRequest {}
  const body = Readable.from(["content"]);
  const input = new Special({ ...request(), body, query: { list: ["a", "b"] } });
  const signed = await ours().sign(input, AT);
  t.true(signed instanceof Special);
  t.true(HttpRequest.isInstance(signed));
  t.is(signed.body, body);
  t.deepEqual(HttpRequest.clone(signed as HttpRequest).headers, signed.headers);
  const presigned = await ours().presign(input, AT);
  for (const result of [signed, presigned]) {
    t.not(result.headers, input.headers);
    t.not(result.query, input.query);
    t.not(result.query?.list, input.query.list);
  }
});

test("a plain request becomes one that can be cloned, as the SDK's does", async (t) => {
  const input = { ...request(), query: { list: ["a"] } };
  const signed = (await ours().sign(input, AT)) as HttpRequest;
  const stock = (await theirs().sign(input, AT)) as HttpRequest;
  t.deepEqual({ ...signed }, { ...stock });
  const clone = signed.clone();
  t.deepEqual({ ...clone }, { ...stock.clone() });
  t.not(clone.headers, signed.headers);
  t.not(clone.query.list, signed.query.list);
  t.deepEqual({ ...clone.clone() }, { ...signed });
});

test("what is left out of a request becomes what the SDK makes of it", async (t) => {
  for (const parts of [{ headers: {} }, { headers: {}, path: "" }, { headers: {}, protocol: "http", path: "a" }]) {
    const input = parts as HttpRequest;
    t.deepEqual({ ...(await ours().sign(input, AT)) }, { ...(await theirs().sign(input, AT)) });
    t.deepEqual(await ours().presign(input, AT), await theirs().presign(input, AT));
  }
});

test("signing a signed request again replaces the signature", async (t) => {
  const once = await ours().sign(request(), AT);
  const later = { signingDate: new Date(AT.signingDate.getTime() + 60_000) };
  t.deepEqual((await ours().sign(once, later)).headers, (await ours().sign(request(), later)).headers);
});

test("one signer may sign many things at once", async (t) => {
  const signer = ours();
  const stock = theirs();
  const inputs = Array.from({ length: 100 }, (_, index) => request({ path: `/${index}`, body: `${index}` }));
  const signed = await Promise.all(inputs.map((input) => signer.sign(input, AT)));
  for (const [index, input] of inputs.entries()) {
    t.is(signed[index]?.headers.authorization, (await stock.sign(input, AT)).headers.authorization);
  }
});

test("without a date both sign for now", async (t) => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { headers } = await ours().sign(request());
  const text = headers["x-amz-date"]?.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z") ?? "";
  const at = Date.parse(text);
  t.true(at >= before && at <= Date.now(), text);
});

test("a signer of no options is refused by name", (t) => {
  const error = t.throws(() => new SignatureV4(undefined as never), { instanceOf: SigningError });
  t.is(error?.param, "init");
});
