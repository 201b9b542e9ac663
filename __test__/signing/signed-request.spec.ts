/** Tests of signRequest: the signature merged into a copy of the request, whatever its headers are kept in. */
import test from "ava";
import { type HeadersInput, type SignableRequest, SigningError, verifyRequest } from "aws-refresh-session/signing";
import { AT, clock, SESSION_KEYS, signedHeadersOf, signerWith, TOKEN } from "./examples.js";
import { received } from "./received.js";

const url = "https://example.amazonaws.com/a?b=c";
const signer = signerWith({ service: "s3", credentials: SESSION_KEYS });
const STALE = {
  Authorization: "AWS4-HMAC-SHA256 Credential=old",
  "X-Amz-Date": "20010101T000000Z",
  "X-AMZ-SECURITY-TOKEN": "old",
  "x-Amz-Content-Sha256": "ab".repeat(32),
};
const KEPT = { "Content-Type": "text/plain", "X-Amz-Meta-A": "1" };
const request = { method: "PUT", url, body: "content" };
const added = signer.signSync({ ...request, headers: KEPT }, AT);

const lower = (pairs: Iterable<readonly [string, unknown]>) =>
  Object.fromEntries([...pairs].map(([name, value]) => [name.toLowerCase(), value]));
const names = (headers: HeadersInput): Record<string, string> =>
  lower(Symbol.iterator in headers ? headers : Object.entries(headers)) as Record<string, string>;
const expected = { "content-type": "text/plain", "x-amz-meta-a": "1", ...added };

test("an object of headers becomes an object: the user's names as they were, ours in lower case", async (t) => {
  const signed = await signer.signRequest({ ...request, headers: { ...KEPT, ...STALE } }, AT);
  t.deepEqual(signed, { ...request, headers: { ...KEPT, ...added } });
});

test("a Headers becomes a Headers", async (t) => {
  const headers = new Headers({ ...KEPT, ...STALE });
  const signed = await signer.signRequest({ ...request, headers }, AT);
  t.true(signed.headers instanceof Headers);
  t.not(signed.headers, headers);
  t.deepEqual(lower(signed.headers), expected);
  t.is(headers.get("authorization"), STALE.Authorization);
});

test("a Map becomes a Map", async (t) => {
  const headers = new Map(Object.entries({ ...KEPT, ...STALE }));
  const signed = await signer.signRequest({ ...request, headers }, AT);
  t.true(signed.headers instanceof Map);
  t.deepEqual(lower(signed.headers), expected);
  t.is(signed.headers.size, Object.keys(expected).length);
  t.is(headers.size, 6);
});

test("pairs become pairs, repeated ones kept in their order", async (t) => {
  const headers = [["X-A", "1"], ...Object.entries(STALE), ["x-a", "2"], ["authorization", "old"]] as [
    string,
    string,
  ][];
  const signed = await signer.signRequest({ ...request, headers }, AT);
  t.deepEqual(signed.headers.slice(0, 2), [
    ["X-A", "1"],
    ["x-a", "2"],
  ]);
  t.is(signed.headers.filter(([name]) => name.toLowerCase() === "authorization").length, 1);
  t.is(headers.length, 7);
});

test("an iterator of pairs is read once and becomes pairs", async (t) => {
  const headers = new Headers(KEPT).entries();
  const signed: { headers: Iterable<readonly [string, string]> } = await signer.signRequest(
    { ...request, headers },
    AT,
  );
  t.deepEqual(lower(signed.headers), expected);
});

test("a request without headers gets an object of them", async (t) => {
  const signed = await signer.signRequest<SignableRequest>({ url }, AT);
  t.deepEqual(signed.headers, signer.signSync({ url }, AT));
});

test("what else a client keeps in a request stays", async (t) => {
  const options = { ...request, headers: KEPT, redirect: "error" as const, signal: new AbortController().signal };
  const signed = await signer.signRequest(options, AT);
  t.is(signed.signal, options.signal);
  t.is(signed.redirect, "error");
  t.deepEqual(Object.keys(signed), Object.keys(options));
});

test("lists, numbers and absent values of headers stay in their form", async (t) => {
  const headers = { "x-list": ["1", "2"], "content-length": 7, "x-none": undefined };
  const signed = await signer.signRequest({ ...request, headers }, AT);
  t.deepEqual(signed.headers, { ...headers, ...signer.signSync({ ...request, headers }, AT) });
});

test("a Request becomes a Request with the same method, URL and body", async (t) => {
  const given = new Request(url, { method: "PUT", headers: { ...KEPT, ...STALE }, body: "content" });
  const signed = await signer.signRequest(given, AT);
  t.true(signed instanceof Request);
  t.deepEqual(lower(signed.headers), expected);
  t.is(signed.method, "PUT");
  t.is(signed.url, url);
  t.is(await signed.text(), "content");
  t.false(given.bodyUsed);
  t.is(await given.text(), "content");
});

for (const [title, body] of [
  ["bytes", Uint8Array.from([0, 255, 128])],
  ["an empty text", ""],
  ["a Blob", new Blob(["content"])],
  ["a form", new URLSearchParams({ a: "ü", b: "2" })],
  ["a multipart form", new FormData()],
  ["a stream", new Blob(["streamed"]).stream()],
] as const) {
  test(`the body of a Request may be ${title}: it is read and signed`, async (t) => {
    if (body instanceof FormData) body.append("a", "1");
    const given = new Request(url, { method: "POST", body, duplex: "half" } as RequestInit);
    const content = new Uint8Array(await given.clone().arrayBuffer());
    const signed = await signer.signRequest(given, AT);
    t.deepEqual(new Uint8Array(await signed.clone().arrayBuffer()), content);
    const sent = { method: "POST", url, headers: [...signed.headers], body: content };
    const { payload } = await verifyRequest(received(sent), {
      service: "s3",
      region: "us-east-1",
      hosts: "any",
      clock,
      getCredentials: () => SESSION_KEYS,
    });
    t.is(payload, "verified");
  });
}

test("a Request without a body stays one without a body", async (t) => {
  const signed = await signer.signRequest(new Request(url), AT);
  t.is(signed.body, null);
  t.is(signed.method, "GET");
});

test("a Request whose body was read already is not signed as an empty one", async (t) => {
  const given = new Request(url, { method: "POST", body: "content" });
  await given.text();
  await t.throwsAsync(signer.signRequest(given, AT), { instanceOf: TypeError });
});

test("signing twice is safe, whatever was signed before, and with whom", async (t) => {
  const other = signerWith({
    service: "other",
    region: "eu-west-1",
    credentials: { accessKeyId: "B", secretAccessKey: "b" },
  });
  const forms = [{ ...KEPT }, new Headers(KEPT), new Map(Object.entries(KEPT)), Object.entries(KEPT)];
  for (const headers of forms) {
    const once = await signer.signRequest({ ...request, headers }, AT);
    const twice = await signer.signRequest(await other.signRequest(once, { signingDate: new Date(0) }), AT);
    t.deepEqual(twice, once);
  }
  const once = await signer.signRequest(new Request(url, { method: "POST", body: "content" }), AT);
  const twice = await signer.signRequest(await other.signRequest(once.clone(), AT), AT);
  t.deepEqual([...twice.headers], [...once.headers]);
});

test("a signature with a token that is signed again without one leaves no token behind", async (t) => {
  for (const headers of [{ ...KEPT }, new Headers(KEPT), new Map(Object.entries(KEPT)), Object.entries(KEPT)]) {
    const once = await signer.signRequest({ ...request, headers }, AT);
    t.is(names(once.headers)["x-amz-security-token"], TOKEN);
    const twice = names((await signerWith().signRequest({ ...once, body: null }, AT)).headers);
    t.false("x-amz-security-token" in twice);
    t.false(signedHeadersOf(twice.authorization).includes("x-amz-security-token"));
  }
  const once = await signer.signRequest(new Request(url, { method: "PUT", headers: KEPT }), AT);
  const twice = await signerWith().signRequest(once, AT);
  t.false(twice.headers.has("x-amz-security-token"));
  t.is(once.headers.get("x-amz-security-token"), TOKEN);
});

for (const value of [undefined, null, 1, "https://h/", []]) {
  test(`a request of ${JSON.stringify(value)} is refused`, async (t) => {
    await t.throwsAsync(signer.signRequest(value as never, AT), { instanceOf: SigningError, code: "ERR_SIGN_REQUEST" });
  });
}
