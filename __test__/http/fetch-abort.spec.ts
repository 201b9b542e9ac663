/** Signed fetch: an abort ends whatever is under way, and leaves no connection behind. */

import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { RefreshableSession } from "aws-refresh-session";
import { HttpSigner } from "aws-refresh-session/http";
import { KEYS } from "../signing/examples.js";

const options = { service: "service", region: "us-east-1" };
const REASON = new Error("enough");

/** A server that writes `answer` once it has a request, and never ends it. */
async function startStuck(t: ExecutionContext, answer = "") {
  const server = createServer((socket) => {
    socket.on("data", () => void socket.write(answer)).on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const connections = (server: Server) =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resume) => setTimeout(resume, 5));
}

test("before anything is done", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: KEYS });
  const init = { signal: AbortSignal.abort(REASON) };
  t.is(await t.throwsAsync(signer.fetch("http://127.0.0.1:1/", init)), REASON);
  t.is(await t.throwsAsync(signer.fetch(new Request("http://127.0.0.1:1/", init))), REASON);
});

test("while credentials are awaited: the wait ends, the refresh goes on for others", async (t) => {
  const { url, server } = await startStuck(t, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  let give = (_: object) => {};
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => new Promise<object>((resolve) => (give = resolve)) as never,
  });
  const signer = new HttpSigner({ ...options, credentials: session });
  const controller = new AbortController();
  const aborted = signer.fetch(url, { signal: controller.signal });
  const other = signer.fetch(url);
  await until(async () => give.length === 1);
  controller.abort(REASON);
  t.is(await t.throwsAsync(aborted), REASON);
  t.is(await connections(server), 0);
  give({ access_key: "AKID1", secret_key: "x", token: "y", expiry_time: new Date(Date.now() + 3_600_000) });
  t.is((await other).status, 200);
});

test("while the body is read: its source ends", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: KEYS });
  const state = { cancelled: undefined as unknown };
  const web = new ReadableStream({
    pull: () => new Promise(() => {}),
    cancel: (reason) => {
      state.cancelled = reason;
    },
  });
  const node = new Readable({ read() {} });
  node.on("error", () => {});
  for (const body of [web, node]) {
    const controller = new AbortController();
    const call = signer.fetch("http://127.0.0.1:1/", { method: "PUT", body, signal: controller.signal } as RequestInit);
    setImmediate(() => controller.abort(REASON));
    t.is(await t.throwsAsync(call), REASON);
  }
  t.is(state.cancelled, REASON);
  t.true(node.destroyed);
});

test("a stream that is not read is ended when its request is not sent", async (t) => {
  const failure = new Error("the vault is sealed");
  const credentials = () => Promise.reject(failure);
  const signer = new HttpSigner({ ...options, service: "s3", payload: "unsigned", credentials });
  const state = { cancelled: undefined as unknown };
  const web = new ReadableStream({
    cancel: (reason) => {
      state.cancelled = reason;
    },
  });
  const node = new Readable({ read() {} });
  const requested = new Request("http://127.0.0.1:1/", {
    method: "PUT",
    body: new Blob(["abc"]).stream(),
    duplex: "half",
  });
  for (const body of [web, node]) {
    await t.throwsAsync(signer.fetch("http://127.0.0.1:1/", { method: "PUT", body } as RequestInit));
  }
  t.truthy(state.cancelled);
  t.true(node.destroyed);
  await t.throwsAsync(signer.fetch(requested, { signal: AbortSignal.abort(REASON) }), { is: REASON });
  t.true(requested.bodyUsed);
});

test("while the answer is awaited, and while its body comes", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: KEYS });
  for (const answer of ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]) {
    const { url, server } = await startStuck(t, answer);
    const controller = new AbortController();
    const call = (async () => (await signer.fetch(url, { signal: controller.signal })).text())();
    await until(async () => (await connections(server)) === 1);
    setTimeout(() => controller.abort(REASON), 50);
    t.is(await t.throwsAsync(call), REASON);
    await until(async () => (await connections(server)) === 0);
  }
});

test("while a refusal is read", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: KEYS });
  const { url, server } = await startStuck(t, "HTTP/1.1 403 No\r\ncontent-length: 9\r\n\r\nhalf");
  const controller = new AbortController();
  const call = (async () => (await signer.fetch(url, { signal: controller.signal })).text())();
  setTimeout(() => controller.abort(REASON), 50);
  t.is(await t.throwsAsync(call), REASON);
  await until(async () => (await connections(server)) === 0);
});

test("an answer that nobody gets leaves no connection behind", async (t) => {
  let round = 0;
  const credentials = async () => ({
    accessKeyId: `AKID${++round}`,
    secretAccessKey: "x",
    expiration: new Date(Date.now() + 3_600_000),
  });
  const signer = new HttpSigner({ ...options, credentials });
  // A refusal longer than what is read of it, and a redirect, neither of which ever ends.
  const refusal = `{"__type":"ExpiredTokenException","padding":"${"x".repeat(70_000)}`;
  for (const answer of [
    `HTTP/1.1 403 No\r\ntransfer-encoding: chunked\r\n\r\n${refusal.length.toString(16)}\r\n${refusal}\r\n`,
    "HTTP/1.1 302 Away\r\nlocation: ftp://127.0.0.1/\r\ncontent-length: 9\r\n\r\nhalf",
  ]) {
    const { url, server } = await startStuck(t, answer);
    const response = await signer.fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    await until(async () => (await connections(server)) === 0);
  }
  t.pass();
});
