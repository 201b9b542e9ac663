/** What ApiGateway makes of refusals: those of API Gateway itself are mended where they can be, those of the application are not. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { ApiGateway } from "aws-refresh-session/http";
import { NOW, REGION } from "./rule-table.js";

interface Refusal {
  readonly status?: number;
  readonly body: string;
  readonly errorType?: string;
  /** Seconds that the clock of the server is ahead. */
  readonly ahead?: number;
}

/** A server that refuses the first request, and a gateway to it; what was sent, and how often credentials were fetched. */
async function setUp(t: ExecutionContext, { status = 403, body, errorType, ahead = 0 }: Refusal) {
  const sent: string[] = [];
  const server = createServer((request, response) => {
    sent.push(String(request.headers["x-amz-date"]));
    const type = errorType === undefined ? {} : { "x-amzn-ErrorType": errorType };
    const date = new Date(NOW + ahead * 1_000).toUTCString();
    if (sent.length === 1) response.writeHead(status, { "content-type": "application/json", date, ...type }).end(body);
    else response.writeHead(200, { date }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  let fetched = 0;
  const session = async () => {
    fetched += 1;
    return { accessKeyId: `AKID${fetched}`, secretAccessKey: "secret", sessionToken: "token" };
  };
  const gateway = new ApiGateway({ session, region: REGION, clock: () => NOW });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live/orders`;
  const answer = await gateway.fetch(url, { method: "POST", body: "{}" });
  return { status: answer.status, text: await answer.text(), sent, fetched };
}

const EXPIRED = '{"message":"The security token included in the request is expired"}';
const INVALID = '{"message":"The security token included in the request is invalid."}';

const MENDED_BY_A_REFRESH: Readonly<Record<string, Refusal>> = {
  "expired credentials": { body: EXPIRED, errorType: "ExpiredTokenException" },
  "expired credentials, without a code": { body: EXPIRED },
  "expired credentials, in a response of one's own": { body: '{"error":"no"}', errorType: "ExpiredTokenException" },
  "revoked credentials": { body: INVALID, errorType: "UnrecognizedClientException" },
  "revoked credentials, with an address behind the code": {
    body: INVALID,
    errorType: "UnrecognizedClientException:http://internal.amazon.com/coral/com.amazon.coral.service/",
  },
};

for (const [what, refusal] of Object.entries(MENDED_BY_A_REFRESH)) {
  test(`sent again after one refresh: ${what}`, async (t) => {
    const { status, sent, fetched } = await setUp(t, refusal);
    t.deepEqual({ status, sent: sent.length, fetched }, { status: 200, sent: 2, fetched: 2 });
  });
}

const LATE =
  '{"message":"Signature expired: 20150830T123600Z is now earlier than 20150830T125100Z (20150830T125600Z - 5 min.)"}';
const EARLY =
  '{"message":"Signature not yet current: 20150830T123600Z is still later than 20150830T122100Z (20150830T121600Z + 5 min.)"}';

const MENDED_BY_THE_TIME: Readonly<Record<string, readonly [refusal: Refusal, date: string]>> = {
  "a clock that is slow": [{ body: LATE, errorType: "InvalidSignatureException", ahead: 1_200 }, "20150830T125600Z"],
  "a clock that is fast": [{ body: EARLY, errorType: "InvalidSignatureException", ahead: -1_200 }, "20150830T121600Z"],
  "a clock that is slow, without a code": [{ body: LATE, ahead: 1_200 }, "20150830T125600Z"],
};

for (const [what, [refusal, date]] of Object.entries(MENDED_BY_THE_TIME)) {
  test(`sent again by the server's time: ${what}`, async (t) => {
    const { status, sent, fetched } = await setUp(t, refusal);
    t.deepEqual({ status, sent, fetched }, { status: 200, sent: ["20150830T123600Z", date], fetched: 1 });
  });
}

const ACTION =
  "is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:123456789012:id/*";
const LEFT_ALONE: Readonly<Record<string, Refusal>> = {
  "no path or stage": {
    body: '{"message":"Missing Authentication Token"}',
    errorType: "MissingAuthenticationTokenException",
  },
  "no such API": { body: '{"message":"Forbidden"}', errorType: "ForbiddenException" },
  "an HTTP API": { body: '{"message":"Forbidden"}' },
  "no permission": {
    body: `{"Message":"User: arn:aws:sts::123456789012:assumed-role/a/b ${ACTION}"}`,
    errorType: "AccessDeniedException",
  },
  "an explicit deny": { body: `{"Message":"User: anonymous ${ACTION} with an explicit deny"}` },
  "a signature that is wrong": {
    body: '{"message":"The request signature we calculated does not match the signature you provided."}',
    errorType: "InvalidSignatureException",
  },
  "a signature that cannot be read": {
    body: '{"message":"Authorization header requires \'Signature\' parameter."}',
    errorType: "IncompleteSignatureException",
  },
  "an application's code": { status: 401, body: '{"code":"InvalidToken","message":"the link has been used"}' },
  "an application's type": { status: 400, body: '{"__type":"ExpiredToken","message":"log in again"}' },
  "an application's words": { status: 401, body: '{"message":"Your security token has expired: log in again"}' },
  "an application's words of time": { status: 403, body: '{"message":"signature expired, ask for another link"}' },
  "an application's XML": { body: "<Error><Code>ExpiredToken</Code><Message>no</Message></Error>" },
  "an application that is down": { status: 503, body: EXPIRED, errorType: "ExpiredTokenException" },
};

for (const [what, refusal] of Object.entries(LEFT_ALONE)) {
  test(`left to the caller, whole: ${what}`, async (t) => {
    const { status, text, sent, fetched } = await setUp(t, refusal);
    t.deepEqual(
      { status, text, sent: sent.length, fetched },
      { status: refusal.status ?? 403, text: refusal.body, sent: 1, fetched: 1 },
    );
  });
}
