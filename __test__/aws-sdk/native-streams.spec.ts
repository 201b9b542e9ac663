/** Streams of events and web sockets of clients that sign natively. */
import { PassThrough } from "node:stream";
import { StartStreamTranscriptionCommand, TranscribeStreamingClient } from "@aws-sdk/client-transcribe-streaming";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import test from "ava";
import { withNativeSigning } from "aws-refresh-session/aws-sdk";
import { native } from "../../dist/native.js";
import { SESSION_KEYS } from "./examples.js";
import { freezeDate } from "./frozen-date.js";
import { fixInvocation } from "./sent-requests.js";

async function* audio() {
  for (const AudioChunk of [Buffer.from("one"), Buffer.from("two"), Buffer.alloc(0)])
    yield { AudioEvent: { AudioChunk } };
}

/** What a client sends for a stream: the request and the bytes of its events. */
async function streamed(install: <C>(client: C) => C, more: object = {}) {
  const sent: { request: HttpRequest; events: string }[] = [];
  const requestHandler = {
    metadata: { handlerProtocol: "h2" },
    handle: async (request: HttpRequest) => {
      const pieces: Buffer[] = [];
      for await (const piece of request.body) pieces.push(Buffer.from(piece));
      const { body: _, ...head } = request;
      sent.push({ request: { ...head } as HttpRequest, events: Buffer.concat(pieces).toString("hex") });
      const body = new PassThrough();
      body.end();
      return { response: new HttpResponse({ statusCode: 200, headers: {}, body }) };
    },
    destroy() {},
    ...more,
  };
  const client = install(
    new TranscribeStreamingClient({ region: "us-east-1", credentials: SESSION_KEYS, requestHandler, maxAttempts: 1 }),
  );
  fixInvocation(client);
  const LanguageCode = "en-US" as const;
  const SessionId = "0123abcd-4567-49ef-8123-456789abcdef";
  const input = {
    LanguageCode,
    SessionId,
    MediaEncoding: "pcm" as const,
    MediaSampleRateHertz: 8000,
    AudioStream: audio(),
  };
  await client.send(new StartStreamTranscriptionCommand(input)).catch(() => {});
  client.destroy();
  return sent;
}

const asMade = <C>(client: C): C => client;

test.serial("each event of a stream is signed by the core, with the signature that the SDK makes", async (t) => {
  freezeDate(t, Date.UTC(2026, 10, 21, 14));
  const stock = await streamed(asMade);
  const { signEvent } = native;
  let events = 0;
  native.signEvent = (...args) => {
    events++;
    return signEvent(...args);
  };
  t.teardown(() => Object.assign(native, { signEvent }));
  const ours = await streamed(withNativeSigning);
  t.deepEqual(ours, stock);
  // HTTP/2 has it in place of the host, and it is signed.
  t.regex(stock[0]?.request.headers.authorization ?? "", /SignedHeaders=:authority;/);
  t.is(stock[0]?.request.headers["x-amz-content-sha256"], "STREAMING-AWS4-HMAC-SHA256-EVENTS");
  // Two and an empty one, and the end of the stream.
  t.is(events, 4);
});

test.serial("the URL of a web socket is presigned as by the SDK", async (t) => {
  freezeDate(t, Date.UTC(2026, 10, 21, 14));
  const socket = { metadata: { handlerProtocol: "websocket/h1.1" } };
  const stock = await streamed(asMade, socket);
  t.is(stock[0]?.request.protocol, "wss:");
  t.regex(String(stock[0]?.request.query?.["X-Amz-Signature"]), /^[0-9a-f]{64}$/);
  t.deepEqual(await streamed(withNativeSigning, socket), stock);
});
