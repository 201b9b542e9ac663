/** AwsRequest: headers that repeat, what `prepare` makes of body and parameters, rewinding, and what is refused. */
import { Readable } from "node:stream";
import { inspect } from "node:util";
import test from "ava";
import {
  AwsHeaders,
  AwsRequest,
  type AwsRequestInit,
  BRSError,
  type RequestData,
  UnseekableStreamError,
} from "aws-refresh-session/signing";
import { MemoryFile } from "../../parity/botocore-ours.js";

const URL_ = "https://sqs.eu-west-1.amazonaws.com/queue";

test("headers repeat, keep their order and spelling, and are found in any case", (t) => {
  const headers = new AwsHeaders({ "X-One": "1", list: ["a", "b"], gone: undefined, length: 5 });
  headers.add("x-ONE", "2");
  t.deepEqual(
    [...headers],
    [
      ["X-One", "1"],
      ["list", "a"],
      ["list", "b"],
      ["length", "5"],
      ["x-ONE", "2"],
    ],
  );
  t.is(headers.get("x-one"), "1");
  t.deepEqual(headers.getAll("x-one"), ["1", "2"]);
  t.is(headers.size, 5);
  headers.set("X-ONE", "3");
  t.deepEqual(headers.getAll("x-one"), ["3"]);
  t.deepEqual([...headers][0], ["X-One", "3"]);
  t.true(headers.delete("LIST"));
  t.false(headers.delete("LIST"));
  t.false(headers.has("list"));
  t.is(headers.get("list"), undefined);
});

test("headers come from objects, pairs, Maps, Headers and other AwsHeaders", (t) => {
  const pairs: Array<[string, string]> = [["a", "1"]];
  const given = [{ a: "1" }, pairs, new Map(pairs), new Headers(pairs), new AwsHeaders(pairs)];
  for (const each of given) t.deepEqual([...new AwsRequest({ url: URL_, headers: each }).headers], pairs);
  t.is(new AwsRequest({ url: URL_, headers: null }).headers.size, 0);
});

test("what no request can carry is refused by name", (t) => {
  const bodies = [5, true, () => "", Symbol("s"), new Date(), [1]];
  const refused: Array<[param: string, init: unknown]> = [
    ["request", null],
    ["url", {}],
    ["url", { url: 5 }],
    ["method", { url: URL_, method: "GE T" }],
    ["method", { url: URL_, method: 5 }],
    ["nonsense", { url: URL_, nonsense: 1 }],
    ["headers", { url: URL_, headers: "a: b" }],
    ["headers", { url: URL_, headers: ["a"] }],
    ["headers", { url: URL_, headers: { "a b": "c" } }],
    ["x", { url: URL_, headers: { x: "a\r\nb: c" } }],
    ["x", { url: URL_, headers: { x: "a\0" } }],
    ["x", { url: URL_, headers: { x: {} } }],
    ["context", { url: URL_, context: 5 }],
    ["params", { url: URL_, params: "a=b" }],
    ...bodies.map((data): [string, unknown] => ["data", { url: URL_, data }]),
    ["data", { url: URL_, data: new Uint8Array(new SharedArrayBuffer(4)) }],
    ["data.x", { url: URL_, data: { x: true } }],
    ["data.x", { url: URL_, data: { x: Number.NaN } }],
    ["data.x", { url: URL_, data: { x: ["a", null] } }],
  ];
  for (const [param, init] of refused) {
    const error = t.throws(() => new AwsRequest(init as AwsRequestInit), { instanceOf: BRSError }, inspect(init));
    t.is(error?.param, param, inspect(init));
  }
});

test("the body is bytes, a body to seek in, or a stream", (t) => {
  const bodyOf = (data: RequestData) => new AwsRequest({ url: URL_, data }).body;
  t.deepEqual(bodyOf("é"), Buffer.from("é"));
  t.is(bodyOf(null), undefined);
  t.is(bodyOf(Buffer.alloc(0)), undefined);
  t.deepEqual(bodyOf(new Uint16Array([1, 2]).subarray(1)), new Uint8Array(new Uint16Array([2]).buffer));
  t.deepEqual(bodyOf(new Uint8Array([7]).buffer), new Uint8Array([7]));
  t.deepEqual(bodyOf({ a: "b c", d: ["1", 2], e: "é" }), Buffer.from("a=b+c&d=1&d=2&e=%C3%A9"));
  t.deepEqual(
    bodyOf(
      new Map([
        ["2", "x"],
        ["1", "y"],
      ]),
    ),
    Buffer.from("2=x&1=y"),
  );
  const file = new MemoryFile(Buffer.from("abc"));
  t.is(bodyOf(file), file);
  const stream = Readable.from(["a"]);
  t.is(bodyOf(stream), stream);
});

test("content-length is that of the bytes, where one is due", (t) => {
  const lengthOf = (data: RequestData, method = "POST", headers = {}) => {
    const prepared = new AwsRequest({ method, url: URL_, data, headers }).prepare().headers;
    return [prepared.get("content-length"), prepared.get("transfer-encoding")];
  };
  t.deepEqual(lengthOf("é"), ["2", undefined]);
  t.deepEqual(lengthOf(null), ["0", undefined]);
  t.deepEqual(lengthOf({ a: "b" }), ["3", undefined]);
  t.deepEqual(lengthOf(Buffer.from("abc")), ["3", undefined]);
  t.deepEqual(lengthOf(new MemoryFile(Buffer.from("abcde"), 2)), ["3", undefined]);
  t.deepEqual(lengthOf(Readable.from(["a"])), [undefined, "chunked"]);
  for (const method of ["GET", "HEAD", "OPTIONS"]) t.deepEqual(lengthOf("abc", method), [undefined, undefined]);
  t.deepEqual(lengthOf("abc", "POST", { "Content-Length": "9" }), ["9", undefined]);
  t.deepEqual(lengthOf("abc", "POST", { "transfer-encoding": "x" }), [undefined, "x"]);
});

test("parameters are appended to the query as a form", (t) => {
  const urlOf = (url: string, params: AwsRequestInit["params"]) =>
    new AwsRequest({ url, params: params ?? null }).prepare().url;
  t.is(urlOf(URL_, { a: "b c", d: ["1", "2"] }), `${URL_}?a=b+c&d=1&d=2`);
  t.is(
    urlOf(`${URL_}?x=1`, [
      ["a", "1"],
      ["a", "2"],
    ]),
    `${URL_}?x=1&a=1&a=2`,
  );
  t.is(urlOf(URL_, {}), URL_);
  t.is(urlOf(URL_, null), URL_);
});

test("a repeated header is sent as it was signed", (t) => {
  const request = new AwsRequest({
    url: URL_,
    headers: [
      ["X-A", "1"],
      ["x-a", "2"],
    ],
  });
  t.deepEqual([...request.prepare().headers], [["X-A", "1,2"]]);
});

test("bodies are rewound to their first byte, streams are not", (t) => {
  const file = new MemoryFile(Buffer.from("abc"), 1);
  new AwsRequest({ url: URL_, data: file }).prepare().resetStream();
  t.is(file.tell(), 0);
  for (const data of ["text", Buffer.from("bytes"), null, { a: "b" }]) {
    t.notThrows(() => new AwsRequest({ url: URL_, data }).prepare().resetStream());
  }
  const broken = new MemoryFile(Buffer.from("abc"));
  broken.seek = () => {
    throw new Error("the file was closed");
  };
  for (const data of [Readable.from(["a"]), broken]) {
    const error = t.throws(() => new AwsRequest({ url: URL_, data }).prepare().resetStream(), {
      instanceOf: UnseekableStreamError,
    });
    t.is(error?.param, "data");
    t.truthy(error?.cause);
  }
});

test("a copy shares nothing that signing changes", (t) => {
  const request = new AwsRequest({
    url: URL_,
    headers: { a: "1" },
    context: { signing: { region: "r" }, s3PresignPostFields: { key: "k" }, s3PresignPostPolicy: { conditions: [] } },
  });
  const copy = request.copy();
  copy.headers.add("b", "2");
  copy.context.timestamp = "now";
  (copy.context.signing as { region: string }).region = "other";
  copy.context.s3PresignPostPolicy?.conditions?.push({});
  (copy.context.s3PresignPostFields as Record<string, string>).policy = "p";
  t.deepEqual([...request.headers], [["a", "1"]]);
  t.deepEqual(request.context, {
    signing: { region: "r" },
    s3PresignPostFields: { key: "k" },
    s3PresignPostPolicy: { conditions: [] },
  });
});

test("printing headers shows no key of the customer", (t) => {
  const names = [
    "X-Amz-Server-Side-Encryption-Customer-Key",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "Proxy-Authorization",
  ];
  const headers = new AwsHeaders(names.map((name) => [name, "hush"] as const));
  t.false(inspect(headers).includes("hush"));
  t.false(JSON.stringify(headers).includes("hush"));
});

test("printing a request shows no secret of it", (t) => {
  const request = new AwsRequest({
    url: `${URL_}?X-Amz-Security-Token=hush1&a=b&X-Amz-Signature=hush2#f`,
    headers: { Authorization: "hush3", "X-Amz-Security-Token": "hush4", "x-amz-s3session-token": "hush5", a: "shown" },
    context: { signing: { requestCredentials: { accessKeyId: "A", secretAccessKey: "hush6" } } },
    data: "hush7",
  });
  for (const each of [request, request.prepare(), request.headers]) {
    const printed = `${inspect(each)}${JSON.stringify(each)}`;
    t.false(printed.includes("hush"), printed);
    t.true(printed.includes("shown"));
  }
});
