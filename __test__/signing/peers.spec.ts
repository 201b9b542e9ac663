/** Our signatures beside those of aws4 and of the AWS SDK's own signer, and theirs before our verifier. */
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import test from "ava";
import { verifyRequest } from "aws-refresh-session/signing";
import aws4 from "aws4";
import { AT, clock, DATE, field, KEYS, partsOf, SESSION_KEYS, signatureOf, signerWith } from "./examples.js";
import { received } from "./received.js";

const host = "bucket.s3.us-east-1.amazonaws.com";
const region = "us-east-1";
const AMZ_DATE = "20150830T123600Z";

interface Case {
  readonly title: string;
  readonly method?: string;
  /** Path and query as they are sent. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Peers that compute something else, and why. */
  readonly except?: Readonly<Record<string, string>>;
  /** Services for which this is no request to compare. */
  readonly notFor?: readonly string[];
}

const CASES: readonly Case[] = [
  { title: "nothing but a host", target: "/" },
  { title: "a path", target: "/a/b/c" },
  { title: "a path that ends in a slash", target: "/a/b/" },
  { title: "an encoded path", target: "/a%20b/%C3%A9" },
  { title: "unreserved characters", target: "/-._~0aZ?-._~0aZ=-._~0aZ" },
  {
    title: "characters with a meaning in a path",
    target: "/a%3Ab/c%40d/%28e%29",
  },
  { title: "a query", target: "/?b=2&a=1" },
  {
    title: "a repeated name in the query",
    target: "/?a=2&a=1&a=10",
    except: { "aws4 s3": "takes the first value only" },
  },
  { title: "names without a value", target: "/?acl=&tagging=" },
  { title: "names that begin alike", target: "/?a=1&a-b=2&a.b=3&ab=4&A=5" },
  { title: "an encoded query", target: "/?%C3%A9=%F0%9F%A6%80&x=%2F%20%26%3D" },
  { title: "a sub-delimiter in the query", target: "/?a=%21%27%28%29%2A" },
  { title: "a text body", method: "POST", target: "/", headers: { "content-type": "text/plain" }, body: "content" },
  {
    title: "a body that is not ASCII",
    method: "PUT",
    target: "/x",
    headers: { "content-type": "text/plain" },
    body: "größe 🦀\n\0",
  },
  { title: "headers to sort", target: "/", headers: { "x-b": "1", "x-a": "2", "x-amz-meta-z": "3", accept: "*/*" } },
  { title: "blanks in headers", target: "/", headers: { "x-a": "  a   b  ", "x-b": "" } },
  { title: "names of headers in mixed case", target: "/", headers: { "X-Amz-Meta-A": "1", "X-ZZ": "2" } },
  { title: "values of headers that are not ASCII", target: "/", headers: { "x-name": "größe 日本 🦀" } },
  { title: "a delete", method: "DELETE", target: "/a/b?versionId=null" },
  { title: "a path to normalize", target: "/a//b/./c/../d", notFor: ["s3"] },
];

const SETS = [
  ["long-lived keys", KEYS],
  ["a session token", SESSION_KEYS],
] as const;

const lower = (headers: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

const without = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"].includes(name),
    ),
  );

const verified = (request: Parameters<typeof received>[0], service: string, credentials: typeof KEYS) =>
  verifyRequest(received(request), {
    service,
    region,
    hosts: [host],
    payload: "allow-unsigned",
    clock,
    getCredentials: ({ accessKeyId }) => (accessKeyId === KEYS.accessKeyId ? credentials : undefined),
  });

function decodedQuery(query: string): Record<string, string | string[]> {
  const bag: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const held = bag[name];
    bag[name] = held === undefined ? value : Array.isArray(held) ? [...held, value] : [held, value];
  }
  return bag;
}

const smithyRequest = ({ method = "GET", target, headers = {}, body }: Case) => {
  const { path, query } = partsOf(`https://${host}${target}`);
  return {
    method,
    protocol: "https:",
    hostname: host,
    path,
    query: decodedQuery(query),
    headers: { host, ...headers },
    ...(body === undefined ? {} : { body }),
  };
};

const smithyFor = (service: string, credentials: typeof KEYS) =>
  new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: service === "s3",
  });

/** The query as the SDK's HTTP handlers write it. */
const written = (query: Record<string, string | string[] | null>) =>
  Object.entries(query)
    .flatMap(([name, values]) => [values ?? ""].flat().map((value) => `${encoded(name)}=${encoded(value)}`))
    .join("&");
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

for (const service of ["execute-api", "s3"]) {
  for (const [whose, credentials] of SETS) {
    const signer = signerWith({ service, credentials });
    for (const each of CASES.filter(({ notFor }) => notFor?.includes(service) !== true)) {
      const { title, method = "GET", target, headers = {}, body } = each;
      const url = `https://${host}${target}`;
      const ours = () => ({ method, url, headers, ...(body === undefined ? {} : { body }) });
      const name = `${service}, ${whose}: ${title}`;

      test(`${name}, signed as the AWS SDK signs it`, async (t) => {
        const theirs = await smithyFor(service, credentials).sign(smithyRequest(each), { signingDate: DATE });
        const signed = signer.signSync(ours(), AT);
        t.is(signed.authorization ?? "", String(theirs.headers.authorization));
        t.deepEqual(signed, lower(Object.fromEntries(Object.keys(signed).map((key) => [key, theirs.headers[key]]))));
      });

      test(`${name}, signed as aws4 signs it`, async (t) => {
        const theirs = aws4.sign(
          {
            service,
            region,
            host,
            method,
            path: target,
            headers: { "X-Amz-Date": AMZ_DATE, ...headers },
            ...(body === undefined ? {} : { body }),
          },
          credentials,
        );
        const sent = lower(theirs.headers ?? {});
        const signed = signer.signSync({ ...ours(), headers: without(sent) }, AT);
        const except = each.except?.[`aws4 ${service}`];
        if (except === undefined) t.is(signatureOf(signed.authorization), signatureOf(sent.authorization));
        else t.not(signatureOf(signed.authorization), signatureOf(sent.authorization), except);
      });

      if (!target.includes("//") && !title.includes("not ASCII")) {
        test(`${name}, signed by either peer, is accepted`, async (t) => {
          const smithy = await smithyFor(service, credentials).sign(smithyRequest(each), { signingDate: DATE });
          const fromSmithy = await verified({ ...ours(), headers: smithy.headers }, service, credentials);
          t.is(fromSmithy.accessKeyId, KEYS.accessKeyId);
          t.is(fromSmithy.payload, "verified");
          if (each.except?.[`aws4 ${service}`] !== undefined) return;
          const theirs = aws4.sign(
            {
              service,
              region,
              host,
              method,
              path: target,
              headers: { "X-Amz-Date": AMZ_DATE, ...headers },
              ...(body === undefined ? {} : { body }),
            },
            credentials,
          );
          const sent = lower(theirs.headers ?? {});
          t.is((await verified({ ...ours(), headers: sent }, service, credentials)).accessKeyId, KEYS.accessKeyId);
        });
      }

      if (body === undefined && Object.keys(headers).length === 0) {
        test(`${name}, presigned as the AWS SDK presigns it`, async (t) => {
          const hash = new Set(["x-amz-content-sha256"]);
          const request = smithyRequest(each);
          if (service === "s3") Object.assign(request.headers, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" });
          const theirs = await smithyFor(service, credentials).presign(request, {
            signingDate: DATE,
            expiresIn: 900,
            unsignableHeaders: hash,
            unhoistableHeaders: hash,
          });
          const presigned = signer.presignSync(ours(), { ...AT, expiresIn: 900 }).url;
          t.is(field(presigned, "X-Amz-Signature"), String(theirs.query?.["X-Amz-Signature"]));
          const theirUrl = `https://${host}${theirs.path}?${written(theirs.query ?? {})}`;
          if (target.includes("//")) return;
          const { expiresAt } = await verified({ method, url: theirUrl }, service, credentials);
          t.deepEqual(expiresAt, new Date(DATE.getTime() + 900_000));
        });

        test(`${name}, presigned as aws4 presigns it`, async (t) => {
          const path = `${target}${target.includes("?") ? "&" : "?"}X-Amz-Date=${AMZ_DATE}&X-Amz-Expires=900`;
          const theirs = aws4.sign({ service, region, host, method, path, headers: {}, signQuery: true }, credentials);
          const presigned = signer.presignSync(ours(), { ...AT, expiresIn: 900 }).url;
          const except = each.except?.[`aws4 ${service}`];
          if (except !== undefined) {
            t.not(field(presigned, "X-Amz-Signature"), field(theirs.path, "X-Amz-Signature"), except);
            return;
          }
          t.is(field(presigned, "X-Amz-Signature"), field(theirs.path, "X-Amz-Signature"));
          if (target.includes("//")) return;
          t.is(
            (await verified({ method, url: `https://${host}${theirs.path}` }, service, credentials)).payload,
            service === "s3" ? "unsigned" : "verified",
          );
        });
      }
    }
  }
}
