/** One HTTP exchange: what comes back, what each way of failing is called, and what keeps the process alive. */
import { once } from "node:events";
import * as http from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import type { StartTimer } from "../../dist/aws/hold.js";
import { HttpTransport, type TransportOptions } from "../../dist/aws/transport.js";
import type { BRSConnectionError } from "../../dist/errors.js";
import { outputOf } from "../support/node-program.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG";

/** A server that does with each connection what the test says. */
async function serverOf(t: ExecutionContext, onConnection: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** Answers every request that arrives with this text. */
const answering = (text: string) => (socket: Socket) => socket.on("data", () => socket.write(text));

function requestTo(url: URL, more: { freshConnection?: boolean } = {}) {
  return { operation: "STS Test", method: "POST", url, headers: { authorization: SECRET }, body: SECRET, ...more };
}

function transportOf(t: ExecutionContext, options: Partial<TransportOptions> = {}): HttpTransport {
  const transport = new HttpTransport({ requestTimeout: 10, ...options });
  t.teardown(() => transport.close());
  return transport;
}

async function failureOf(t: ExecutionContext, sending: Promise<unknown>): Promise<BRSConnectionError> {
  const error = (await t.throwsAsync(sending)) as BRSConnectionError;
  t.is(error.name, "BRSConnectionError");
  t.regex(error.message, /^STS Test: .*127\.0\.0\.1:\d+/);
  for (const text of [error.message, error.stack, inspect(error, { depth: 9 }), JSON.stringify(error)]) {
    t.false(text?.includes(SECRET));
  }
  return error;
}

test("an answer comes back whole, whatever its status", async (t) => {
  const url = await serverOf(t, answering("HTTP/1.1 418 Teapot\r\nDate: x\r\nContent-Length: 5\r\n\r\nh\u00e9ll"));
  const answer = await transportOf(t).send(requestTo(url));
  t.is(answer.statusCode, 418);
  t.is(answer.headers.date, "x");
  t.is(answer.body, "héll");
});

test("redirects are not followed", async (t) => {
  const url = await serverOf(t, answering("HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n"));
  t.is((await transportOf(t).send(requestTo(url))).statusCode, 302);
});

test("a connection is kept for the next request, but not taken by one that is sent only once", async (t) => {
  let connections = 0;
  const url = await serverOf(t, (socket) => {
    connections++;
    answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(socket);
  });
  const transport = transportOf(t);
  await transport.send(requestTo(url));
  await transport.send(requestTo(url));
  t.is(connections, 1);
  await transport.send(requestTo(url, { freshConnection: true }));
  t.is(connections, 2);
});

test("an agent of the user carries the request and is not closed with the transport", async (t) => {
  const url = await serverOf(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const agent = new http.Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const transport = transportOf(t, { agent });
  await transport.send(requestTo(url));
  transport.close();
  t.is(Object.values(agent.freeSockets).flat().length, 1);
});

test("a closed transport refuses to send", async (t) => {
  const transport = transportOf(t);
  transport.close();
  await t.throwsAsync(transport.send(requestTo(new URL("http://127.0.0.1:1/"))), { code: "ERR_CLOSED" });
});

test("an agent for the other protocol is a configuration error", async (t) => {
  const transport = transportOf(t, { agent: new http.Agent() });
  await t.throwsAsync(transport.send(requestTo(new URL("https://127.0.0.1:1/"))), { code: "ERR_CONFIGURATION" });
});

test("nobody listening is a connection error that names the reason", async (t) => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const error = await failureOf(t, transportOf(t).send(requestTo(new URL(`http://127.0.0.1:${port}/`))));
  t.is(error.code, "ERR_CONNECTION");
  t.is(error.details?.reason, "ECONNREFUSED");
  t.true(error.retryable);
});

for (const [what, onConnection] of [
  ["closed before the answer", (socket: Socket) => socket.on("data", () => socket.destroy())],
  ["ended before the answer", (socket: Socket) => socket.on("data", () => socket.end())],
  [
    "closed within the answer",
    (socket: Socket) =>
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc", () => socket.destroy())),
  ],
  ["answered with no HTTP, which may quote a secret", answering(`${SECRET} is no HTTP\r\n\r\n`)],
] as ReadonlyArray<readonly [string, (socket: Socket) => void]>) {
  test(`a connection ${what} is a connection error`, async (t) => {
    const url = await serverOf(t, onConnection);
    const error = await failureOf(t, transportOf(t).send(requestTo(url)));
    t.is(error.code, "ERR_CONNECTION");
    t.true(error.retryable);
  });
}

test("an answer of more than a mebibyte is refused", async (t) => {
  const url = await serverOf(
    t,
    answering(`HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n${"x".repeat(1_048_577)}`),
  );
  const error = await failureOf(t, transportOf(t).send(requestTo(url)));
  t.is(error.code, "ERR_ANSWER_TOO_LARGE");
  t.false(error.retryable);
});

/** Timers that fire when the test says so. */
function manualTimers() {
  const pending = new Map<number, () => void>();
  const startTimer: StartTimer = (ms, fire) => {
    pending.set(ms, fire);
    return { ref() {}, unref() {}, cancel: () => pending.delete(ms) };
  };
  return { pending, startTimer };
}

test("no answer within requestTimeout is a time-out, and no timer is left", async (t) => {
  const { pending, startTimer } = manualTimers();
  const url = await serverOf(t, (socket) => socket.on("data", () => pending.get(10_000)?.()));
  const error = await failureOf(t, transportOf(t, { startTimer }).send(requestTo(url)));
  t.is(error.code, "ERR_TIMEOUT");
  t.regex(error.message, /within 10 s.*requestTimeout/);
  t.true(error.retryable);
  t.is(pending.size, 0);
});

test("a connection that does not come to be in five seconds is a time-out", async (t) => {
  const { pending, startTimer } = manualTimers();
  const agent = new http.Agent();
  // An agent that never connects, as a proxy that is down.
  agent.createConnection = () => {
    setImmediate(() => pending.get(5_000)?.());
    return undefined as never;
  };
  const error = await failureOf(
    t,
    transportOf(t, { agent, startTimer }).send(requestTo(new URL("http://127.0.0.1:1/"))),
  );
  t.is(error.code, "ERR_TIMEOUT");
  t.regex(error.message, /no connection/);
});

test("an abort ends the request with the signal's reason, before it and during it", async (t) => {
  const reason = new Error("left");
  const abort = new AbortController();
  const url = await serverOf(t, (socket) => socket.on("data", () => abort.abort(reason)));
  const transport = transportOf(t);
  t.is(await t.throwsAsync(transport.send(requestTo(url), { signal: abort.signal })), reason);
  t.is(await t.throwsAsync(transport.send(requestTo(url), { signal: abort.signal })), reason);
});

/** Runs a process that sends one request, in the background at first. */
function sender(t: ExecutionContext, url: URL, body: string) {
  const transport = fileURLToPath(new URL("../../dist/aws/transport.js", import.meta.url));
  const code = `
    const { HttpTransport } = require(${JSON.stringify(transport)});
    let change;
    const hold = { held: false, onChange(listener) { const before = change; change = (held) => { before?.(held); listener(held); }; return () => {}; } };
    const request = { operation: "x", method: "POST", url: new URL(${JSON.stringify(url.href)}), headers: {}, body: "" };
    const sending = new HttpTransport({ requestTimeout: 600 }).send(request, { hold });
    sending.then(() => console.log("answered"), (error) => console.log(error.message));
    ${body}`;
  return outputOf(t, code);
}

test("a process may end under a request that nobody awaits", async (t) => {
  let asked = 0;
  const url = await serverOf(t, (socket) => socket.on("data", () => asked++));
  t.is(await sender(t, url, ""), "");
  t.true(asked <= 1);
});

test("a process stays for a request that somebody began to await later", async (t) => {
  const url = await serverOf(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  t.is(await sender(t, url, "hold.held = true; change?.(true);"), "answered\n");
});
