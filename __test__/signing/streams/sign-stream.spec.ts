/** Payload streams byte by byte: the values of the S3 guide, a second implementation, exact lengths and every checksum. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ReadableStream } from "node:stream/web";
import test from "ava";
import { Signer, type SignStreamOptions } from "aws-refresh-session/signing";
import { DATE, KEYS, SESSION_KEYS, signatureOf, signedHeadersOf, signerWith } from "../examples.js";
import { ALGORITHMS, checksumOf } from "./checksums.js";
import { parseBody } from "./encoded-body.js";

const GUIDE_KEYS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const GUIDE = { service: "s3", region: "us-east-1", credentials: GUIDE_KEYS, clock: () => Date.UTC(2013, 4, 24) };
const GUIDE_REQUEST = {
  method: "PUT",
  url: "https://s3.amazonaws.com/examplebucket/chunkObject.txt",
  headers: { "x-amz-storage-class": "REDUCED_REDUNDANCY" },
};
const GUIDE_BODY = Buffer.alloc(66_560, "a");

const request = { method: "PUT", url: "https://bucket.s3.us-east-1.amazonaws.com/key" };
const s3Signer = (options = {}) => signerWith({ service: "s3", ...options });
const bytesOf = async (stream: Readable) => Buffer.concat(await stream.toArray());

test("the example of the S3 guide has the published bytes", async (t) => {
  const { headers, stream } = await new Signer(GUIDE).signStream(GUIDE_REQUEST, {
    decodedContentLength: GUIDE_BODY.length,
    body: [GUIDE_BODY],
  });
  t.is(signatureOf(headers.authorization), "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  t.is(headers["content-length"], "66824");
  const body = await bytesOf(stream);
  const expected = Buffer.concat([
    Buffer.from("10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"),
    GUIDE_BODY.subarray(0, 65_536),
    Buffer.from("\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"),
    GUIDE_BODY.subarray(65_536),
    Buffer.from("\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"),
  ]);
  t.true(body.equals(expected));
});

test("the example with a trailer has the published bytes", async (t) => {
  // That example signs no content-length.
  const signer = new Signer({ ...GUIDE, unsignedHeaders: ["content-length"] });
  const { headers, stream } = await signer.signStream(GUIDE_REQUEST, {
    decodedContentLength: GUIDE_BODY.length,
    checksumAlgorithm: "CRC32C",
    body: [GUIDE_BODY],
  });
  t.is(signatureOf(headers.authorization), "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  const body = await bytesOf(stream);
  t.true(
    body
      .toString("latin1")
      .endsWith(
        "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
          "x-amz-checksum-crc32c:sOO8/Q==\r\n" +
          "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
      ),
  );
  t.is(headers["content-length"], String(body.length));
});

/** The chain once more, from the guide's text. */
function chain(seed: string, secret: string) {
  const scope = "20150830/us-east-1/s3/aws4_request";
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
  let previous = seed;
  const sign = (...lines: string[]) => {
    previous = hmac(key, lines.join("\n")).toString("hex");
    return previous;
  };
  return {
    chunk: (data: Uint8Array) =>
      sign("AWS4-HMAC-SHA256-PAYLOAD", "20150830T123600Z", scope, previous, sha256(""), sha256(data)),
    trailer: (text: string) => sign("AWS4-HMAC-SHA256-TRAILER", "20150830T123600Z", scope, previous, sha256(text)),
  };
}

/** A body cut at random, small pieces and large ones, with empty ones between. */
function* cut(content: Buffer, random: () => number): Generator<Buffer> {
  for (let at = 0; at < content.length; ) {
    const most = [3, 500, 5000, 70_000, 400_000][Math.floor(random() * 5)] ?? 1;
    const size = Math.floor(random() * most);
    yield content.subarray(at, at + size);
    at += size;
  }
}

/** Repeats from a seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("random bodies, however cut, have the bytes of a second implementation", async (t) => {
  const seed = Number(process.env.SEED ?? randomBytes(4).readUInt32LE());
  t.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  for (let turn = 0; turn < 60; turn++) {
    const chunkSize = 8192 + Math.floor(random() * 2) * Math.floor(random() * 100_000);
    const edge = [0, 1, chunkSize - 1, chunkSize, chunkSize + 1][turn];
    const content = randomBytes(edge ?? Math.floor(random() * 600_000));
    const checksumAlgorithm = ALGORITHMS[Math.floor(random() * 8)];
    const payload = checksumAlgorithm !== undefined && random() < 0.3 ? "unsigned" : "signed";
    const options: SignStreamOptions = {
      decodedContentLength: content.length,
      chunkSize,
      payload,
      ...(checksumAlgorithm !== undefined && { checksumAlgorithm, trailers: { "X-Meta": "a b" } }),
    };
    const { headers, stream } = await s3Signer().signStream(request, options);
    const [body] = await Promise.all([bytesOf(stream), pipeline(cut(content, random), stream)]);
    t.is(headers["content-length"], String(body.length));
    t.is(headers["x-amz-decoded-content-length"], String(content.length));
    const { chunks, trailers } = parseBody(body);
    t.true(Buffer.concat(chunks.map(({ data }) => data)).equals(content));
    const sizes = Array.from({ length: Math.floor(content.length / chunkSize) }, () => chunkSize);
    if (content.length % chunkSize > 0) sizes.push(content.length % chunkSize);
    t.deepEqual(
      chunks.map(({ data }) => data.length),
      [...sizes, 0],
    );
    const expected = chain(signatureOf(headers.authorization), KEYS.secretAccessKey);
    for (const { data, signature } of chunks) {
      t.is(signature, payload === "signed" ? expected.chunk(data) : undefined);
    }
    if (checksumAlgorithm === undefined) {
      t.deepEqual(trailers, []);
      t.is(headers["x-amz-trailer"], undefined);
      t.is(headers["x-amz-content-sha256"], "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
      continue;
    }
    const name = `x-amz-checksum-${checksumAlgorithm.toLowerCase()}`;
    const lines = [`${name}:${checksumOf(checksumAlgorithm, content)}`, "x-meta:a b"];
    const canonical = lines.map((line) => `${line}\n`).join("");
    t.deepEqual(
      trailers,
      payload === "signed" ? [...lines, `x-amz-trailer-signature:${expected.trailer(canonical)}`] : lines,
    );
    t.is(headers["x-amz-trailer"], `${name},x-meta`);
    t.is(
      headers["x-amz-content-sha256"],
      payload === "signed" ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" : "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    );
  }
});

test("the headers replace those of the request, whatever their case, and keep its encodings", async (t) => {
  const { headers } = await s3Signer({ credentials: SESSION_KEYS }).signStream(
    {
      ...request,
      headers: [
        ["Content-Encoding", "gzip"],
        ["CONTENT-ENCODING", "AWS-Chunked, br"],
        ["Content-Length", "3"],
        ["X-Amz-Decoded-Content-Length", "4"],
        ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"],
        ["X-Amz-Security-Token", "an old one"],
        ["X-Amz-Meta-A", "1"],
      ],
    },
    { decodedContentLength: 5 },
  );
  t.is(headers["content-encoding"], "aws-chunked,gzip,br");
  t.is(headers["x-amz-security-token"], SESSION_KEYS.sessionToken);
  t.deepEqual(signedHeadersOf(headers.authorization), [
    "content-encoding",
    "content-length",
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-meta-a",
    "x-amz-security-token",
  ]);
  // What is signed is what a plain signature over the sent headers would be.
  const sent = {
    "x-amz-meta-a": "1",
    "content-encoding": "aws-chunked,gzip,br",
    "content-length": String(headers["content-length"]),
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "x-amz-decoded-content-length": "5",
  };
  const plain = s3Signer({ credentials: SESSION_KEYS }).signSync({ ...request, headers: sent });
  t.is(headers.authorization, plain.authorization);
});

const SOURCES: Record<string, () => NonNullable<SignStreamOptions["body"]>> = {
  "a list of Buffers": () => [Buffer.from("hello "), Buffer.from("world")],
  "a list with text": () => ["hello ", new TextEncoder().encode("world")],
  "a Node stream": () => Readable.from([Buffer.from("hello "), Buffer.from("world")]),
  "an async generator": async function* () {
    yield Buffer.from("hello ");
    yield "world";
  },
  "a web stream": () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("hello world"));
        controller.close();
      },
    }),
  "one Buffer": () => Buffer.from("hello world") as never,
  "one text": () => "hello world",
};
for (const [name, source] of Object.entries(SOURCES)) {
  test(`a body may be ${name}`, async (t) => {
    const { stream } = await s3Signer().signStream(request, { decodedContentLength: 11, body: source() });
    t.is(parseBody(await bytesOf(stream)).chunks[0]?.data.toString(), "hello world");
  });
}

test("trailers are given as text or computed after the last byte", async (t) => {
  let seen = 0;
  const { headers, stream } = await s3Signer().signStream(request, {
    decodedContentLength: 4,
    body: (async function* () {
      yield "ab";
      yield "cd";
      seen = 4;
    })(),
    trailers: {
      "x-amz-checksum-sha256": checksumOf("SHA256", Buffer.from("abcd")),
      "x-count": { length: 1, compute: () => `${seen}` },
    },
  });
  const body = await bytesOf(stream);
  t.is(headers["content-length"], String(body.length));
  t.deepEqual(parseBody(body).trailers.slice(0, 2), [
    "x-amz-checksum-sha256:iNQmb9TmM42OlEX88wsQc9L4p2HfmsCkM/8iSg5+ZYk=".replace(
      /:.*/,
      `:${checksumOf("SHA256", Buffer.from("abcd"))}`,
    ),
    "x-count:4",
  ]);
});

test("a refresh in mid-stream does not change who signs the rest", async (t) => {
  let secret = "first";
  const provider = async () => ({ accessKeyId: `AKID${secret.toUpperCase()}`, secretAccessKey: secret });
  const signer = s3Signer({ credentials: Object.assign(provider, {}) });
  const content = randomBytes(20_000);
  const { headers, stream } = await signer.signStream(request, {
    decodedContentLength: content.length,
    chunkSize: 8192,
  });
  t.regex(headers.authorization ?? "", /Credential=AKIDFIRST\//);
  stream.write(content.subarray(0, 9000));
  secret = "second";
  stream.end(content.subarray(9000));
  const expected = chain(signatureOf(headers.authorization), "first");
  for (const { data, signature } of parseBody(await bytesOf(stream)).chunks) t.is(signature, expected.chunk(data));
});

test("the signing date is the one asked for, and the second engine opens the same chain", async (t) => {
  const options = { decodedContentLength: 3, body: ["abc"], signingDate: DATE };
  const clock = () => 0;
  const one = await s3Signer({ clock }).signStream(request, { ...options, body: ["abc"] });
  const two = await s3Signer({ clock, engine: "aws-sigv4" }).signStream(request, options);
  t.is(one.headers["x-amz-date"], "20150830T123600Z");
  t.is(one.headers.authorization, two.headers.authorization);
  t.true((await bytesOf(one.stream)).equals(await bytesOf(two.stream)));
});
