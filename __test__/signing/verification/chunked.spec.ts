/** Tests of aws-chunked bodies: what is accepted however it arrives, and a table of what an attacker makes of it. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import test from "ava";
import { type ReceivedRequest, VerificationError, type VerifyOptions } from "aws-refresh-session/signing";
import { refusal, verify } from "../refusals.js";
import {
  type Chunk,
  checksums,
  chunksOf,
  chunkText,
  SIGNED,
  SIGNED_TRAILER,
  seedOf,
  trailerSignature,
  UNSIGNED_TRAILER,
  upload,
} from "./reference-chunks.js";

const CONTENTS = ["first chunk ".repeat(7), "größe\0\r\n", "third"];
const CONTENT = CONTENTS.join("");
const LENGTH = Buffer.byteLength(CONTENT);

const s3 = { service: "s3" } as const;
const open = { ...s3, payload: "allow-unsigned" } as const;

/** What the body becomes behind the verifier, when it arrives in pieces of a size. */
async function through(request: ReceivedRequest, wire: string, options: Partial<VerifyOptions> = s3, size = 1 << 20) {
  const verified = await verify(request, options);
  const bytes = Buffer.from(wire);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  const stream = Readable.from(pieces).on("error", () => {});
  const out = stream.pipe(verified.bodyVerifier());
  const content = await buffer(out);
  return { payload: verified.payload, content: content.toString() };
}

const plain = upload(SIGNED, LENGTH);
const chunks = chunksOf(seedOf(plain), CONTENTS);
const wireOf = (parts: readonly Chunk[]) => parts.map(chunkText).join("");

const trailed = (name: string) => {
  const request = upload(SIGNED_TRAILER, LENGTH, "X-Amz-Trailer", `x-amz-checksum-${name}`);
  const parts = chunksOf(seedOf(request), CONTENTS);
  const value = checksums[name]?.(CONTENT) ?? "";
  const signature = trailerSignature(parts.at(-1)?.signature ?? "", `x-amz-checksum-${name}:${value}\n`);
  const data = parts.slice(0, -1).map(chunkText).join("");
  const end = `0;chunk-signature=${parts.at(-1)?.signature}\r\n`;
  return { request, data, end, value, signature, trailer: `x-amz-checksum-${name}:${value}\r\n` };
};
const withTrailer = trailed("crc32");
const signatureLine = (signature = withTrailer.signature) => `x-amz-trailer-signature:${signature}\r\n`;

const unsigned = upload(UNSIGNED_TRAILER, LENGTH, "X-Amz-Trailer", "x-amz-checksum-sha256");
const unsignedData = CONTENTS.map((data) => `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`).join("");
const unsignedTrailer = `x-amz-checksum-sha256:${checksums.sha256?.(CONTENT)}\r\n`;

// ---- accepted

for (const size of [1, 2, 7, 64, 1 << 20]) {
  test(`signed chunks that arrive ${size} bytes at a time come out as the body`, async (t) => {
    t.deepEqual(await through(plain, wireOf(chunks), s3, size), { payload: "pending", content: CONTENT });
  });
  test(`a signed trailer that arrives ${size} bytes at a time is accepted`, async (t) => {
    const { request, data, end, trailer } = withTrailer;
    const wire = `${data}${end}${trailer}${signatureLine()}\r\n`;
    t.deepEqual(await through(request, wire, s3, size), { payload: "pending", content: CONTENT });
  });
  test(`unsigned chunks that arrive ${size} bytes at a time are accepted where that is allowed`, async (t) => {
    const wire = `${unsignedData}0\r\n${unsignedTrailer}\r\n`;
    t.deepEqual(await through(unsigned, wire, open, size), { payload: "unsigned", content: CONTENT });
  });
}

for (const name of Object.keys(checksums)) {
  test(`the checksum ${name} in a signed trailer is accepted, and another refused`, async (t) => {
    const { request, data, end, value, trailer, signature } = trailed(name);
    t.is((await through(request, `${data}${end}${trailer}${signatureLine(signature)}\r\n`)).content, CONTENT);
    const other = `${value.startsWith("A") ? "B" : "A"}${value.slice(1)}`;
    const last = /chunk-signature=(.*)\r\n/.exec(end)?.[1] ?? "";
    const resigned = trailerSignature(last, `x-amz-checksum-${name}:${other}\n`);
    const wrong = `${data}${end}${trailer.replace(value, other)}${signatureLine(resigned)}\r\n`;
    await t.throwsAsync(through(request, wrong), refusal("BadDigest"));
  });
}

test("the trailer may have the line feed that the S3 API reference shows", async (t) => {
  const { request, data, end, trailer } = withTrailer;
  const wire = `${data}${end}${trailer.replace("\r\n", "\n\r\n")}${signatureLine()}\r\n`;
  t.is((await through(request, wire)).content, CONTENT);
});

test("a whole chunked body is decoded at once", async (t) => {
  const verified = await verify({ ...plain, body: wireOf(chunks) }, s3);
  t.is(verified.payload, "verified");
  t.is(verified.decodedBody?.toString(), CONTENT);
  t.throws(() => verified.bodyVerifier(), { code: "ERR_CONFIGURATION" });
});

test("an empty body is one chunk", async (t) => {
  const request = upload(SIGNED, 0);
  t.is((await through(request, wireOf(chunksOf(seedOf(request), [])))).content, "");
});

test("a body is proved once", async (t) => {
  const verified = await verify(plain, s3);
  verified.bodyVerifier();
  t.throws(() => verified.bodyVerifier(), { code: "ERR_CONFIGURATION" });
});

// ---- refused

interface Attack {
  readonly name: string;
  readonly wire: string;
  readonly code: string;
  readonly request?: ReceivedRequest;
  readonly options?: Partial<VerifyOptions>;
}

const [first, second, third, last] = chunks as [Chunk, Chunk, Chunk, Chunk];
const otherSeed = chunksOf("0".repeat(64), CONTENTS);
const { data, end, trailer } = withTrailer;
const inTrailer = { request: withTrailer.request } as const;
const inOpen = { request: unsigned, options: open } as const;
const zero = "0".repeat(64);

const ATTACKS: readonly Attack[] = [
  { name: "two chunks exchanged", wire: wireOf([second, first, third, last]), code: "SignatureDoesNotMatch" },
  { name: "a chunk repeated", wire: wireOf([first, first, third, last]), code: "IncompleteBody" },
  {
    name: "a chunk repeated where the next should be",
    wire: wireOf([first, third, third, last]),
    code: "SignatureDoesNotMatch",
  },
  { name: "a chunk left out", wire: wireOf([first, third, last]), code: "SignatureDoesNotMatch" },
  { name: "the end put before the last chunk", wire: wireOf([first, second, last]), code: "IncompleteBody" },
  { name: "a byte changed", wire: wireOf(chunks).replace("third", "thirD"), code: "SignatureDoesNotMatch" },
  { name: "a byte added", wire: wireOf(chunks).replace("5;", "6;").replace("third", "thirdx"), code: "IncompleteBody" },
  {
    name: "two chunks joined",
    wire: wireOf([{ data: first.data + second.data, signature: second.signature }, third, last]),
    code: "SignatureDoesNotMatch",
  },
  { name: "chunks of another request", wire: wireOf(otherSeed), code: "SignatureDoesNotMatch" },
  {
    name: "a signature of noughts",
    wire: wireOf([{ ...first, signature: zero }, second, third, last]),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "another signature of the last chunk",
    wire: wireOf([first, second, third, { ...last, signature: zero }]),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "no signature of a chunk",
    wire: wireOf(chunks).replace(/;chunk-signature=[0-9a-f]+/, ""),
    code: "IncompleteBody",
  },
  {
    name: "an empty signature",
    wire: wireOf(chunks).replace(/chunk-signature=[0-9a-f]+/, "chunk-signature="),
    code: "IncompleteBody",
  },
  {
    name: "a signature in upper case",
    wire: wireOf(chunks).replace(
      /chunk-signature=[0-9a-f]+/,
      (text) => text.slice(0, 16) + text.slice(16).toUpperCase(),
    ),
    code: "IncompleteBody",
  },
  {
    name: "a second extension",
    wire: wireOf(chunks).replace(";chunk-signature", ";x=y;chunk-signature"),
    code: "IncompleteBody",
  },
  { name: "a size with a sign", wire: wireOf(chunks).replace(/^/, "+"), code: "IncompleteBody" },
  { name: "a size with 0x", wire: wireOf(chunks).replace(/^/, "0x"), code: "IncompleteBody" },
  { name: "a size with a blank", wire: wireOf(chunks).replace(/^/, " "), code: "IncompleteBody" },
  {
    name: "a size that overflows",
    wire: wireOf(chunks).replace(/^[0-9a-f]+/, "fffffffffffffffff"),
    code: "IncompleteBody",
  },
  {
    name: "a size beyond the body",
    wire: wireOf(chunks).replace(/^[0-9a-f]+/, "ffffffffffff"),
    code: "IncompleteBody",
  },
  { name: "an endless header", wire: "0".repeat(10_000), code: "IncompleteBody" },
  { name: "line feeds alone", wire: wireOf(chunks).replaceAll("\r\n", "\n"), code: "IncompleteBody" },
  { name: "no line end after a chunk", wire: wireOf(chunks).replace("third\r\n", "third"), code: "IncompleteBody" },
  { name: "the body without chunks", wire: CONTENT, code: "IncompleteBody" },
  { name: "no body", wire: "", code: "IncompleteBody" },
  { name: "no last chunk", wire: wireOf([first, second, third]), code: "IncompleteBody" },
  { name: "no line end at the end", wire: wireOf(chunks).slice(0, -2), code: "IncompleteBody" },
  { name: "bytes after the end", wire: `${wireOf(chunks)}x`, code: "IncompleteBody" },
  { name: "a second body after the end", wire: wireOf([...chunks, ...chunks]), code: "IncompleteBody" },
  {
    name: "a trailer where none was announced",
    wire: `${wireOf([first, second, third])}${chunkText(last).slice(0, -2)}${trailer}\r\n`,
    code: "IncompleteBody",
  },
  {
    name: "a chunk larger than the limit",
    wire: wireOf(chunks),
    options: { ...s3, maxChunkBytes: 50 },
    code: "InvalidChunkSizeError",
  },
  // ---- trailers
  {
    ...inTrailer,
    name: "no trailer where one was announced",
    wire: `${data}${end}\r\n`,
    code: "MalformedTrailerError",
  },
  { ...inTrailer, name: "an unsigned trailer", wire: `${data}${end}${trailer}\r\n`, code: "MalformedTrailerError" },
  {
    ...inTrailer,
    name: "a wrong signature of the trailer",
    wire: `${data}${end}${trailer}${signatureLine(zero)}\r\n`,
    code: "SignatureDoesNotMatch",
  },
  {
    ...inTrailer,
    name: "another checksum under the right signature",
    wire: `${data}${end}x-amz-checksum-crc32:AAAAAA==\r\n${signatureLine()}\r\n`,
    code: "SignatureDoesNotMatch",
  },
  {
    ...inTrailer,
    name: "a trailer added",
    wire: `${data}${end}${trailer}x-amz-meta-a:1\r\n${signatureLine()}\r\n`,
    code: "SignatureDoesNotMatch",
  },
  {
    ...inTrailer,
    name: "the trailer repeated",
    wire: `${data}${end}${trailer}${trailer}${signatureLine()}\r\n`,
    code: "SignatureDoesNotMatch",
  },
  {
    ...inTrailer,
    name: "a trailer after its signature",
    wire: `${data}${end}${trailer}${signatureLine()}x-amz-meta-a:1\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    ...inTrailer,
    name: "two signatures of the trailer",
    wire: `${data}${end}${trailer}${signatureLine()}${signatureLine()}\r\n`,
    code: "SignatureDoesNotMatch",
  },
  { ...inTrailer, name: "an endless trailer", wire: `${data}${end}${"x:y\r\n".repeat(2000)}`, code: "IncompleteBody" },
  {
    ...inTrailer,
    name: "a trailer without a colon",
    wire: `${data}${end}x-amz-checksum-crc32\r\n${signatureLine()}\r\n`,
    code: "MalformedTrailerError",
  },
  {
    ...inTrailer,
    name: "a trailer whose name ends with a blank",
    wire: `${data}${end}x-amz-checksum-crc32 :AAAAAA==\r\n${signatureLine()}\r\n`,
    code: "MalformedTrailerError",
  },
  {
    ...inTrailer,
    name: "a trailer that goes on in a line (obs-fold)",
    wire: `${data}${end}x-amz-checksum-crc32:\r\n AAAAAA==\r\n${signatureLine()}\r\n`,
    code: "MalformedTrailerError",
  },
  {
    ...inTrailer,
    name: "the trailer cut off",
    wire: `${data}${end}${trailer}${signatureLine()}`,
    code: "IncompleteBody",
  },
  {
    ...inTrailer,
    name: "bytes after the trailer",
    wire: `${data}${end}${trailer}${signatureLine()}\r\nx`,
    code: "IncompleteBody",
  },
  // ---- unsigned chunks
  {
    ...inOpen,
    name: "a byte changed in unsigned chunks",
    wire: `${unsignedData.replace("third", "thirD")}0\r\n${unsignedTrailer}\r\n`,
    code: "BadDigest",
  },
  {
    ...inOpen,
    name: "unsigned chunks without their checksum",
    wire: `${unsignedData}0\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    ...inOpen,
    name: "unsigned chunks with another checksum",
    wire: `${unsignedData}0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`,
    code: "MalformedTrailerError",
  },
  {
    ...inOpen,
    name: "unsigned chunks with a checksum that is no base64",
    wire: `${unsignedData}0\r\nx-amz-checksum-sha256:!\r\n\r\n`,
    code: "BadDigest",
  },
  {
    ...inOpen,
    name: "more unsigned chunks than announced",
    wire: `${unsignedData}1\r\nx\r\n0\r\n${unsignedTrailer}\r\n`,
    code: "IncompleteBody",
  },
  { ...inOpen, name: "unsigned chunks where bodies must be signed", options: s3, wire: "", code: "AccessDenied" },
];

for (const { name, wire, code, request = plain, options = s3 } of ATTACKS) {
  for (const size of [1, 1 << 20]) {
    test(`${name}, ${size} bytes at a time: ${code}`, async (t) => {
      await t.throwsAsync(through(request, wire, options, size), refusal(code));
    });
  }
  test(`${name}, as a whole: ${code}`, async (t) => {
    await t.throwsAsync(verify({ ...request, body: wire }, options), refusal(code));
  });
}

test("no byte of a chunk comes out before its signature was compared", async (t) => {
  const wire = wireOf([first, { ...second, signature: zero }, third, last]);
  const out = Readable.from([Buffer.from(wire)]).pipe((await verify(plain, s3)).bodyVerifier());
  const seen: Buffer[] = [];
  out.on("data", (chunk: Buffer) => seen.push(chunk));
  const error = await new Promise((resolve) => out.once("error", resolve).once("end", resolve));
  t.true(error instanceof VerificationError);
  t.true(first.data.startsWith(Buffer.concat(seen).toString()));
});

for (const [title, request, code] of [
  ["a decoded length of words", upload(SIGNED, "ten" as never), "InvalidArgument"],
  ["a negative decoded length", upload(SIGNED, -1), "InvalidArgument"],
  ["a decoded length beyond all numbers", upload(SIGNED, "9".repeat(30) as never), "InvalidArgument"],
  [
    "x-amz-trailer without a form that has one",
    upload(SIGNED, 1, "X-Amz-Trailer", "x-amz-checksum-crc32"),
    "InvalidRequest",
  ],
  ["a form with a trailer without x-amz-trailer", upload(SIGNED_TRAILER, 1), "MalformedTrailerError"],
  ["a trailer that is no checksum", upload(SIGNED_TRAILER, 1, "X-Amz-Trailer", "x-amz-meta-a"), "InvalidRequest"],
  [
    "a checksum announced twice",
    upload(SIGNED_TRAILER, 1, "X-Amz-Trailer", "x-amz-checksum-crc32,X-Amz-Checksum-CRC32"),
    "InvalidRequest",
  ],
  ["an empty x-amz-trailer", upload(SIGNED_TRAILER, 1, "X-Amz-Trailer", ""), "InvalidRequest"],
] as const) {
  test(`${title}: ${code}`, async (t) => {
    await t.throwsAsync(verify(request, open), refusal(code));
  });
}
