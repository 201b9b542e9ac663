/** API Gateway and a Lambda function URL with IAM authorization before MiniStack: request shapes that are easy to sign wrongly. */
import { Signer } from "aws-refresh-session/signing";
import { assumeRole, type Keys, makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { callJson, makeRestApi } from "./ministack-api.js";
import { type RawRequest, type RawResponse, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";
import { zipOf } from "./zip-file.js";

let endpoint: string;
let principals: Principals;
let assumed: Keys;
/** Of the stage. */
let base: string;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  assumed = await assumeRole(endpoint, principals);
  base = await makeRestApi(endpoint, principals.user);
});

interface SignedBy {
  readonly service?: string;
  readonly keys?: Keys;
}

async function signed(
  request: RawRequest,
  { service = "execute-api", keys = principals.user }: SignedBy = {},
): Promise<RawRequest> {
  const signer = new Signer({ service, region: REGION, credentials: keys });
  return { ...request, headers: { ...request.headers, ...(await signer.sign(request)) } };
}

async function presigned(
  request: RawRequest,
  { service = "execute-api", keys = principals.user }: SignedBy = {},
): Promise<RawRequest> {
  const signer = new Signer({ service, region: REGION, credentials: keys });
  return { ...request, url: (await signer.presign(request, { expiresIn: 60 })).url };
}

/** The service struck from the scope of the signature; MiniStack takes whatever service was really signed for. */
function scopedElsewhere({ url, headers = {}, ...rest }: RawRequest): RawRequest {
  const authorization = headers.authorization?.replace(/\/(execute-api|lambda)\//, "/sts/");
  return {
    ...rest,
    url: url.replace("%2Fexecute-api%2F", "%2Fsts%2F"),
    headers: authorization === undefined ? headers : { ...headers, authorization },
  };
}

const otherSecret = (): Keys => ({ ...principals.user, secretAccessKey: `${principals.user.secretAccessKey}x` });

interface Shape {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sign?: typeof signed;
}

const JSON_TYPE = { "content-type": "application/json" };
const SHAPES: Readonly<Record<string, Shape>> = {
  "a plain path": { path: "/orders" },
  "a space in the path": { path: "/my%20orders/a%20b" },
  "UTF-8 in the path": { path: "/%C3%A9t%C3%A9/%F0%9F%98%80" },
  "an escaped slash in the path": { path: "/a%2Fb/c" },
  "a plus in the path": { path: "/a+b/c%2Bd" },
  "a run of slashes in the path": { path: "/a//b///c" },
  "dot segments in the path": { path: "/a/./b/../c" },
  "characters that need no escape": { path: "/a-b._~!$&'()*,;=:@" },
  "a query in another order than the sorted one": { path: "/orders?z=1&b=2&a=3&Z=4&a=1" },
  "an odd query": { path: "/orders?empty=&flag&plus=a+b&slash=a/b&equals=a=b&utf8=%C3%A9&tilde=%7E&amp=%26" },
  "a JSON body": { method: "POST", path: "/orders", body: '{"id": 17}', headers: JSON_TYPE },
  "a UTF-8 body": { method: "PUT", path: "/orders", body: '{"name": "\u00fcber \u{1f600}"}', headers: JSON_TYPE },
  "headers with odd spacing": { path: "/orders", headers: { "x-note": "  two  spaces  ", "x-empty": "" } },
  "a presigned URL": { path: "/orders/a%20b?b=2&a=1", sign: presigned },
};

function requestOf({ method = "GET", path, body, headers = {} }: Shape): RawRequest {
  return { method, url: `${base}${path}`, headers, ...(body === undefined ? {} : { body }) };
}

const told = ({ status, body }: RawResponse) => `${status} ${body}`;

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`API Gateway lets in, and without right keys keeps out, ${name}`, async (t) => {
    const request = requestOf(shape);
    const { sign = signed } = shape;
    for (const keys of [principals.user, assumed]) {
      const answer = await send(await sign(request, { keys }));
      t.is(answer.status, 200, told(answer));
    }
    for (const [why, forged] of Object.entries({
      "another secret": await sign(request, { keys: otherSecret() }),
      "another service": scopedElsewhere(await sign(request)),
      "no signature": request,
    })) {
      const answer = await send(forged);
      t.is(answer.status, 403, `${why}: ${told(answer)}`);
    }
  });
}

test("API Gateway keeps out requests that were changed after signing", async (t) => {
  const right = await signed(
    requestOf({ method: "POST", path: "/orders?a=1", body: '{"id": 17}', headers: JSON_TYPE }),
  );
  t.is((await send(right)).status, 200);
  for (const changed of [
    { ...right, body: '{"id": 18}' },
    { ...right, method: "PUT" },
    { ...right, url: right.url.replace("/orders", "/others") },
    { ...right, url: `${right.url}&b=2` },
    { ...right, headers: { ...right.headers, "content-type": "text/plain" } },
  ]) {
    const answer = await send(changed);
    t.is(answer.status, 403, told(answer));
  }
  const url = await presigned(requestOf({ path: "/orders?a=1" }));
  t.is((await send(url)).status, 200);
  t.is((await send({ ...url, url: url.url.replace("a=1", "a=2") })).status, 403);
});

test("API Gateway is also called by its own host name", async (t) => {
  const id = base.split("/")[4];
  const headers = { host: `${id}.execute-api.127.0.0.1:${new URL(endpoint).port}` };
  const request = { method: "GET", url: `${endpoint}/test/orders/a%20b?x=1`, headers };
  const answer = await send(await signed(request));
  t.is(answer.status, 200, told(answer));
  t.is((await send(await signed(request, { keys: otherSecret() }))).status, 403);
  t.is((await send(request)).status, 403);
});

test("a Lambda function URL is called by those whom IAM lets in", async (t) => {
  const zipped = zipOf("index.js", "exports.handler = async () => ({ statusCode: 200, body: 'called' });");
  await callJson(endpoint, principals.user, "lambda", "POST", "/2015-03-31/functions", {
    FunctionName: "shapes",
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Role: principals.roleArn,
    Code: { ZipFile: zipped.toString("base64") },
  });
  const made = await callJson(endpoint, principals.user, "lambda", "POST", "/2021-10-31/functions/shapes/url", {
    AuthType: "AWS_IAM",
  });
  const headers = { host: new URL(String(made.FunctionUrl)).host };
  const request = { method: "POST", url: `${endpoint}/a%20b?x=a+b`, headers, body: '{"id": 17}' };
  for (const keys of [principals.user, assumed]) {
    const answer = await send(await signed(request, { service: "lambda", keys }));
    t.is(answer.status, 200, told(answer));
    t.is(answer.body, "called");
  }
  t.is((await send(await signed(request, { service: "lambda", keys: otherSecret() }))).status, 403);
  const right = await signed(request, { service: "lambda" });
  t.is((await send(scopedElsewhere(right))).status, 403);
  t.is((await send({ ...right, body: '{"id": 18}' })).status, 403);
  t.is((await send(request)).status, 403);
});
