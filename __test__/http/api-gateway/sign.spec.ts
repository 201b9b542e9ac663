/** `sign()` and `explain()` of ApiGateway: what they take, what they refuse, and that a signature is one unit with its triple. */
import { Readable } from "node:stream";
import test from "ava";
import { RefreshableSession } from "aws-refresh-session";
import { ApiGateway, type ApiGatewayRequest } from "aws-refresh-session/http";
import { type SignableRequest, verifyRequest } from "aws-refresh-session/signing";
import { ManualClock } from "aws-refresh-session/testing";
import { KEYS, NOW, REGION, sha256 } from "./rule-table.js";

const URL_OF_API = "https://id.execute-api.eu-west-1.amazonaws.com/live/orders";
const gateway = new ApiGateway({ ...KEYS, region: REGION, clock: () => NOW });

const REFUSED: Readonly<Record<string, readonly [request: unknown, code: string]>> = {
  "no request": [undefined, "ERR_SIGN_REQUEST"],
  "a relative URL": ["/orders", "ERR_SIGN_URL"],
  "no URL": [{}, "ERR_SIGN_URL"],
  "another scheme": ["ftp://api.example.com/", "ERR_SIGN_URL"],
  "a socket": ["wss://api.example.com/", "ERR_SIGN_URL"],
  "user information": ["https://user:pass@api.example.com/", "ERR_SIGN_URL"],
  "a backslash in the path": ["https://api.example.com/a\\b", "ERR_SIGN_URL"],
  "a backslash for the path": ["https://api.example.com\\a", "ERR_SIGN_URL"],
  "a line end in the URL": ["https://api.example.com/a\nb", "ERR_SIGN_URL"],
  "a host that is none": ["https://a b/", "ERR_SIGN_URL"],
  "a method that is none": [{ url: URL_OF_API, method: "GET /" }, "ERR_SIGN_METHOD"],
  "a method that is no text": [{ url: URL_OF_API, method: 5 }, "ERR_SIGN_METHOD"],
  "a header name that is none": [{ url: URL_OF_API, headers: { "a b": "1" } }, "ERR_SIGN_HEADER"],
  "a line feed in a header": [{ url: URL_OF_API, headers: { a: "1\nb: 2" } }, "ERR_SIGN_HEADER"],
  "a line end in a header": [{ url: URL_OF_API, headers: { a: "1\r\nb: 2" } }, "ERR_SIGN_HEADER"],
  "a header that is no text": [{ url: URL_OF_API, headers: { a: {} } }, "ERR_SIGN_REQUEST"],
  "an unsigned payload": [{ url: URL_OF_API, method: "POST", body: { unsigned: true } }, "ERR_SIGN_BODY"],
  "a hash that is none": [{ url: URL_OF_API, method: "POST", body: { sha256: "abc" } }, "ERR_SIGN_BODY"],
  "an object for a body": [{ url: URL_OF_API, method: "POST", body: { id: 17 } }, "ERR_SIGN_BODY"],
};

for (const [what, [request, code]] of Object.entries(REFUSED)) {
  test(`sign() refuses ${what}`, async (t) => {
    await t.throwsAsync(gateway.sign(request as SignableRequest), { name: "SigningError", code });
  });
}

test("headers are taken in every form", async (t) => {
  const pairs: [string, string][] = [
    ["X-One", "1"],
    ["X-Two", "2"],
  ];
  const [first, ...others] = await Promise.all(
    [pairs, Object.fromEntries(pairs), new Headers(pairs), new Map(pairs), pairs.values()].map((headers) =>
      gateway.sign({ url: URL_OF_API, headers: headers as Iterable<[string, string]> }),
    ),
  );
  t.regex(first?.authorization ?? "", /host;x-amz-content-sha256;x-amz-date;x-one;x-two,/);
  for (const other of others) t.deepEqual(other, first);
});

test("a body of which only the hash is known is signed by it, and its length is left to the user", async (t) => {
  const digest = sha256("{}");
  const headers = await gateway.sign({ url: URL_OF_API, method: "POST", body: { sha256: digest.toUpperCase() } });
  t.is(headers["x-amz-content-sha256"], digest);
  t.false("content-length" in headers);
});

async function* generated() {
  yield "orders";
}

const BODIES: Readonly<Record<string, readonly [make: () => ApiGatewayRequest["body"], text: string, type?: string]>> =
  {
    "a Node stream": [() => Readable.from(["or", Buffer.from("ders")]), "orders"],
    "a web stream": [() => new Blob(["orders"]).stream(), "orders"],
    "a generator": [() => generated(), "orders"],
    "a Blob": [() => new Blob(["orders"], { type: "text/csv" }), "orders", "text/csv"],
  };

for (const [what, [make, text, type]] of Object.entries(BODIES)) {
  test(`${what} is read, signed, and replaced in the request by what was read`, async (t) => {
    const request = { url: URL_OF_API, method: "POST", body: make() };
    const headers = await gateway.sign(request);
    t.is(headers["x-amz-content-sha256"], sha256(text));
    t.is(headers["content-length"], String(text.length));
    t.is(headers["content-type"], type as string);
    t.is(String(request.body), text);
  });
}

test("a form is written out, and its type with the boundary is set and signed", async (t) => {
  const body = new FormData();
  body.set("name", "größe");
  const request: ApiGatewayRequest = {
    url: URL_OF_API,
    method: "POST",
    body,
    headers: { "Content-Type": "text/plain" },
  };
  const headers = await gateway.sign(request);
  const written = String(request.body);
  t.is(headers["x-amz-content-sha256"], sha256(written));
  const [, boundary = "?"] = /^multipart\/form-data; boundary=(.*)$/.exec(headers["content-type"] ?? "") ?? [];
  t.true(written.startsWith(`--${boundary}\r\n`));
  t.regex(headers.authorization ?? "", /SignedHeaders=content-length;content-type;host;/);
});

test("parameters are signed as the text that they are sent as", async (t) => {
  const body = new URLSearchParams({ a: "1 2" });
  const request = { url: URL_OF_API, method: "POST", body };
  const headers = await gateway.sign(request);
  t.is(request.body, body);
  t.is(headers["x-amz-content-sha256"], sha256("a=1+2"));
  t.is(headers["content-type"], "application/x-www-form-urlencoded;charset=UTF-8");
});

test("a stream that is too long, or could not be replaced, is refused", async (t) => {
  const limited = new ApiGateway({ ...KEYS, region: REGION, bufferLimit: 5 });
  const body = Readable.from(["orders"]);
  await t.throwsAsync(limited.sign({ url: URL_OF_API, method: "POST", body }), { code: "ERR_SIGN_BODY" });
  t.true(body.destroyed);
  const unread = Readable.from(["orders"]);
  const frozen = Object.freeze({ url: URL_OF_API, method: "POST", body: unread });
  await t.throwsAsync(gateway.sign(frozen), { code: "ERR_SIGN_BODY" });
  t.false(unread.readableDidRead);
  // What is content already may be of any length.
  await t.notThrowsAsync(limited.sign({ url: URL_OF_API, method: "POST", body: "orders" }));
});

test("a signal ends the wait for credentials, and the reading of a body", async (t) => {
  const waiting = new ApiGateway({ session: () => new Promise<never>(() => {}), region: REGION });
  const aborting = new AbortController();
  const signed = waiting.sign(URL_OF_API, { signal: aborting.signal });
  const body = new ReadableStream();
  const read = gateway.sign({ url: URL_OF_API, method: "POST", body }, { signal: aborting.signal });
  aborting.abort(new Error("enough"));
  await t.throwsAsync(signed, { message: "enough" });
  await t.throwsAsync(read, { message: "enough" });
});

test("a body over 2 MiB is hashed like any other", async (t) => {
  const body = Buffer.alloc(5 << 20, "a");
  const headers = await gateway.sign({ url: URL_OF_API, method: "PUT", body });
  t.is(headers["x-amz-content-sha256"], sha256(body));
  t.is(headers["content-length"], String(body.length));
  t.is(headers.authorization, gateway.explain({ url: URL_OF_API, method: "PUT", body }).exactResult);
});

test("explain() tells what sign() signs", async (t) => {
  const request = { url: `${URL_OF_API}?b=2&a=1`, method: "POST", body: "{}", headers: { TE: "trailers" } };
  const { authorization } = await gateway.sign(request);
  const explained = gateway.explain(request);
  t.is(authorization, explained.exactResult);
  t.is(explained.stringToSign.split("\n").at(-1), sha256(explained.exactCanonicalRequest));
  t.deepEqual(explained.signedHeaders, ["content-length", "host", "te", "x-amz-content-sha256", "x-amz-date"]);
  const waiting = new ApiGateway({ session: async () => KEYS, region: REGION });
  t.throws(() => waiting.explain(URL_OF_API), { name: "CredentialsNotReadyError" });
});

test("a signature follows a refresh, and is never a mix of two triples", async (t) => {
  const clock = new ManualClock(NOW);
  let count = 0;
  const numbered = (number: number) => ({
    accessKeyId: `AKID${number}`,
    secretAccessKey: `SECRET${number}`,
    sessionToken: `TOKEN${number}`,
  });
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: async () => ({ ...numbered(++count), expiration: new Date(clock.clock() + 2_000) }),
    clock: clock.clock,
    env: {},
  });
  const rotating = new ApiGateway({ session, region: REGION });
  const seen = new Set<string>();
  for (let round = 0; round < 3; round++) {
    clock.advance(5);
    for (const headers of await Promise.all([1, 2, 3, 4].map(() => rotating.sign(URL_OF_API)))) {
      const [, number = ""] = /Credential=AKID(\d+)\//.exec(headers.authorization ?? "") ?? [];
      seen.add(number);
      t.is(headers["x-amz-security-token"], `TOKEN${number}`);
      const { host = "", ...rest } = headers;
      await t.notThrowsAsync(
        verifyRequest(
          { method: "GET", target: "/live/orders", rawHeaders: Object.entries({ host, ...rest }).flat(), body: "" },
          {
            service: "execute-api",
            region: REGION,
            hosts: ["id.execute-api.eu-west-1.amazonaws.com"],
            clock: clock.clock,
            getCredentials: () => numbered(Number(number)),
          },
        ),
      );
    }
  }
  t.deepEqual([...seen], ["1", "2", "3"]);
});

test("a body, or a header that only these rules sign, cannot be changed afterwards", async (t) => {
  const request = {
    url: URL_OF_API,
    method: "POST",
    body: "{}",
    headers: { TE: "trailers", "Proxy-Authorization": "a" },
  };
  const headers = { ...request.headers, ...(await gateway.sign(request)) };
  const verified = (body: string, changed: Record<string, string> = {}) =>
    verifyRequest(
      { method: "POST", target: "/live/orders", rawHeaders: Object.entries({ ...headers, ...changed }).flat(), body },
      { service: "execute-api", region: REGION, hosts: "any", clock: () => NOW, getCredentials: () => KEYS },
    );
  await t.notThrowsAsync(verified("{}"));
  await t.throwsAsync(verified("[]"), { name: "VerificationError" });
  await t.throwsAsync(verified("{}", { TE: "gzip" }), { code: "SignatureDoesNotMatch" });
  await t.throwsAsync(verified("{}", { "Proxy-Authorization": "b" }), { code: "SignatureDoesNotMatch" });
});

test("sigv4a signs for a set of regions, which is sent and signed", async (t) => {
  const everywhere = new ApiGateway({ ...KEYS, region: ["eu-west-1", "us-*"], algorithm: "sigv4a", clock: () => NOW });
  const headers = await everywhere.sign({ url: URL_OF_API, headers: { "X-Amz-Region-Set": "*" } });
  t.is(headers["x-amz-region-set"], "eu-west-1,us-*");
  t.regex(
    headers.authorization ?? "",
    /^AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE\/20150830\/execute-api\/aws4_request, /,
  );
  const verified = await verifyRequest(
    { method: "GET", target: "/live/orders", rawHeaders: Object.entries(headers).flat(), body: "" },
    { service: "execute-api", region: "us-east-1", hosts: "any", clock: () => NOW, getCredentials: () => KEYS },
  );
  t.is(verified.accessKeyId, KEYS.accessKeyId);
  const plain = await gateway.sign({ url: URL_OF_API, headers: { "X-Amz-Region-Set": "*" } });
  t.regex(plain.authorization ?? "", /x-amz-region-set,/);
});
