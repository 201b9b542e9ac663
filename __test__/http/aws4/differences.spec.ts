/** Where aws4 signs what no server verifies, or sends what its user did not mean: each row of docs/aws4.md. */
import test from "ava";
import { type Aws4Request, aws4 } from "aws-refresh-session/http";
import { verifyRequest } from "aws-refresh-session/signing";
import peer from "aws4";
import { sentPairs } from "../../../dist/http/headers/sent-headers.js";
import { freezeDate } from "../../parity/frozen-date.js";
import { KEYS, NOW, SESSION_KEYS } from "../../signing/examples.js";

/** What a server says of options that node:http sends. */
async function verdictOn(signed: Aws4Request, keys: typeof KEYS = KEYS): Promise<string> {
  const { method = "GET", path, headers = {}, body = "", service } = signed;
  const request = {
    method: method.toUpperCase(),
    target: path ?? "",
    rawHeaders: sentPairs(headers).flat(),
    body,
  };
  const place = /\/(?:[\w-]+)\/([\w-]+)\/aws4_request/.exec(String(headers.Authorization ?? "/x/y/aws4_request"));
  try {
    const options = {
      region: "us-east-1",
      hosts: "any" as const,
      payload: "allow-unsigned" as const,
      clock: () => NOW,
    };
    await verifyRequest(request, { ...options, service: service ?? place?.[1] ?? "", getCredentials: () => keys });
    return "verified";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const s3 = { service: "s3", region: "us-east-1", host: "bucket.s3.amazonaws.com" };
const api = { service: "execute-api", region: "us-east-1", host: "a.example" };
const many = Array.from({ length: 1_100 }, (_, at) => `p${at}=1`).join("&");

/** What aws4 makes of each; "throws" where it throws. */
const ROWS: Readonly<Record<string, [request: () => Aws4Request, theirs: string]>> = {
  "a plus in a key of S3": [() => ({ ...s3, path: "/a+b" }), "SignatureDoesNotMatch"],
  "a percent sign in a key of S3": [() => ({ ...s3, path: "/100%" }), "throws"],
  "bytes in a key of S3 that are no UTF-8": [() => ({ ...s3, path: "/%ff" }), "throws"],
  "a percent sign beside what has to be encoded": [() => ({ ...api, path: "/100% é" }), "throws"],
  "a repeated parameter of S3": [() => ({ ...s3, path: "/?a=2&a=1" }), "SignatureDoesNotMatch"],
  "a parameter named __proto__": [() => ({ ...api, path: "/?__proto__=1" }), "SignatureDoesNotMatch"],
  "a method in lower case": [() => ({ ...api, method: "post", body: "a" }), "SignatureDoesNotMatch"],
  "a header in two spellings": [() => ({ ...api, headers: { "X-A": "1", "x-a": "2" } }), "IncompleteSignature"],
  "Content-Type in capitals": [
    () => ({ ...api, body: "{}", headers: { "CONTENT-TYPE": "application/json" } }),
    "IncompleteSignature",
  ],
  "a list with blanks in a header": [() => ({ ...api, headers: { "x-a": ["1 ", " 2"] } }), "SignatureDoesNotMatch"],
  "doNotModifyHeaders with a date": [
    () => ({ ...api, doNotModifyHeaders: true, headers: { "X-Amz-Date": "20150830T123500Z" } }),
    "SignatureDoesNotMatch",
  ],
  "an access point of Outposts": [() => ({ ...s3, service: "s3-outposts", path: "/a%20b" }), "SignatureDoesNotMatch"],
};

for (const [name, [request, theirs]] of Object.entries(ROWS)) {
  test.serial(`${name}: aws4 ${theirs}, ours is verified`, async (t) => {
    freezeDate(t, () => NOW);
    t.is(await verdictOn(aws4.sign(request(), KEYS)), "verified");
    const peers = async () => verdictOn(peer.sign(request() as never, KEYS) as Aws4Request);
    t.is(await peers().catch(() => "throws"), theirs);
  });
}

test("parameters beyond the thousandth, and bytes that are no UTF-8, are sent", (t) => {
  t.is(aws4.sign({ ...api, path: `/?${many}` }, KEYS).path, `/?${many}`);
  t.true((peer.sign({ ...api, path: `/?${many}` }, KEYS).path as string).length < many.length);
  t.is(aws4.sign({ ...api, path: "/?a=%ff" }, KEYS).path, "/?a=%ff");
  t.is(peer.sign({ ...api, path: "/?a=%ff" }, KEYS).path, "/?a=%EF%BF%BD");
});

test("a path begins with a slash", async (t) => {
  for (const given of ["?a=b", "a/b"]) {
    const headers = { "X-Amz-Date": "20150830T123600Z" };
    const signed = aws4.sign({ ...api, path: given, headers } as Aws4Request, KEYS);
    t.is(signed.path, `/${given}`);
    t.is(await verdictOn(signed), "verified");
  }
});

test("a path that ends in a dot segment keeps its slash, as RFC 3986 says", (t) => {
  const pathOf = (Signer: typeof aws4.RequestSigner | typeof peer.RequestSigner) =>
    new Signer({ ...api, path: "/a/b/.." } as never, KEYS).canonicalString().split("\n")[1];
  t.is(pathOf(aws4.RequestSigner), "/a/");
  t.is(pathOf(peer.RequestSigner), "/a");
});

test("headers that end at the next connection stay unsigned, unless they are asked for", (t) => {
  const headers = { te: "trailers", "transfer-encoding": "chunked", "keep-alive": "1", upgrade: "x", trailer: "a" };
  const covered = (request: Aws4Request) =>
    /SignedHeaders=([^,]*)/.exec(String(aws4.sign(request, KEYS).headers.Authorization))?.[1];
  t.is(covered({ ...api, headers }), "host;x-amz-date");
  t.is(covered({ ...api, headers, extraHeadersToInclude: { te: true } }), "host;te;x-amz-date");
});

test.serial("a request that is signed again gets the date, token, length and hash of now", async (t) => {
  let now = NOW;
  freezeDate(t, () => now);
  const request = { ...s3, method: "PUT", body: "first", headers: { "x-a": "1" } };
  const first = { ...aws4.sign(request, SESSION_KEYS).headers };
  now += 3_600_000;
  request.body = "the second";
  const { headers } = aws4.sign(request, KEYS);
  t.is(headers["X-Amz-Date"], "20150830T133600Z");
  t.is(headers["X-Amz-Security-Token"], undefined);
  t.is(headers["Content-Length"], 10);
  t.not(headers["X-Amz-Content-Sha256"], first["X-Amz-Content-Sha256"]);
  t.is(await verdictOn(request as Aws4Request), "RequestTimeTooSkewed");
  const query: Aws4Request = { ...s3, path: "/a", signQuery: true };
  aws4.sign(query, SESSION_KEYS);
  const path = aws4.sign(query, KEYS).path;
  t.deepEqual(path.match(/X-Amz-(Date|Signature|Security-Token)/g), ["X-Amz-Date", "X-Amz-Signature"]);
  t.is(path, aws4.sign({ ...s3, path: "/a", signQuery: true }, KEYS).path);
});

const HOSTS: Readonly<Record<string, [service: string, region: string]>> = {
  "bucket.s3.dualstack.eu-west-1.amazonaws.com": ["s3", "eu-west-1"],
  "s3-fips.us-east-2.amazonaws.com": ["s3", "us-east-2"],
  "bucket.s3-accelerate.amazonaws.com": ["s3", "us-east-1"],
  "123456789012.s3-control.eu-west-1.amazonaws.com": ["s3", "eu-west-1"],
  "ap-1.op-2.s3-outposts.us-west-2.amazonaws.com": ["s3-outposts", "us-west-2"],
  "bucket--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com": ["s3express", "us-east-1"],
  "kms-fips.us-west-1.amazonaws.com": ["kms", "us-west-1"],
  "vpce-1.execute-api.us-west-1.vpce.amazonaws.com": ["execute-api", "us-west-1"],
  "abc.lambda-url.eu-north-1.on.aws": ["lambda", "eu-north-1"],
  "lambda.eu-north-1.api.aws": ["lambda", "eu-north-1"],
  "abc.appsync-api.us-east-2.amazonaws.com": ["appsync", "us-east-2"],
  "db.cluster-1.us-east-2.neptune.amazonaws.com": ["neptune-db", "us-east-2"],
  "bedrock-runtime.us-east-2.amazonaws.com": ["bedrock", "us-east-2"],
  "git-codecommit.us-east-2.amazonaws.com": ["codecommit", "us-east-2"],
  "SQS.us-east-2.AMAZONAWS.com:443": ["sqs", "us-east-2"],
};
for (const [host, [service, region]] of Object.entries(HOSTS)) {
  test(`${host} is a host of ${service} in ${region}, which aws4 does not find`, (t) => {
    const credential = ({ headers }: Aws4Request) => /\d{8}\/([^,]*),/.exec(String(headers?.Authorization))?.[1];
    t.is(credential(aws4.sign({ host }, KEYS)), `${region}/${service}/aws4_request`);
    t.not(credential(peer.sign({ host }, KEYS) as Aws4Request), `${region}/${service}/aws4_request`);
  });
}

test("a host in China has its own suffix", (t) => {
  const request = { service: "sqs", region: "cn-north-1" };
  t.is(aws4.sign({ ...request }, KEYS).headers.Host, "sqs.cn-north-1.amazonaws.com.cn");
  t.is(peer.sign({ ...request }, KEYS).headers?.Host, "sqs.cn-north-1.amazonaws.com");
});

test("what cannot be signed is refused", (t) => {
  t.throws(() => aws4.sign({ host: "a.example" }, KEYS), { code: "ERR_SIGN_SCOPE" });
  t.throws(() => aws4.sign(api, { accessKeyId: "a" } as never), {
    code: "ERR_CREDENTIALS",
    message: /secretAccessKey/,
  });
  t.throws(() => aws4.sign({ ...api, headers: { "X-Amz-Date": "yesterday" } }, KEYS), { code: "ERR_SIGN_DATE" });
  t.throws(() => aws4.sign({ ...api, body: { a: 1 } as never }, KEYS), { code: "ERR_SIGN_BODY" });
  t.throws(() => aws4.sign("/relative", KEYS), { code: "ERR_SIGN_URL" });
  t.throws(() => aws4.sign({ ...api, path: "/\ud800" }, KEYS), { code: "ERR_SIGN_URL" });
  t.throws(() => aws4.sign(undefined as never, KEYS), { code: "ERR_VALIDATION" });
});
