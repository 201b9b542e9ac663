/** Signed fetch: every kind of body arrives as it was signed, and as the platform's fetch would send it. */
import { Readable } from "node:stream";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { FormData as OtherFormData } from "undici";
import { KEYS } from "../signing/examples.js";
import { startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1", credentials: KEYS };
const signer = new HttpSigner(options);
const shared = new Uint8Array(new SharedArrayBuffer(3));

/** A body made anew for each request; `type` is the content-type that fetch gives it. */
const KINDS: Record<string, { make: () => unknown; text: string; type?: string }> = {
  text: { make: () => "größe \ud800", text: "größe \ufffd", type: "text/plain;charset=UTF-8" },
  "an empty text": { make: () => "", text: "", type: "text/plain;charset=UTF-8" },
  "long text": { make: () => "ü".repeat(50_000), text: "ü".repeat(50_000), type: "text/plain;charset=UTF-8" },
  "more than is hashed at once": { make: () => Buffer.alloc(3_000_000, "a"), text: "a".repeat(3_000_000) },
  "a Buffer": { make: () => Buffer.from("abc"), text: "abc" },
  "a view of a part": { make: () => new DataView(Uint8Array.from(Buffer.from("xabcx")).buffer, 1, 3), text: "abc" },
  "an ArrayBuffer": { make: () => Uint8Array.from(Buffer.from("abc")).buffer, text: "abc" },
  URLSearchParams: {
    make: () => new URLSearchParams({ a: "b c" }),
    text: "a=b+c",
    type: "application/x-www-form-urlencoded;charset=UTF-8",
  },
  "a Blob": { make: () => new Blob(["abc"], { type: "image/png" }), text: "abc", type: "image/png" },
  "a Blob without a type": { make: () => new Blob(["abc"]), text: "abc" },
  "a web stream": { make: () => new Blob(["abc"]).stream(), text: "abc" },
  "a Node stream": { make: () => Readable.from(["ab", Buffer.from("c")]), text: "abc" },
  "an empty stream": { make: () => Readable.from([]), text: "" },
  "a generator": {
    make: async function* () {
      yield Buffer.from("a");
      yield new Uint8Array(Buffer.from("bc"));
    },
    text: "abc",
  },
};

for (const [name, { make, text, type }] of Object.entries(KINDS)) {
  test(`${name} is signed as it is sent`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    const init = { method: "PUT", duplex: "half" } as const;
    const response = await signer.fetch(url, { ...init, body: make() as string });
    t.is(await response.text(), KEYS.accessKeyId);
    await fetch(url, { ...init, body: make() as string });
    const [ours, theirs] = arrived;
    t.is(ours?.body.toString(), text);
    t.is(ours?.headers["content-type"], type);
    t.is(ours?.headers["content-length"], String(Buffer.byteLength(text)));
    t.is(theirs?.body.toString(), text);
    t.is(theirs?.headers["content-type"], type);
  });
}

for (const [whose, Form] of Object.entries({ "the platform": FormData, undici: OtherFormData })) {
  test(`FormData of ${whose} is written once, with its boundary`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    const form = new Form();
    form.append("field", "größe");
    form.append("file", new File(["content"], "größe.txt", { type: "text/x" }));
    const response = await signer.fetch(url, { method: "POST", body: form as FormData });
    t.is(await response.text(), KEYS.accessKeyId);
    const [request] = arrived;
    const received = await new Response(request?.body as Buffer, {
      headers: { "content-type": request?.headers["content-type"] as string },
    }).formData();
    t.is(received.get("field"), "größe");
    const file = received.get("file") as File;
    t.deepEqual([file.name, file.type, await file.text()], ["größe.txt", "text/x", "content"]);
  });
}

test("bytes are those of the moment of the call", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const body = Buffer.from("abc");
  const pending = signer.fetch(url, { method: "PUT", body });
  body.fill("x");
  t.is(await (await pending).text(), KEYS.accessKeyId);
  t.is(arrived[0]?.body.toString(), "abc");
});

test("a Request gives its method, headers and body", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const request = new Request(`${url}/a?b=c`, { method: "put", body: "abc", headers: { "x-a": "1" } });
  t.is(await (await signer.fetch(request)).text(), KEYS.accessKeyId);
  const over = new Request(request, { method: "POST", body: "theirs" });
  t.is(await (await signer.fetch(over, { body: "ours", headers: { "x-b": "2" } })).text(), KEYS.accessKeyId);
  t.deepEqual(
    arrived.map(({ method, target, headers, body }) => [method, target, headers["x-a"], headers["x-b"], String(body)]),
    [
      ["PUT", "/a?b=c", "1", undefined, "abc"],
      ["POST", "/a?b=c", undefined, "2", "ours"],
    ],
  );
  t.is(arrived[0]?.headers["content-type"], "text/plain;charset=UTF-8");
  await t.throwsAsync(signer.fetch(request), { code: "ERR_SIGN_BODY", message: /was read/ });
});

const refused: Record<string, [make: () => unknown, message: RegExp]> = {
  "shared memory": [() => shared, /shared memory/],
  "a SharedArrayBuffer": [() => shared.buffer, /shared memory/],
  "an object": [() => ({ a: 1 }), /class Object: write it as text, with JSON.stringify/],
  "an array": [() => [1], /class Array: write it as text, with JSON.stringify/],
  "a number": [() => 5, /found a number/],
  "objects in a stream": [() => Readable.from([{ a: 1 }]), /a chunk of "body".*class Object/],
};
for (const [name, [make, message]] of Object.entries(refused)) {
  test(`${name} is refused as a body`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    const call = signer.fetch(url, { method: "POST", body: make() as string });
    await t.throwsAsync(call, { name: "SigningError", code: "ERR_SIGN_BODY", message });
    t.deepEqual(arrived, []);
  });
}

test("a body that was read, locked or destroyed is refused", async (t) => {
  const read = new Blob(["abc"]).stream();
  await new Response(read).text();
  const locked = new Blob(["abc"]).stream();
  locked.getReader();
  const readByNode = Readable.from(["abc"]);
  await readByNode.toArray();
  const destroyed = Readable.from(["abc"]);
  destroyed.destroy();
  for (const body of [read, locked, readByNode, destroyed]) {
    const call = signer.fetch("http://127.0.0.1:1/", { method: "POST", body: body as ReadableStream });
    await t.throwsAsync(call, { code: "ERR_SIGN_BODY", message: /was read, locked or destroyed/ });
  }
});

test("a stream is read up to the limit, then ended", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const limited = new HttpSigner({ ...options, bufferLimit: 100 });
  const state = { ended: 0 };
  async function* ofBytes(chunks: number) {
    try {
      for (let index = 0; index < chunks; index++) yield "a".repeat(50);
    } finally {
      state.ended++;
    }
  }
  const web = () =>
    new ReadableStream({ pull: (to) => to.enqueue(Buffer.alloc(60)), cancel: () => void state.ended++ });
  const put = (body: unknown) => limited.fetch(url, { method: "PUT", body: body as ReadableStream });
  t.is(await (await put(ofBytes(2))).text(), KEYS.accessKeyId);
  const long = {
    name: "SigningError",
    code: "ERR_SIGN_BODY",
    message: /longer than 100 bytes.*"bufferLimit".*signStream/,
  };
  for (const body of [ofBytes(3), Readable.from(ofBytes(3)), web(), new Blob(["a".repeat(101)])]) {
    t.like(await t.throwsAsync(put(body), long), { param: "bufferLimit" });
  }
  await new Promise((resume) => setImmediate(resume));
  t.is(state.ended, 4);
  t.is(arrived.length, 1);
});

test("with unsigned payloads streams are not read first", async (t) => {
  const { url, arrived } = await startVerifier(t, { service: "s3" });
  const s3 = new HttpSigner({ ...options, service: "s3", payload: "unsigned", bufferLimit: 1 });
  const bodies = [Readable.from(["abc"]), new Blob(["abc"]).stream(), new Blob(["abc"])];
  for (const body of bodies) {
    const init = { method: "PUT", headers: { "content-length": "3" }, body: body as ReadableStream };
    t.is(await (await s3.fetch(url, init)).text(), KEYS.accessKeyId);
  }
  const request = new Request(url, { method: "PUT", body: "abc" });
  t.is(await (await s3.fetch(request)).text(), KEYS.accessKeyId);
  for (const { headers, body } of arrived) {
    t.is(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    t.is(headers["content-length"], "3");
    t.is(headers["transfer-encoding"], undefined);
    t.is(body.toString(), "abc");
  }
});
