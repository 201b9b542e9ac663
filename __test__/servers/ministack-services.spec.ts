/** A read call of sixteen services before MiniStack, in every protocol that AWS speaks: right keys pass, others do not. */
import { Signer } from "aws-refresh-session/signing";
import { assumeRole, type Keys, makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { element, type RawRequest, type RawResponse, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
let assumed: Required<Keys>;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  assumed = await assumeRole(endpoint, principals);
});

interface ServiceCall {
  readonly service: string;
  readonly protocol: "query" | "ec2" | "json" | "rest-json" | "rest-xml";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const query = (service: string, action: string, version: string, protocol: "query" | "ec2" = "query"): ServiceCall => ({
  service,
  protocol,
  method: "POST",
  path: "/",
  headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
  body: new URLSearchParams({ Action: action, Version: version }).toString(),
});
const json = (service: string, version: "1.0" | "1.1", target: string, body = "{}"): ServiceCall => ({
  service,
  protocol: "json",
  method: "POST",
  path: "/",
  headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": target },
  body,
});
const rest = (service: string, protocol: "rest-json" | "rest-xml", path: string): ServiceCall => ({
  service,
  protocol,
  method: "GET",
  path,
  headers: { accept: protocol === "rest-json" ? "application/json" : "application/xml" },
});

const CALLS: readonly ServiceCall[] = [
  query("sts", "GetCallerIdentity", "2011-06-15"),
  query("sns", "ListTopics", "2010-03-31"),
  query("ec2", "DescribeRegions", "2016-11-15", "ec2"),
  json("dynamodb", "1.0", "DynamoDB_20120810.ListTables", '{"Limit": 10}'),
  json("sqs", "1.0", "AmazonSQS.ListQueues", '{"QueueNamePrefix": "\u00fcber"}'),
  json("secretsmanager", "1.1", "secretsmanager.ListSecrets"),
  json("kms", "1.1", "TrentService.ListKeys"),
  json("kinesis", "1.1", "Kinesis_20131202.ListStreams"),
  json("logs", "1.1", "Logs_20140328.DescribeLogGroups"),
  json("events", "1.1", "AWSEvents.ListRules"),
  json("ssm", "1.1", "AmazonSSM.DescribeParameters"),
  rest("lambda", "rest-json", "/2015-03-31/functions/?MaxItems=10"),
  rest("apigateway", "rest-json", "/restapis?limit=10&position="),
  rest("iot", "rest-json", "/things?maxResults=10"),
  rest("bedrock", "rest-json", "/foundation-models?byProvider=A+B%20C"),
  rest("s3", "rest-xml", "/"),
];

/** Status and code for a signature that does not match, for a wrong token and for a missing one. */
type Refusals = readonly [mismatch: string, wrongToken: string, noToken: string];

const REFUSALS: Readonly<Record<ServiceCall["protocol"], Refusals>> = {
  query: ["403 SignatureDoesNotMatch", "403 InvalidClientTokenId", "403 InvalidClientTokenId"],
  ec2: ["401 AuthFailure", "401 AuthFailure", "401 AuthFailure"],
  json: ["400 InvalidSignatureException", "400 UnrecognizedClientException", "400 UnrecognizedClientException"],
  "rest-json": ["403 InvalidSignatureException", "403 UnrecognizedClientException", "403 UnrecognizedClientException"],
  "rest-xml": ["403 SignatureDoesNotMatch", "400 InvalidToken", "403 InvalidAccessKeyId"],
};
/** SQS once spoke the query protocol, and kept its codes. */
const refusalsOf = ({ service, protocol }: ServiceCall): Refusals => REFUSALS[service === "sqs" ? "query" : protocol];

const otherSecret = (keys: Keys): Keys => ({ ...keys, secretAccessKey: `${keys.secretAccessKey}x` });

async function call(
  { service, method, path, headers, body }: ServiceCall,
  keys: Keys,
  change = (request: RawRequest) => request,
): Promise<RawResponse> {
  const request = { method, url: `${endpoint}${path}`, headers, ...(body === undefined ? {} : { body }) };
  const signer = new Signer({ service, region: REGION, credentials: keys });
  return send(change({ ...request, headers: { ...headers, ...(await signer.sign(request)) } }));
}

/** The error code, wherever the protocol puts it. */
function codeOf({ headers, body }: RawResponse): string {
  const type = /"(?:__type|code|Code)"\s*:\s*"(?:[^"#]*#)?([^"]*)"/.exec(body)?.[1];
  return String(element(body, "Code") ?? type ?? headers["x-amzn-errortype"] ?? body);
}

for (const each of CALLS) {
  test(`${each.service} (${each.protocol}) takes long-lived keys and a session's`, async (t) => {
    for (const keys of [principals.user, assumed]) {
      const answer = await call(each, keys);
      t.is(answer.status, 200, codeOf(answer));
    }
  });

  test(`${each.service} (${each.protocol}) refuses another secret, a missing or wrong token and a changed request`, async (t) => {
    const [mismatch, wrongToken, noToken] = refusalsOf(each);
    const outcome = async (keys: Keys, change?: (request: RawRequest) => RawRequest) => {
      const answer = await call(each, keys, change);
      return `${answer.status} ${codeOf(answer)}`;
    };
    const { sessionToken, ...tokenless } = assumed;
    t.is(await outcome(otherSecret(principals.user)), mismatch);
    t.is(await outcome(otherSecret(assumed)), mismatch);
    t.is(await outcome({ ...tokenless, sessionToken: `${sessionToken}x` }), wrongToken);
    t.is(await outcome(tokenless), noToken);
    t.is(await outcome(principals.user, withMoreQuery), mismatch);
    t.is(await outcome(principals.user, withOtherHeader), mismatch);
  });
}

const withMoreQuery = (right: RawRequest): RawRequest => ({
  ...right,
  url: `${right.url}${right.url.includes("?") ? "&" : "?"}more=1`,
});

function withOtherHeader(right: RawRequest): RawRequest {
  const name = right.headers?.accept === undefined ? "content-type" : "accept";
  return { ...right, headers: { ...right.headers, [name]: `${right.headers?.[name]};q=1` } };
}
