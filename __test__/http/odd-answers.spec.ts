/** Tests of refusals that do not end, end too soon, or cannot be unpacked: callers get what they would get without a signature. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Client, Connection, errors } from "@opensearch-project/opensearch";
import test, { type ExecutionContext } from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import axios from "axios";
import { KEYS } from "../signing/examples.js";

const signer = new HttpSigner({ service: "service", region: "us-east-1", credentials: KEYS });

/** Answers each request by hand. Ends with the test. */
async function startServer(t: ExecutionContext, answer: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {}).once("data", () => answer(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** Resolves once the other side, or anything else, has closed a connection; `once()` would reject where that resets it. */
function closed(socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (socket === undefined || socket.destroyed) resolve();
    else socket.on("close", () => resolve());
  });
}

/** Never ends, and is longer than any refusal. */
function endless(socket: Socket, code = "AccessDenied"): void {
  socket.write(`HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: ${code}\r\n\r\n`);
  Readable.from(
    (function* () {
      for (;;) yield "a".repeat(10_000);
    })(),
  ).pipe(socket);
}

function cutOff(socket: Socket): void {
  socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 50\r\n\r\nabc");
}

function packed(bytes: Buffer) {
  return (socket: Socket) => {
    socket.write(`HTTP/1.1 403 Forbidden\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes);
  };
}

for (const adapter of ["http", "fetch"] as const) {
  test(`axios through ${adapter}: a stream without end is the caller's, and gives its connection back unread`, async (t) => {
    const { url, sockets } = await startServer(t, endless);
    const { status, data } = await signer
      .axios(axios.create({ adapter }))
      .get(url, { responseType: "stream", validateStatus: null });
    t.is(status, 403);
    if (adapter === "http") data.destroy();
    else await data.cancel();
    await closed(sockets[0]);
  });
}

test("a refusal that nobody gets, since the refresh that it led to failed, gives its connection back", async (t) => {
  const { url, sockets } = await startServer(t, (socket) => endless(socket, "ExpiredToken"));
  const clients: Record<string, (of: HttpSigner) => Promise<unknown>> = {
    "axios through http": (of) => of.axios(axios.create()).get(url, { responseType: "stream" }),
    "axios through fetch": (of) => of.axios(axios.create({ adapter: "fetch" })).get(url, { responseType: "stream" }),
    OpenSearch: (of) => clientOf(url, of.connection(Connection)).info(),
  };
  for (const [name, send] of Object.entries(clients)) {
    let isGiven = false;
    const credentials = async () => {
      if (isGiven) throw new Error("the source is down");
      isGiven = true;
      return KEYS;
    };
    const failing = send(new HttpSigner({ service: "service", region: "us-east-1", credentials }));
    await t.throwsAsync(failing, { message: /the source is down/ }, name);
    await closed(sockets.at(-1));
  }
});

for (const adapter of ["http", "fetch"] as const) {
  test(`axios through ${adapter}: an abort ends the reading of a refusal`, async (t) => {
    const leave = new AbortController();
    const { url, sockets } = await startServer(t, (socket) => {
      socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 50\r\n\r\nabc");
      setTimeout(() => leave.abort(), 50);
    });
    const instance = signer.axios(axios.create({ adapter }));
    const call = instance.get(url, { responseType: "stream", signal: leave.signal });
    await t.throwsAsync(call, { instanceOf: axios.CanceledError });
    // What the platform's fetch does with a connection that stalls is its own affair.
    if (adapter === "http") await closed(sockets.at(-1));
  });
}

test("axios: of a stream that ends too soon the caller reads what came, and the failure", async (t) => {
  const { url } = await startServer(t, cutOff);
  const { status, data } = await signer
    .axios(axios.create())
    .get(url, { responseType: "stream", validateStatus: null });
  t.is(status, 403);
  const read: string[] = [];
  await t.throwsAsync(
    async () => {
      for await (const chunk of data) read.push(String(chunk));
    },
    { code: "ECONNRESET" },
  );
  t.deepEqual(read, ["abc"]);
});

function clientOf(url: string, base: typeof Connection): Client {
  return new Client({ node: url, maxRetries: 0, Connection: base });
}

const PACKED = {
  "is not packed as it says": Buffer.from("not gzip"),
  "unpacks to far more": gzipSync(Buffer.alloc(3_000_000, "a")),
};
for (const [name, bytes] of Object.entries(PACKED)) {
  test(`OpenSearch: an answer that ${name} ends as the client's own`, async (t) => {
    const { url } = await startServer(t, packed(bytes));
    const failure = (base: typeof Connection) =>
      clientOf(url, base)
        .info()
        .catch((error: Error) => error);
    const [own, ours] = [await failure(Connection), await failure(signer.connection(Connection))];
    t.true(own instanceof Error);
    t.is(String(ours), String(own));
  });
}

test("OpenSearch: an answer that ends too soon is a failure of the connection, which the client may repeat", async (t) => {
  const { url } = await startServer(t, cutOff);
  await t.throwsAsync(clientOf(url, signer.connection(Connection)).info(), { instanceOf: errors.ConnectionError });
});
