/** Requests that differ in what is signed and how, before an S3 server: each of them has to be accepted. */
import { randomBytes } from "node:crypto";
import { errorCode, type RawRequest, send } from "../raw-request.js";
import type { Register } from "../server-process.js";
import type { S3Server } from "./s3-server.js";

export function acceptanceTests(test: Register, s3: S3Server): void {
  const listed = async (query: string) => s3.sendSigned({ method: "GET", url: `${s3.endpoint}/bucket?${query}` });

  test("a list is read with empty, reordered, repeated-looking and escaped query parameters", async (t) => {
    await s3.put("list/a b", "1");
    await s3.put("list/c+d", "2");
    for (const query of [
      "list-type=2&prefix=list%2F",
      "prefix=list%2F&list-type=2&delimiter=",
      "list-type=2&max-keys=10&prefix=list/&encoding-type=url&start-after=",
      "list-type=2&prefix=list/&Prefix=LIST&fetch-owner",
      "list-type=2&prefix=%6cist%2f&start-after=list%2F+",
    ]) {
      const answer = await listed(query);
      t.is(answer.status, 200, `${query}: ${errorCode(answer)}`);
      t.is(answer.body.match(/<Key>/g)?.length, 2, query);
    }
    t.is((await listed("list-type=2&prefix=list%2Fc%2Bd")).body.match(/<Key>/g)?.length, 1);
  });

  test("the bucket is addressed with and without a trailing slash, and the list of buckets by a bare slash", async (t) => {
    for (const path of ["/bucket", "/bucket/", "/bucket/?location", "/bucket?location=", "/", "/?"]) {
      const answer = await s3.sendSigned({ method: "GET", url: `${s3.endpoint}${path}` });
      t.is(answer.status, 200, `${path}: ${errorCode(answer)}`);
    }
  });

  test("a key whose slashes are escaped is the key with slashes", async (t) => {
    const url = `${s3.endpoint}/bucket/escaped%2Fslash%2fin/key`;
    t.is((await s3.sendSigned({ method: "PUT", url, body: "slashes" })).status, 200);
    t.is((await s3.sendSigned({ method: "GET", url: s3.urlOf("escaped/slash/in/key") })).body, "slashes");
  });

  test("user headers are signed whatever their case and spacing", async (t) => {
    const url = s3.urlOf("with-metadata");
    const headers = {
      "X-Amz-Meta-Note": "two  spaces",
      "x-amz-meta-Empty": "",
      "x-amz-meta-quoted": '  "two  spaces"  ',
      "x-amz-meta-list": "a, b,c",
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "no-store",
    };
    const put = await s3.sendSigned({ method: "PUT", url, headers, body: "noted" });
    t.is(put.status, 200, errorCode(put));
    t.is((await s3.sendSigned({ method: "HEAD", url })).headers["content-type"], "text/plain; charset=utf-8");
  });

  test("headers of a conditional or partial read are signed", async (t) => {
    await s3.put("partial", "0123456789");
    const url = s3.urlOf("partial");
    const partial = await s3.sendSigned({ method: "GET", url, headers: { Range: "bytes=2-4" } });
    t.is(partial.body, "234");
    const etag = partial.headers.etag ?? "";
    const unchanged = await s3.sendSigned({ method: "GET", url, headers: { "If-None-Match": etag } });
    t.is(unchanged.status, 304);
  });

  test("headers that proxies and browsers add or change are not signed", async (t) => {
    const passing = { "user-agent": "a/1", expect: "", te: "trailers", "x-amzn-trace-id": "Root=1" };
    const right = await s3.signed({ method: "GET", url: `${s3.endpoint}/bucket`, headers: passing });
    t.notRegex(right.headers?.authorization ?? "", /user-agent|expect|te;|trace/);
    const { expect: _, ...headers } = right.headers ?? {};
    const changed = { ...headers, "user-agent": "b/2", "x-amzn-trace-id": "Root=2", te: "", "x-forwarded-for": "::1" };
    const answer = await send({ ...right, headers: changed });
    t.is(answer.status, 200, errorCode(answer));
  });

  test("a body that is binary, large or empty is signed", async (t) => {
    const bytes = randomBytes(3_000_000);
    t.is((await s3.sendSigned({ method: "PUT", url: s3.urlOf("binary"), body: bytes })).status, 200);
    t.is((await s3.sendSigned({ method: "HEAD", url: s3.urlOf("binary") })).headers["content-length"], "3000000");
    await s3.put("empty", "");
    t.is((await s3.sendSigned({ method: "GET", url: s3.urlOf("empty") })).body, "");
  });

  test("an unsigned payload is accepted", async (t) => {
    const url = s3.urlOf("unsigned");
    const put = await s3.sendSigned({ method: "PUT", url, body: "any" }, s3.newSigner({ payload: "unsigned" }));
    t.is(put.status, 200, errorCode(put));
    t.is((await s3.sendSigned({ method: "GET", url })).body, "any");
  });

  test("the second engine signs what the server accepts", async (t) => {
    const signer = s3.newSigner({ engine: "aws-sigv4" });
    const url = s3.urlOf("engine");
    t.is((await s3.sendSigned({ method: "PUT", url, body: "aws-sigv4" }, signer)).status, 200);
    t.is((await s3.sendSigned({ method: "GET", url }, signer)).body, "aws-sigv4");
  });

  test("presigned URLs put, get and delete", async (t) => {
    const signer = s3.newSigner();
    const url = s3.urlOf("by URL");
    const use = async (method: string, expiresIn: number, body?: string) => {
      const presigned = await signer.presign({ method, url }, { expiresIn });
      return send({ method, url: presigned.url, ...(body === undefined ? {} : { body }) });
    };
    t.is((await use("PUT", 60, "by URL")).status, 200);
    t.is((await use("GET", 604_800)).body, "by URL");
    t.is((await use("DELETE", 1)).status, 204);
  });

  test("presigned response-* parameters shape the answer", async (t) => {
    await s3.put("shaped", "a,b");
    const query = new URLSearchParams({
      "response-content-type": "text/csv; charset=utf-8",
      "response-content-disposition": `attachment; filename="r\u00e9sum\u00e9 (1)+2.csv"`,
      "response-cache-control": "no-store, max-age=0",
    });
    // One query as a browser writes it, with "+" for a space, and one as AWS's SDKs do.
    for (const text of [query.toString(), query.toString().replaceAll("+", "%20")]) {
      const { url } = await s3.newSigner().presign(`${s3.urlOf("shaped")}?${text}`, { expiresIn: 60 });
      const got = await send({ method: "GET", url });
      t.is(got.status, 200, `${text}: ${errorCode(got)}`);
      t.is(got.headers["content-type"], "text/csv; charset=utf-8");
      t.is(got.headers["cache-control"], "no-store, max-age=0");
      t.true(got.headers["content-disposition"]?.includes(" (1)+2.csv"));
    }
  });

  test("presigned headers have to be sent as they were signed", async (t) => {
    const headers = { "content-type": "application/json", "x-amz-meta-owner": "me" };
    const request = { method: "PUT", url: s3.urlOf("typed"), headers };
    const { url } = await s3.newSigner().presign(request, { expiresIn: 60 });
    const put = (sent: RawRequest["headers"] = {}) => send({ ...request, url, headers: sent, body: "{}" });
    t.is((await put(headers)).status, 200);
    t.is((await put({ ...headers, "content-type": "text/html" })).status, 403);
    t.true([400, 403].includes((await put({ "content-type": "application/json" })).status));
  });

  test("every URL of a presigned batch works", async (t) => {
    const urls = Array.from({ length: 50 }, (_, index) => s3.urlOf(`batch/${index} of 50`));
    const signer = s3.newSigner();
    const requests = urls.map((url) => ({ method: "PUT", url }));
    for (const url of await signer.presignMany(requests, { expiresIn: 60 })) {
      t.is((await send({ method: "PUT", url, body: "batch" })).status, 200);
    }
    for (const url of await signer.presignMany(urls, { expiresIn: 60 })) {
      t.is((await send({ method: "GET", url })).body, "batch");
    }
  });
}
