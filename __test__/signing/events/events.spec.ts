/** Event streams against the AWS SDK's own code: headers, frames, single signatures and whole chains. */
import { randomBytes, randomUUID } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { Sha256 } from "@smithy/core/checksum";
import { EventStreamCodec, HeaderMarshaller, Int64 } from "@smithy/core/event-streams";
import { SignatureV4 } from "@smithy/signature-v4";
import test from "ava";
import { type EventHeaders, type EventMessage, SigningError } from "aws-refresh-session/signing";
import { encodeEventHeaders } from "../../../dist/signing/events/event-headers.js";
import { DATE, KEYS, NOW, SESSION_KEYS, signatureOf, signedHeadersOf, signerWith } from "../examples.js";

const toUtf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const fromUtf8 = (text: string) => new Uint8Array(Buffer.from(text));
const codec = new EventStreamCodec(toUtf8, fromUtf8);
const marshaller = new HeaderMarshaller(toUtf8, fromUtf8);
const smithy = new SignatureV4({ service: "service", region: "us-east-1", credentials: KEYS, sha256: Sha256 });
const signer = signerWith();
const SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";

const seed = process.env.SEED ?? randomBytes(4).toString("hex");
let state = Number.parseInt(seed, 16);
/** Repeats from the seed. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function randomHeaders(): EventHeaders {
  const values: (() => EventHeaders[string])[] = [
    () => ({ type: "boolean", value: random(2) === 0 }),
    () => ({ type: "byte", value: random(256) - 128 }),
    () => ({ type: "short", value: random(65_536) - 32_768 }),
    () => ({ type: "integer", value: random(2 ** 32) - 2 ** 31 }),
    () => ({ type: "long", value: Int64.fromNumber(random(2 ** 50) - 2 ** 49) }),
    () => ({ type: "binary", value: new Uint8Array(randomBytes(random(40))) }),
    () => ({ type: "string", value: ["", "application/octet-stream", "ä ö 😀"][random(3)] ?? "" }),
    () => ({ type: "timestamp", value: new Date(random(2 ** 41) - 2 ** 40) }),
    () => ({ type: "uuid", value: randomUUID() }),
  ];
  const names = [":message-type", ":event-type", ":content-type", "é", "x"].slice(random(6));
  return Object.fromEntries(
    names.map((name) => [name, values[random(values.length)]?.() ?? { type: "boolean", value: true }]),
  );
}

const randomMessage = () => ({ headers: randomHeaders(), body: new Uint8Array(randomBytes(random(300))) });

test("headers of every type are written as the SDK writes them", (t) => {
  t.log(`SEED=${seed}`);
  for (let turn = 0; turn < 2000; turn++) {
    const headers = randomHeaders();
    t.deepEqual(new Uint8Array(encodeEventHeaders(headers)), marshaller.format(headers as never));
  }
  const long = { type: "long", value: -5n } as const;
  t.deepEqual(
    new Uint8Array(encodeEventHeaders({ a: long })),
    marshaller.format({ a: { type: "long", value: Int64.fromNumber(-5) } }),
  );
});

test("events and messages are signed as the SDK signs them", async (t) => {
  t.log(`SEED=${seed}`);
  for (let turn = 0; turn < 300; turn++) {
    const message = randomMessage();
    const signingDate = new Date(NOW + random(2 ** 30) * 1000);
    const priorSignature = randomBytes(32).toString("hex");
    const event = { headers: encodeEventHeaders(message.headers), payload: message.body };
    const expected = await smithy.sign(event, { signingDate, priorSignature });
    t.is(await signer.signEvent(event, { signingDate, priorSignature }), expected);
    const signed = await signer.signMessage({ message, priorSignature }, { signingDate });
    t.deepEqual(signed, (await smithy.sign({ message: message as never, priorSignature }, { signingDate })) as never);
    t.is(signed.message, message);
  }
});

/** The chain as the SDK's `EventSigningStream` makes it, with its codec and its signer. */
async function* signedBySdk(
  events: Iterable<Uint8Array>,
  prior: string,
  clock: () => number,
): AsyncGenerator<Uint8Array> {
  let priorSignature = prior;
  for (const body of [...events, new Uint8Array()]) {
    const signingDate = new Date(clock());
    const headers = { ":date": { type: "timestamp", value: signingDate } } as const;
    const signed = await smithy.sign({ message: { headers, body }, priorSignature } as never, { signingDate } as never);
    priorSignature = (signed as unknown as { signature: string }).signature;
    const binary = new Uint8Array(Buffer.from(priorSignature, "hex"));
    yield codec.encode({ headers: { ...headers, ":chunk-signature": { type: "binary", value: binary } }, body });
  }
}

async function gathered(frames: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const list: Uint8Array[] = [];
  for await (const frame of frames) list.push(frame);
  return list;
}

/** A clock that goes on by hours: a stream that is open over midnight changes its key. */
function hours(): () => number {
  let now = NOW;
  return () => {
    now += 3_600_000 * 5;
    return now;
  };
}

test("a stream of events has the bytes of the SDK's, encoded events and messages alike", async (t) => {
  t.log(`SEED=${seed}`);
  for (let turn = 0; turn < 20; turn++) {
    const messages = Array.from({ length: random(12) }, randomMessage);
    const encoded = messages.map((message) => codec.encode(message as never));
    const mixed = messages.map((message, index) => (index % 2 === 0 ? message : encoded[index]));
    const { headers, stream } = await signerWith({ clock: hours() }).signEventStream(undefined, {
      priorSignature: SEED,
      signingDate: DATE,
    });
    t.deepEqual(headers, {});
    const [ours] = await Promise.all([stream.toArray(), pipeline(mixed, stream)]);
    const theirs = await gathered(signedBySdk(encoded, SEED, hours()));
    t.deepEqual(
      ours.map((frame) => new Uint8Array(frame)),
      theirs,
    );
    t.deepEqual(codec.decode(ours.at(-1)).body.length, 0);
  }
});

test("the request that opens a stream is the first of the chain", async (t) => {
  const request = {
    method: "POST",
    url: "https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription",
    headers: { "X-Amz-Content-Sha256": "old", "x-amzn-transcribe-language-code": "en-US" },
  };
  const { headers, stream } = await signerWith({ credentials: SESSION_KEYS }).signEventStream(request);
  t.is(headers["x-amz-content-sha256"], "STREAMING-AWS4-HMAC-SHA256-EVENTS");
  t.is(headers["x-amz-security-token"], SESSION_KEYS.sessionToken);
  t.true(signedHeadersOf(headers.authorization).includes("x-amz-content-sha256"));
  stream.end(Buffer.from("event"));
  const [first] = await stream.toArray();
  const [expected] = await gathered(signedBySdk([Buffer.from("event")], signatureOf(headers.authorization), () => NOW));
  t.deepEqual(new Uint8Array(first), expected);
});

test("a refresh in mid-stream does not change who signs the rest", async (t) => {
  let keys: { accessKeyId: string; secretAccessKey: string } = KEYS;
  const credentials = async () => keys;
  const { stream } = await signerWith({ credentials }).signEventStream(undefined, { priorSignature: SEED });
  stream.write(Buffer.from("one"));
  keys = { accessKeyId: "AKIDOTHER", secretAccessKey: "other" };
  stream.end(Buffer.from("two"));
  const expected = await gathered(signedBySdk([Buffer.from("one"), Buffer.from("two")], SEED, () => NOW));
  t.deepEqual(
    (await stream.toArray()).map((frame) => new Uint8Array(frame)),
    expected,
  );
});

const BAD_HEADERS: Record<string, unknown> = {
  "no type": { a: { value: 1 } },
  "a plain value": { a: "text" },
  "an unknown type": { a: { type: "float", value: 1 } },
  "a byte too large": { a: { type: "byte", value: 128 } },
  "a short that is no whole number": { a: { type: "short", value: 0.5 } },
  "an integer too small": { a: { type: "integer", value: -(2 ** 31) - 1 } },
  "a long that is a number": { a: { type: "long", value: 5 } },
  "a long of more than 64 bits": { a: { type: "long", value: 2n ** 63n } },
  "a binary that is text": { a: { type: "binary", value: "abc" } },
  "a string too long": { a: { type: "string", value: "x".repeat(32_768) } },
  "a date that is none": { a: { type: "timestamp", value: new Date(Number.NaN) } },
  "a UUID with other digits": { a: { type: "uuid", value: "not-a-uuid" } },
  "a name too long": { ["n".repeat(256)]: { type: "boolean", value: true } },
  "an empty name": { "": { type: "boolean", value: true } },
};
for (const [what, headers] of Object.entries(BAD_HEADERS)) {
  test(`refused: headers with ${what}`, async (t) => {
    const message = { headers, body: new Uint8Array() } as EventMessage;
    const error = await t.throwsAsync(signer.signMessage({ message, priorSignature: SEED }), {
      instanceOf: SigningError,
    });
    t.is(error.code, "ERR_SIGN_EVENT");
    t.regex(error.param ?? "", /^headers/);
    const { stream } = await signer.signEventStream(undefined, { priorSignature: SEED });
    stream.end(message);
    t.is((await t.throwsAsync(stream.toArray(), { instanceOf: SigningError })).code, "ERR_SIGN_EVENT");
  });
}

test("refused: a signature before that is none", async (t) => {
  const event = { headers: new Uint8Array(), payload: new Uint8Array() };
  for (const priorSignature of ["", SEED.toUpperCase(), SEED.slice(1), undefined, null]) {
    const error = await t.throwsAsync(signer.signEvent(event, { priorSignature: priorSignature as never }), {
      instanceOf: SigningError,
    });
    t.is(error.param, "priorSignature");
  }
  await t.throwsAsync(signer.signEventStream(undefined, { priorSignature: "" }), { instanceOf: SigningError });
});

test("refused: no request, a body in it, unknown options and shared memory", async (t) => {
  const refused = async (work: Promise<unknown>, param: string) =>
    t.is((await t.throwsAsync(work, { instanceOf: SigningError })).param, param);
  await refused(signer.signEventStream(undefined), "request");
  await refused(signer.signEventStream({ url: "https://h/", body: "x" }), "body");
  await refused(signer.signEventStream(undefined, { prior: SEED } as never), "prior");
  await refused(signer.signEventStream(undefined, null as never), "options");
  const shared = new Uint8Array(new SharedArrayBuffer(1));
  await refused(signer.signEvent({ headers: new Uint8Array(), payload: shared }, { priorSignature: SEED }), "payload");
  await refused(signer.signEvent(undefined as never, { priorSignature: SEED }), "headers");
  await refused(signer.signMessage(undefined as never), "message");
});

for (const [what, event] of [
  ["no bytes, which would end the stream", new Uint8Array()],
  ["text", "event"],
  ["a message without a body", { headers: {} }],
  ["shared memory", new Uint8Array(new SharedArrayBuffer(1))],
  ["more bytes than an event may have", Buffer.alloc(24 * 2 ** 20)],
] as const) {
  test(`an event that is ${what} ends the stream without an end`, async (t) => {
    const { stream } = await signer.signEventStream(undefined, { priorSignature: SEED });
    stream.write(Buffer.from("one"));
    stream.end(event);
    const frames: Buffer[] = [];
    const reading = (async () => {
      for await (const frame of stream) frames.push(frame);
    })();
    const error = await t.throwsAsync(reading, { instanceOf: SigningError });
    t.regex(error.code, /^ERR_SIGN_/);
    t.true(frames.every((frame) => codec.decode(frame).body.length > 0));
  });
}

test("an abort destroys the stream", async (t) => {
  const controller = new AbortController();
  const { stream } = await signer.signEventStream(undefined, { priorSignature: SEED, signal: controller.signal });
  const reading = stream.toArray();
  controller.abort();
  await t.throwsAsync(reading, { name: "AbortError" });
  t.true(stream.destroyed);
});
