/** Payload streams that must not succeed: wrong options, wrong lengths, errors and aborts on the way, and slow readers. */
import { randomBytes } from "node:crypto";
import { PassThrough, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import test, { type ExecutionContext } from "ava";
import { SigningError, type SignStreamOptions } from "aws-refresh-session/signing";
import { signerWith } from "../examples.js";

const request = { method: "PUT", url: "https://bucket.s3.us-east-1.amazonaws.com/key" };
const signer = signerWith({ service: "s3" });
const CHUNK = 8192;

const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));
test.afterEach("nothing is left unhandled", async (t) => {
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(unhandled, []);
});

const REFUSED: Record<string, { options: object; param: string; code?: string; request?: object }> = {
  "no length": { options: {}, param: "decodedContentLength" },
  "a negative length": { options: { decodedContentLength: -1 }, param: "decodedContentLength" },
  "half a byte": { options: { decodedContentLength: 0.5 }, param: "decodedContentLength" },
  "a length that is no number": { options: { decodedContentLength: "5" }, param: "decodedContentLength" },
  "an infinite length": { options: { decodedContentLength: Number.POSITIVE_INFINITY }, param: "decodedContentLength" },
  "a length beyond what numbers hold": {
    options: { decodedContentLength: Number.MAX_SAFE_INTEGER },
    param: "decodedContentLength",
  },
  "chunks smaller than S3 takes": { options: { decodedContentLength: 1, chunkSize: 8191 }, param: "chunkSize" },
  "chunks larger than memory should hold": {
    options: { decodedContentLength: 1, chunkSize: 2 ** 24 + 1 },
    param: "chunkSize",
  },
  "an unsupported checksum": {
    options: { decodedContentLength: 1, checksumAlgorithm: "MD5" },
    param: "checksumAlgorithm",
    code: "ERR_SIGN_CHECKSUM",
  },
  "a checksum in other letters": {
    options: { decodedContentLength: 1, checksumAlgorithm: "crc32" },
    param: "checksumAlgorithm",
    code: "ERR_SIGN_CHECKSUM",
  },
  "a checksum by an inherited name": {
    options: { decodedContentLength: 1, checksumAlgorithm: "toString" },
    param: "checksumAlgorithm",
    code: "ERR_SIGN_CHECKSUM",
  },
  "an unknown option": { options: { decodedContentLength: 1, checksum: "CRC32" }, param: "checksum" },
  "the name of the header": { options: { contentLength: 1 }, param: "contentLength" },
  "another payload": { options: { decodedContentLength: 1, payload: "maybe" }, param: "payload" },
  "an unsigned body without a trailer": { options: { decodedContentLength: 1, payload: "unsigned" }, param: "payload" },
  "a trailer that is a list": {
    options: { decodedContentLength: 1, trailers: ["a"] },
    param: "trailers",
    code: "ERR_SIGN_TRAILER",
  },
  "a trailer name with a blank": {
    options: { decodedContentLength: 1, trailers: { "a b": "c" } },
    param: "trailers",
    code: "ERR_SIGN_TRAILER",
  },
  "the signature as a trailer": {
    options: { decodedContentLength: 1, trailers: { "X-Amz-Trailer-Signature": "c" } },
    param: "trailers",
    code: "ERR_SIGN_TRAILER",
  },
  "a trailer twice": {
    options: { decodedContentLength: 1, trailers: { a: "1", A: "2" } },
    param: "trailers",
    code: "ERR_SIGN_TRAILER",
  },
  "the checksum twice": {
    options: { decodedContentLength: 1, checksumAlgorithm: "SHA1", trailers: { "X-Amz-Checksum-Sha1": "2" } },
    param: "trailers",
    code: "ERR_SIGN_TRAILER",
  },
  "a trailer with a line feed": {
    options: { decodedContentLength: 1, trailers: { a: "1\r\nb:2" } },
    param: "trailers: a",
    code: "ERR_SIGN_TRAILER",
  },
  "an empty trailer": {
    options: { decodedContentLength: 1, trailers: { a: "" } },
    param: "trailers: a",
    code: "ERR_SIGN_TRAILER",
  },
  "a computed trailer without its length": {
    options: { decodedContentLength: 1, trailers: { a: { compute: () => "1" } } },
    param: "trailers: a",
    code: "ERR_SIGN_TRAILER",
  },
  "a body in the request": { options: { decodedContentLength: 1 }, param: "body", request: { body: "x" } },
  "a body that is no iterable": { options: { decodedContentLength: 1, body: 5 }, param: "body" },
  "a transfer encoding": {
    options: { decodedContentLength: 1 },
    param: "headers: transfer-encoding",
    request: { headers: { "Transfer-Encoding": "chunked" } },
  },
  "a header that is an object": {
    options: { decodedContentLength: 1 },
    param: "headers: a",
    request: { headers: { a: {} } },
  },
  "options that are none": { options: null as never, param: "options" },
};
for (const [what, { options, param, code = "ERR_SIGN_STREAM", request: more = {} }] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, async (t) => {
    const error = await t.throwsAsync(signer.signStream({ ...request, ...more }, options as SignStreamOptions), {
      instanceOf: SigningError,
    });
    t.is(error.param, param);
    t.is(error.code, code);
  });
}

test("refused: a signed body for a set of regions", async (t) => {
  const multi = signerWith({ service: "s3", algorithm: "sigv4a" } as never);
  const error = await t.throwsAsync(multi.signStream(request, { decodedContentLength: 1 }), {
    instanceOf: SigningError,
  });
  t.is(error.param, "payload");
});

/** What comes out until the stream fails, and the error. */
async function failed(stream: Readable): Promise<{ output: string; error: SigningError }> {
  const output: Buffer[] = [];
  try {
    for await (const bytes of stream) output.push(bytes);
  } catch (error) {
    return { output: Buffer.concat(output).toString("latin1"), error: error as SigningError };
  }
  throw new Error("the stream did not fail");
}

const notEnded = (t: ExecutionContext, output: string) => t.notRegex(output, /(?:^|\r\n)0(?:;|\r\n)/);

for (const payload of ["signed", "unsigned"] as const) {
  const options = { checksumAlgorithm: "CRC32", payload, chunkSize: CHUNK } as const;
  for (const [found, declared] of [
    [0, 1],
    [CHUNK - 1, CHUNK],
    [CHUNK, CHUNK + 1],
    [3 * CHUNK, 4 * CHUNK],
    [1, 0],
    [CHUNK + 1, CHUNK],
    [4 * CHUNK, 3 * CHUNK],
  ] as const) {
    test(`a body of ${found} bytes declared as ${declared} fails without an end, ${payload}`, async (t) => {
      // "b" keeps the content apart from the zero that begins the end.
      const body = [Buffer.alloc(found, "b")];
      const { stream } = await signer.signStream(request, { decodedContentLength: declared, body, ...options });
      const { output, error } = await failed(stream);
      t.true(error instanceof SigningError);
      t.is(error.code, "ERR_SIGN_LENGTH");
      t.is(error.param, "decodedContentLength");
      t.regex(error.message, new RegExp(`${declared} bytes.*${found}`));
      notEnded(t, output);
    });
  }

  test(`an error in mid-body reaches the reader and ends nothing, ${payload}`, async (t) => {
    const broken = async function* () {
      yield Buffer.alloc(CHUNK, "b");
      throw new Error("the disk failed");
    };
    const { stream } = await signer.signStream(request, {
      decodedContentLength: 2 * CHUNK,
      body: broken(),
      ...options,
    });
    const { output, error } = await failed(stream);
    t.is(error.message, "the disk failed");
    notEnded(t, output);
  });

  test(`a trailer that cannot be computed ends nothing, ${payload}`, async (t) => {
    for (const [compute, code] of [
      [() => "too long", "ERR_SIGN_TRAILER"],
      [() => "\n", "ERR_SIGN_TRAILER"],
      [() => undefined as never, "ERR_SIGN_TRAILER"],
      [
        () => {
          throw new SigningError("mine", { code: "ERR_MINE" });
        },
        "ERR_MINE",
      ],
    ] as const) {
      const { stream } = await signer.signStream(request, {
        decodedContentLength: 5,
        body: ["bbbbb"],
        ...options,
        trailers: { "x-mine": { length: 1, compute } },
      });
      const { output, error } = await failed(stream);
      t.is(error.code, code);
      notEnded(t, output);
    }
  });
}

test("what a trailer throws is the error of the stream", async (t) => {
  const mine = new Error("no sum");
  const compute = () => {
    throw mine;
  };
  const { stream } = await signer.signStream(request, {
    decodedContentLength: 1,
    body: ["b"],
    trailers: { a: { length: 1, compute } },
  });
  t.is((await failed(stream)).error as Error, mine);
});

test("an abort destroys stream and source, before the call and in mid-body", async (t) => {
  await t.throwsAsync(signer.signStream(request, { decodedContentLength: 1, signal: AbortSignal.abort() }), {
    any: true,
    name: "AbortError",
  });
  const controller = new AbortController();
  const source = new PassThrough();
  const { stream } = await signer.signStream(request, {
    decodedContentLength: 2 * CHUNK,
    body: source,
    signal: controller.signal,
  });
  source.write(Buffer.alloc(CHUNK, "b"));
  const ended = failed(stream);
  controller.abort();
  const { output, error } = await ended;
  t.is(error.name, "AbortError");
  notEnded(t, output);
  t.true(source.destroyed && stream.destroyed);
});

test("destroying the stream ends its source and leaves nothing hanging", async (t) => {
  const source = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(CHUNK);
    })(),
  );
  const { stream } = await signer.signStream(request, { decodedContentLength: 2 ** 40, body: source });
  stream.once("data", () => stream.destroy());
  await new Promise((resolve) => stream.once("close", resolve));
  await new Promise((resolve) => setImmediate(resolve));
  t.true(source.destroyed);
});

test("a sink that fails ends the source", async (t) => {
  const sink = new Writable({ write: (_bytes, _encoding, done) => done(new Error("connection reset")) });
  const source = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(CHUNK);
    })(),
  );
  const { stream } = await signer.signStream(request, { decodedContentLength: 2 ** 40 });
  await t.throwsAsync(pipeline(source, stream, sink), { message: "connection reset" });
  t.true(source.destroyed && stream.destroyed);
});

test("shared memory is refused", async (t) => {
  const shared = Buffer.from(new SharedArrayBuffer(4));
  const { stream } = await signer.signStream(request, { decodedContentLength: 4, body: [shared] });
  t.is((await failed(stream)).error.code, "ERR_SIGN_BODY");
});

test("bytes that change after they were written are refused by the signature or were copied", async (t) => {
  // A producer that uses one small buffer again for every write.
  const { stream } = await signer.signStream(request, { decodedContentLength: 2000, checksumAlgorithm: "SHA256" });
  const buffer = Buffer.alloc(1000, "b");
  stream.write(buffer, () => {
    buffer.fill("c");
    stream.end(buffer);
  });
  const output = Buffer.concat(await stream.toArray()).toString("latin1");
  t.true(output.includes("b".repeat(1000) + "c".repeat(1000)));
});

test("a slow reader holds the source back, within one large write too", async (t) => {
  for (const pieces of [1, 4096]) {
    let given = 0;
    const total = 64 * 2 ** 20;
    const source = async function* () {
      for (let piece = 0; piece < pieces; piece++) {
        yield Buffer.alloc(total / pieces);
        given += total / pieces;
      }
    };
    const { stream } = await signer.signStream(request, {
      decodedContentLength: total,
      body: source(),
      chunkSize: 65_536,
    });
    let taken = 0;
    for await (const bytes of stream) {
      taken += bytes.length;
      if (taken > 2 * 2 ** 20) break;
      // A turn of the loop for each piece: whatever wants to run ahead can.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      t.true(stream.readableLength <= 4 * 65_536, `${stream.readableLength} bytes wait to be read`);
      if (pieces > 1) t.true(given - taken <= 8 * 65_536, `${given - taken} bytes ahead of the reader`);
    }
  }
});

test("a body that goes on and on fails with the first byte too many", async (t) => {
  let given = 0;
  const body = (function* () {
    for (; given < 1000; given++) yield Buffer.alloc(CHUNK, "b");
  })();
  const { stream } = await signer.signStream(request, { decodedContentLength: 2 * CHUNK, body, chunkSize: CHUNK });
  const { output, error } = await failed(stream);
  t.is(error.code, "ERR_SIGN_LENGTH");
  t.true(given < 100, `${given} pieces were taken`);
  notEnded(t, output);
});

test("thousands of tiny pieces are held in the memory of one chunk", async (t) => {
  const { stream } = await signer.signStream(request, { decodedContentLength: 300_000, chunkSize: 2 ** 18 });
  let pieces = 0;
  let bytes = 0;
  stream.on("data", (piece: Buffer) => {
    pieces += 1;
    bytes += piece.length;
  });
  for (let byte = 0; byte < 300_000; byte++) {
    if (!stream.write(Buffer.of(byte & 255))) await new Promise((resolve) => stream.once("drain", resolve));
  }
  stream.end();
  await new Promise((resolve) => stream.once("close", resolve));
  t.true(bytes > 300_000);
  t.true(pieces < 100, `${pieces} pieces`);
});

test("the event loop gets its turn while a large body that is in memory already is signed", async (t) => {
  const content = randomBytes(32 * 2 ** 20);
  const { stream } = await signer.signStream(request, { decodedContentLength: content.length, body: [content] });
  let turns = 0;
  let going = true;
  const count = () => {
    turns += 1;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await pipeline(stream, new Writable({ write: (_bytes, _encoding, done) => done() }));
  going = false;
  t.true(turns >= 16, `${turns} turns`);
});
