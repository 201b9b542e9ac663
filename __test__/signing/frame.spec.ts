/** Tests of the way into the core and back: no line feed moves a line, no size and no fault spoils the next call. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import test from "ava";
import { BRSError, type SignableRequest, SigningError } from "aws-refresh-session/signing";
import { native } from "../../dist/native.js";
import { AT, KEYS, SESSION_KEYS, signerWith } from "./examples.js";
import { ways } from "./ways-to-sign.js";

const url = "https://example.amazonaws.com/path?query=1";
const expiresIn = 60;
const RIGHT = signerWith().signSync({ url, headers: { "x-a": "1" }, body: "content" }, AT);

// ---- the lines of the frame

test("no line feed in any part can make one request pass for another", async (t) => {
  const parts: ((text: string) => SignableRequest)[] = [
    (text) => ({ method: text, url, headers: { "x-a": "1" }, body: "b" }),
    (text) => ({ url: text, headers: { "x-a": "1" }, body: "b" }),
    (text) => ({ url: `${url}${text}`, headers: { "x-a": "1" }, body: "b" }),
    (text) => ({ url, headers: { [text]: "1" }, body: "b" }),
    (text) => ({ url, headers: { "x-a": text }, body: "b" }),
    (text) => ({ url, headers: { "x-a": [text, "1"] } }),
    (text) => ({
      url,
      headers: [
        ["x-a", text],
        [text, "1"],
      ],
    }),
    (text) => ({ url, headers: new Map([[text, text]]) }),
    (text) => ({ method: text, url: text, headers: { [text]: text } }),
  ];
  const texts = [
    "\n",
    "\n\n",
    "a\n",
    "\na",
    "GET\nhttps://evil.example/",
    "GET\nhttps://evil.example/\nx-b",
    "GET\nhttps://evil.example/\nx-b\n1",
    "1\nx-b\n2",
    "1\nx-b",
    "x-b\n2\nx-a",
    "x-a\n1\n",
    `us-east-1\nservice\n\nGET\n${url}\nx-b\n2`,
    "1\nhost\nevil.example\n",
    "1\u2028x-b\n2",
  ];
  for (const part of parts) {
    for (const text of texts) {
      for (const way of Object.values(ways)) {
        await t.throwsAsync(
          async () => way(signerWith(), part(text)),
          { instanceOf: SigningError },
          JSON.stringify(part(text)),
        );
      }
    }
  }
});

test("line feeds, NUL and look-alikes of headers in a body are content", (t) => {
  const signer = signerWith();
  const signatures = ["", "\n", "\n\n", "x-b\n2\n", "\nx-b\n2\n", "\0", `GET\n${url}\n`, "a\r\nb"].map(
    (body) => signer.signSync({ method: "POST", url, headers: { "x-a": "1" }, body }, AT).authorization,
  );
  t.is(new Set(signatures).size, signatures.length);
  for (const signature of signatures) t.regex(signature ?? "", /SignedHeaders=host;x-a;x-amz-date,/);
});

test("a digest cannot spill into the head, nor the head into it", (t) => {
  for (const sha256 of [`${"ab".repeat(32)}\n`, `\n${"ab".repeat(32)}`, "x-b\n2\n", "\n".repeat(64)]) {
    t.throws(() => signerWith().signSync({ url, body: { sha256 } }, AT), {
      instanceOf: SigningError,
      code: "ERR_SIGN_PAYLOAD",
    });
  }
});

test("what one request left in the shared buffer is no part of the next", (t) => {
  const signer = signerWith();
  const short = { url: "https://h/" };
  const expected = signer.signSync(short, AT);
  const long = {
    method: "POST",
    url: `${url}&${"q".repeat(5_000)}`,
    headers: { "x-long": "v".repeat(9_000) },
    body: "b".repeat(8_000),
  };
  const expectedLong = signer.signSync(long, AT);
  for (const spoil of [
    () => signer.signSync(long, AT),
    () => t.throws(() => signer.signSync({ ...long, headers: { "x-long": `${"v".repeat(9_000)}\n` } }, AT)),
    () => signer.presignSync(long, { ...AT, expiresIn }),
    () => signer.signSync({ ...long, url: `${url}&${"ü".repeat(50_000)}` }, AT),
    () => t.throws(() => native.panicOnPurpose()),
  ]) {
    spoil();
    t.deepEqual(signer.signSync(short, AT), expected);
    spoil();
    t.deepEqual(signer.signSync(long, AT), expectedLong);
  }
});

test("requests of every size around the shared buffer are signed right", (t) => {
  const signer = signerWith();
  for (const size of [
    0, 1, 8_191, 8_192, 8_193, 20_000, 21_500, 21_800, 21_822, 21_823, 21_824, 22_000, 65_535, 65_536, 65_537, 200_000,
  ]) {
    const value = "é".repeat(size);
    const lines = signer.explain({ url, headers: { "x-a": value } }, AT).canonicalRequest.split("\n");
    t.is(lines[4]?.length, 4 + size, String(size));
    const signed = signer.signSync({ url, headers: { "x-a": value } }, AT);
    t.regex(signed.authorization ?? "", /^AWS4-HMAC-SHA256 .* Signature=[0-9a-f]{64}$/);
    t.is(signer.explain({ url, headers: { "x-a": value } }, AT).exactResult, signed.authorization ?? "");
  }
});

// ---- the core

test("an error of the core changes nothing for the next call", (t) => {
  const frames = [
    Buffer.alloc(0),
    Buffer.alloc(71),
    Buffer.alloc(72),
    Buffer.alloc(4096, 0xff),
    Buffer.from(new Float64Array(64).fill(Number.NaN).buffer),
  ];
  for (const frame of frames) {
    for (const call of [
      () => native.sign(frame),
      () => native.signBytes(frame, Buffer.from("x")),
      () => native.presign(frame),
      () => native.explain(frame),
      () => native.presignBatch(frame, Buffer.from("https://h/"), 0),
    ]) {
      t.throws(call);
    }
    t.deepEqual(signerWith().signSync({ url, headers: { "x-a": "1" }, body: "content" }, AT), RIGHT);
  }
});

test("a frame of random doubles and text never ends in anything but an error", (t) => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  for (let round = 0; round < 2_000; round++) {
    const doubles = new Float64Array(64);
    for (let at = 0; at < 9; at++) {
      const choices = [
        random() * 200,
        -random() * 1e9,
        random() * 2 ** 64,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        0,
        2 ** 53,
        1,
      ];
      doubles[at] = choices[Math.floor(random() * choices.length)] ?? 0;
    }
    const frame = Buffer.from(doubles.buffer);
    for (let at = 72; at < frame.length; at++) frame[at] = random() < 0.2 ? 10 : Math.floor(random() * 256);
    // The handle names no cell.
    doubles[0] = 2 ** 40 + round;
    for (const call of [native.sign, native.presign, native.explain]) t.throws(() => call(frame));
  }
});

test("a panic of the core arrives as an error, and everything still works", async (t) => {
  const signer = signerWith({ credentials: SESSION_KEYS });
  const before = [signer.signSync({ url }, AT), signer.presignSync(url, { ...AT, expiresIn }), signer.explain(url, AT)];
  for (let round = 0; round < 100; round++)
    t.throws(() => native.panicOnPurpose(), { instanceOf: Error, message: /on purpose/ });
  t.deepEqual(
    [signer.signSync({ url }, AT), signer.presignSync(url, { ...AT, expiresIn }), signer.explain(url, AT)],
    before,
  );
  const list = Array.from({ length: 1_500 }, () => url);
  const [many] = await Promise.all([
    signer.presignMany(list, { ...AT, expiresIn }),
    ...Array.from({ length: 10 }, async () => t.throws(() => native.panicOnPurpose())),
  ]);
  t.deepEqual(new Set(many), new Set([signer.presignSync(url, { ...AT, expiresIn }).url]));
  const other = signerWith({ credentials: { accessKeyId: "AKIDAFTER", secretAccessKey: "after the panic" } });
  t.regex(other.signSync({ url }, AT).authorization ?? "", /Credential=AKIDAFTER/);
});

const require = createRequire(import.meta.url);
const run = promisify(execFile);

test("Node survives a panic, writes nothing about it, and signs after it", async (t) => {
  const script = `
    const { native } = require(${JSON.stringify(require.resolve("../../dist/native.js"))});
    const { Signer } = require(${JSON.stringify(require.resolve("aws-refresh-session/signing"))});
    const signer = new Signer({ service: "service", region: "us-east-1", credentials: ${JSON.stringify(KEYS)} });
    const signingDate = new Date(${AT.signingDate.getTime()});
    let caught = 0;
    for (let round = 0; round < 10; round++) {
      try { native.panicOnPurpose(); } catch (error) { if (error instanceof Error) caught++; }
    }
    const signed = signer.signSync({ url: ${JSON.stringify(url)} }, { signingDate });
    process.stdout.write(JSON.stringify({ caught, signed }));
  `;
  const { stdout, stderr } = await run(process.execPath, ["-e", script], {
    env: { ...process.env, RUST_BACKTRACE: "full" },
  });
  t.is(stderr, "");
  t.deepEqual(JSON.parse(stdout), { caught: 10, signed: signerWith().signSync({ url }, AT) });
});

test("an uncaught panic ends Node as any uncaught error does, not by an abort", async (t) => {
  const script = `require(${JSON.stringify(require.resolve("../../dist/native.js"))}).native.panicOnPurpose();`;
  const child = execFile(process.execPath, ["-e", script]);
  const [code, signal] = await once(child, "exit");
  t.is(signal, null);
  t.is(code, 1);
});

test("what the core throws without a code of its own is told as a defect of the package", async (t) => {
  const { fromNative } = require("../../dist/errors.js") as typeof import("../../dist/errors.js");
  const panic = t.throws(() => native.panicOnPurpose());
  const told = fromNative(panic);
  t.true(told instanceof BRSError);
  t.is(told.code, "ERR_INTERNAL");
  t.is(told.cause, panic);
  // As an addon of another version throws them.
  for (const code of ["NumberExpected", "InvalidArg"]) {
    t.is(fromNative(Object.assign(new Error("Failed to convert"), { code })).code, "ERR_INTERNAL");
  }
});
