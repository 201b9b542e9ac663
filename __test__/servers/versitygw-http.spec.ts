/** Signed fetch and undici before VersityGW: objects of every kind of body, put and got, and what is signed wrongly refused. */
import { Readable } from "node:stream";
import { HttpSigner } from "aws-refresh-session/http";
import { Agent, type Dispatcher, request } from "undici";
import { s3Tests } from "./s3/s3-server.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

const { test, s3 } = s3Tests(versityGw, { account: ACCOUNT, region: REGION });
const options = { service: "s3", region: REGION, credentials: ACCOUNT };

interface Sent {
  readonly method: "GET" | "PUT";
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Sends and gives status and text. */
type Send = (signer: HttpSigner, url: string, sent: Sent) => Promise<[status: number, text: string]>;

const CLIENTS: Record<string, Send> = {
  fetch: async (signer, url, sent) => {
    const response = await signer.fetch(url, sent as RequestInit);
    return [response.status, await response.text()];
  },
  undici: async (signer, url, sent) => {
    const dispatcher = new Agent().compose(signer.undici());
    const { statusCode, body } = await request(url, { ...(sent as Dispatcher.RequestOptions), dispatcher });
    return [statusCode, await body.text()];
  },
};

const BODIES: Record<string, { make: () => unknown; text: string }> = {
  text: { make: () => "größe", text: "größe" },
  bytes: { make: () => Buffer.alloc(3_000_000, "a"), text: "a".repeat(3_000_000) },
  none: { make: () => undefined, text: "" },
  "a stream": { make: () => Readable.from([Buffer.from("ab"), Buffer.from("c")]), text: "abc" },
  "a Blob": { make: () => new Blob(["abc"], { type: "text/x" }), text: "abc" },
};

for (const [client, send] of Object.entries(CLIENTS)) {
  for (const [kind, { make, text }] of Object.entries(BODIES)) {
    for (const payload of ["signed", "unsigned"] as const) {
      test(`${kind}, ${payload}, over ${client}`, async (t) => {
        const signer = new HttpSigner({ ...options, payload });
        const url = s3.urlOf(`${client} ${kind} ${payload} (ü)`);
        const headers = { "x-amz-meta-a": " a  b ", "content-length": String(Buffer.byteLength(text)) };
        t.deepEqual(await send(signer, url, { method: "PUT", body: make(), headers }), [200, ""]);
        t.deepEqual(await send(signer, url, { method: "GET" }), [200, text]);
      });
    }
  }

  test(`a wrong secret and a wrong region are refused over ${client}`, async (t) => {
    const wrong = { ...ACCOUNT, secretAccessKey: "wrong" };
    const [status, text] = await send(new HttpSigner({ ...options, credentials: wrong }), s3.urlOf("a"), {
      method: "GET",
    });
    t.is(status, 403);
    t.regex(text, /SignatureDoesNotMatch/);
    const elsewhere = new HttpSigner({ ...options, region: "eu-west-1" });
    t.not((await send(elsewhere, s3.urlOf("a"), { method: "GET" }))[0], 200);
  });
}
