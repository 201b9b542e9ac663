/** Tests of node:http: what a server receives of signed options, whichever form they have. */
import { type RequestOptions, request as send } from "node:http";
import { Readable } from "node:stream";
import { urlToHttpOptions } from "node:url";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { KEYS } from "../signing/examples.js";
import { type Arrived, startVerifier, type Verifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };
const signer = new HttpSigner({ ...options, credentials: KEYS });

type Sent = RequestOptions & { body?: unknown };

/** Sends options, with the body that stands in them. */
function sent(signed: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = send(signed, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve(text);
    });
    request.on("error", reject).end(signed.body as string | undefined);
  });
}

async function arrivedFrom(server: Verifier, request: Sent): Promise<Arrived> {
  await sent(await signer.request({ host: "127.0.0.1", port: server.host.split(":")[1], ...request }));
  return server.arrived.at(-1) as Arrived;
}

const rawPairs = ({ rawHeaders }: Arrived): string[] =>
  rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));

const REQUESTS: Readonly<Record<string, Sent>> = {
  "no more than a host": {},
  "a path and a query": { path: "/a%20b/c?x=1&y=z+w" },
  "a path that node:http would not send, or not as it was signed": { path: '/größe/a"b|c?q={ü}^' },
  "a query alone": { path: "?x=1" },
  "a path with a fragment": { path: "/a?x=1#y" },
  "a method in lower case": { method: "post", body: "größe" },
  bytes: { method: "PUT", body: Buffer.from([0, 255, 128]) },
  "headers in an object": { headers: { "X-A": " a  b ", "x-n": 1, "x-list": ["1", "2"], cookie: ["a=1", "b=2"] } },
  "a name in two spellings, of which the last is sent": { headers: { "X-A": "1", "x-a": "2" } },
  "headers in a list": { headers: ["X-A", "1", "X-A", "2", "x-b", "3"] },
  "headers in pairs": {
    headers: [
      ["X-A", "1"],
      ["X-A", "2"],
    ] as unknown as string[],
  },
  "headers in a list and a body": { method: "POST", body: "content", headers: ["X-A", "1"] },
  "a Host of the user's": { headers: { host: "api.example.com" } },
  "a Host with the usual port": { headers: { HOST: "API.example.com:80" } },
  "a length of the user's": { method: "POST", body: "abc", headers: { "content-length": 3 } },
  chunks: { method: "POST", body: "abc", headers: { "Transfer-Encoding": "chunked" } },
  "headers of the connection": {
    method: "POST",
    body: "abc",
    headers: { Connection: "close", TE: "trailers", "Keep-Alive": "timeout=5", "User-Agent": "me" },
  },
  "basic credentials": { auth: "u:p" },
  "headers of an earlier signature": { headers: { authorization: "x", "X-AMZ-Date": "20150830T123600Z" } },
};

for (const [name, request] of Object.entries(REQUESTS)) {
  test(`request() signs ${name}`, async (t) => {
    const server = await startVerifier(t);
    const before = structuredClone(request);
    const { verdict } = await arrivedFrom(server, request);
    t.is(verdict, KEYS.accessKeyId);
    t.deepEqual(Object.keys(request), Object.keys(before));
    t.deepEqual(request.headers, before.headers);
  });
}

test("headers that repeat arrive as often as they were given, in every container", async (t) => {
  const server = await startVerifier(t);
  for (const headers of [
    { "X-A": ["1", "2"] },
    ["X-A", "1", "X-A", "2"],
    [
      ["X-A", "1"],
      ["X-A", "2"],
    ],
  ]) {
    const arrived = await arrivedFrom(server, { headers: headers as string[] });
    t.deepEqual(
      rawPairs(arrived).filter((line) => line.startsWith("X-A")),
      ["X-A: 1", "X-A: 2"],
    );
    t.is(rawPairs(arrived).filter((line) => /^host:/i.test(line)).length, 1);
  }
});

test("of a name in two spellings the last arrives, as node:http does it", async (t) => {
  const server = await startVerifier(t);
  const arrived = await arrivedFrom(server, { headers: { "X-A": "1", "x-a": "2" } });
  t.deepEqual(
    rawPairs(arrived).filter((line) => /^x-a:/i.test(line)),
    ["x-a: 2"],
  );
});

test("a body is announced by its length, unless it is sent in chunks", async (t) => {
  const server = await startVerifier(t);
  for (const headers of [undefined, ["X-A", "1"]]) {
    const arrived = await arrivedFrom(server, { method: "POST", body: "größe", ...(headers && { headers }) });
    t.is(arrived.headers["content-length"], "7");
    t.is(arrived.body.toString(), "größe");
  }
  const chunked = await arrivedFrom(server, { method: "POST", body: "a", headers: { "transfer-encoding": "chunked" } });
  t.is(chunked.headers["content-length"], undefined);
});

test("streams, Blobs, parameters and forms are read, and the options hold their bytes", async (t) => {
  const server = await startVerifier(t);
  const form = new FormData();
  form.append("a", "b");
  const bodies: [unknown, RegExp, RegExp | undefined][] = [
    [Readable.from(["one", "two"]), /^onetwo$/, undefined],
    [new Blob(["content"], { type: "image/png" }), /^content$/, /^image\/png$/],
    [new URLSearchParams({ a: "b c" }), /^a=b\+c$/, /^application\/x-www-form-urlencoded/],
    [form, /form-data; name="a"/, /^multipart\/form-data; ?boundary=/],
  ];
  for (const [body, content, type] of bodies) {
    const arrived = await arrivedFrom(server, { method: "POST", body });
    t.is(arrived.verdict, KEYS.accessKeyId);
    t.regex(arrived.body.toString(), content);
    if (type === undefined) t.is(arrived.headers["content-type"], undefined);
    else t.regex(arrived.headers["content-type"] ?? "", type);
  }
});

test("the options of a URL are signed by urlToHttpOptions, and a URL itself is refused with that advice", async (t) => {
  const server = await startVerifier(t);
  const url = new URL(`${server.url}/a?b=c`);
  t.is(await sent(await signer.request({ ...urlToHttpOptions(url), method: "GET" })), KEYS.accessKeyId);
  await t.throwsAsync(signer.request(url as never), { code: "ERR_VALIDATION", message: /urlToHttpOptions/ });
});

test("Host names the port unless it is the usual one of the protocol, and IPv6 in brackets", async (t) => {
  const hostOf = async (request: Sent) =>
    ((await signer.request(request)) as { headers: Record<string, string> }).headers.Host;
  t.is(await hostOf({ hostname: "a.example", protocol: "https:", port: 443 }), "a.example");
  t.is(await hostOf({ host: "a.example", port: "443" }), "a.example");
  t.is(await hostOf({ host: "a.example", port: 80 }), "a.example");
  t.is(await hostOf({ host: "a.example", protocol: "https:", port: 80 }), "a.example:80");
  t.is(await hostOf({ host: "a.example", port: 8443, defaultPort: 8443 }), "a.example");
  t.is(await hostOf({ ...urlToHttpOptions(new URL("http://[::1]:81/")) }), "[::1]:81");
  t.is(await hostOf({ socketPath: "/run/x.sock" }), "localhost");
});

test("a header of UTF-8 bytes is signed as its text, and one that does not fit into bytes is refused", async (t) => {
  const server = await startVerifier(t);
  const value = Buffer.from("größe").toString("latin1");
  t.is((await arrivedFrom(server, { headers: { "x-a": value } })).verdict, KEYS.accessKeyId);
  await t.throwsAsync(signer.request({ host: "a.example", headers: ["x-a", "5 €"] }), { code: "ERR_SIGN_HEADER" });
});

test("a request to a proxy is signed as the one that the proxy makes of it", async (t) => {
  const still = new HttpSigner({ ...options, credentials: KEYS, clock: () => 1e12 });
  const path = "http://api.example.com:8080/a?b=c";
  const proxied = await still.request({ host: "127.0.0.1", port: 3128, path });
  const direct = await still.request({ host: "api.example.com", port: 8080, path: "/a?b=c" });
  t.deepEqual((proxied as Sent).headers, (direct as Sent).headers);
  t.is(proxied.path, path);
});

test("a signal ends the wait for credentials", async (t) => {
  const waiting = new HttpSigner({ ...options, credentials: () => new Promise(() => {}) });
  const leave = new AbortController();
  setTimeout(() => leave.abort(new Error("left")), 20);
  await t.throwsAsync(waiting.request({ host: "a.example", signal: leave.signal }), { message: "left" });
});
