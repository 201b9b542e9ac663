/** Tests of axios: what a server receives from a signed instance, whatever its user gave it to send. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import axios, { type AxiosRequestConfig } from "axios";
import { KEYS } from "../signing/examples.js";
import { type Arrived, startVerifier } from "./verifying-server.js";

const signer = new HttpSigner({ service: "service", region: "us-east-1", credentials: KEYS });

const multipart = () => {
  const form = new FormData();
  form.append("a", "größe");
  form.append("file", new Blob(["content"], { type: "text/plain" }), "a.txt");
  return form;
};

const REQUESTS: Readonly<Record<string, () => AxiosRequestConfig>> = {
  "a path with parameters": () => ({ url: "/a b/é?x=1", params: { y: "z w", list: [1, 2], "a[b]": "!*'()" } }),
  "parameters that are serialised raw": () => ({
    url: "/a",
    params: { a: 1 },
    paramsSerializer: { serialize: () => 'q=ü|[]{}"&r=a b' },
  }),
  json: () => ({ method: "post", data: { größe: [1, 2] } }),
  text: () => ({ method: "put", data: "größe", headers: { "Content-Type": "text/plain" } }),
  "nothing to post": () => ({ method: "post" }),
  "a form in the URL's encoding": () => ({ method: "post", data: new URLSearchParams({ a: "b c" }) }),
  "an object as a form": () => ({
    method: "post",
    data: { a: "b c" },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  }),
  "a Buffer": () => ({ method: "post", data: Buffer.from([0, 255, 128]) }),
  "an ArrayBuffer": () => ({ method: "post", data: new Uint8Array([0, 255, 128]).buffer }),
  "a stream": () => ({ method: "post", data: Readable.from([Buffer.from("one"), Buffer.from("two")]) }),
  FormData: () => ({ method: "post", data: multipart() }),
  "a form of form-data": () => ({
    method: "post",
    data: { a: "größe", b: [1, 2] },
    headers: { "Content-Type": "multipart/form-data" },
  }),
  "a Blob": () => ({ method: "post", data: new Blob(["content"], { type: "image/png" }) }),
  "transforms of the user's": () => ({
    method: "post",
    data: "abc",
    transformRequest: [
      (data: string, headers: { set(name: string, value: string): void }) => {
        headers.set("X-Transformed", "yes");
        return data.toUpperCase();
      },
    ],
  }),
  "headers with blanks, in odd letters, more than once": () => ({
    headers: { "X-A": "  a   b ", "x-LIST": ["1", "2"] as unknown as string, "user-agent": "me" },
  }),
  "basic credentials": () => ({ auth: { username: "u", password: "p" } }),
  "an authorization of the user's": () => ({
    headers: { authorization: "Bearer x", "X-AMZ-Security-Token": "stale", "X-Amz-Date": "20150830T123600Z" },
  }),
  "a deletion with a body": () => ({ method: "delete", data: { a: 1 } }),
};

for (const adapter of ["http", "fetch"] as const) {
  for (const [name, request] of Object.entries(REQUESTS)) {
    test(`${adapter}: ${name}`, async (t) => {
      const server = await startVerifier(t);
      const signed = signer.axios(axios.create({ baseURL: server.url, adapter }));
      t.is((await signed.request(request())).data, KEYS.accessKeyId);
      // A path that node:http refuses to send can be sent once it is escaped.
      const plain = axios.create({ baseURL: server.url, adapter, validateStatus: null });
      if (await plain.request(request()).catch(() => undefined)) sameBesidesSignature(t, server.arrived, adapter);
    });
  }
}

test("a header of UTF-8 bytes is signed as its text, and one that does not fit into bytes is refused", async (t) => {
  const server = await startVerifier(t);
  const signed = signer.axios(axios.create({ baseURL: server.url }));
  const value = Buffer.from("größe").toString("latin1");
  t.is((await signed.get("/", { headers: { "x-a": value } })).data, KEYS.accessKeyId);
  await t.throwsAsync(signed.get("/", { headers: { "x-a": "5 €" } }), {
    code: "ERR_SIGN_HEADER",
    message: /"x-a" cannot be sent by axios/i,
  });
});

test("headers that fetch refuses, or replaces, are refused where axios sends through it", async (t) => {
  const server = await startVerifier(t);
  const headers = { expect: "100-continue", "transfer-encoding": "chunked", connection: "x", host: "api.example.com" };
  for (const [name, value] of Object.entries(headers)) {
    for (const adapter of ["fetch", ["xhr", "fetch", "http"]] as const) {
      const instance = signer.axios(axios.create({ baseURL: server.url, adapter: adapter as "fetch" }));
      await t.throwsAsync(instance.get("/", { headers: { [name]: value } }), {
        code: "ERR_SIGN_HEADER",
        message: new RegExp(`"${name}" cannot be sent by the fetch adapter of axios`),
      });
    }
  }
  const { host } = headers;
  t.is((await signer.axios(axios.create({ baseURL: server.url })).get("/", { headers: { host } })).status, 200);
  t.deepEqual(
    server.arrived.map((request) => request.headers.host),
    [host],
  );
});

test("a request over a socket in the file system is signed for the host that axios names there", async (t) => {
  const socketPath = join(mkdtempSync(join(tmpdir(), "axios-")), "socket");
  t.teardown(() => rmSync(dirname(socketPath), { recursive: true }));
  const server = await startVerifier(t, { socketPath });
  for (const baseURL of [undefined, "http://api.example.com:8080/base"]) {
    const instance = signer.axios(axios.create({ socketPath, ...(baseURL && { baseURL }) }));
    t.is((await instance.get("/a/b?c=d")).data, KEYS.accessKeyId);
  }
  t.deepEqual(
    server.arrived.map(({ target }) => target),
    ["/a/b?c=d", "/base/a/b?c=d"],
  );
});

/** What arrived signed, and what the same request is without a signer. */
function sameBesidesSignature(t: ExecutionContext, [ours, theirs]: readonly Arrived[], adapter: string): void {
  if (ours === undefined || theirs === undefined) throw new Error("one of them did not arrive");
  t.is(ours.method, theirs.method);
  const asked = ({ target }: Arrived) => new URL(target, "http://host");
  t.is(asked(ours).pathname, asked(theirs).pathname);
  t.deepEqual([...asked(ours).searchParams], [...asked(theirs).searchParams]);
  const isForm = ours.headers["content-type"]?.startsWith("multipart/") === true;
  if (!isForm) t.deepEqual(ours.body, theirs.body);
  const added = [
    "authorization",
    "connection",
    "content-length",
    "transfer-encoding",
    "x-amz-date",
    "x-amz-security-token",
  ];
  // The fetch adapter of axios sends forms and Blobs under the type of a form in the URL's encoding.
  if (isForm || adapter === "fetch") added.push("content-type");
  const others = ({ rawHeaders }: Arrived) =>
    rawHeaders
      .flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[at + 1]}`] : []))
      .filter((line) => !added.includes(line.split(":")[0] as string))
      .sort();
  t.deepEqual(others(ours), others(theirs));
}
