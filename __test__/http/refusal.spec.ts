/** Refusals as AWS's protocols write them. */
import test from "ava";
import { readRefusal } from "../../dist/http/refusal.js";

const rows: readonly [name: string, body: string, errorType: string | undefined, code: string | undefined][] = [
  [
    "S3",
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>',
    undefined,
    "ExpiredToken",
  ],
  [
    "Query",
    '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>m</Message></Error></ErrorResponse>',
    undefined,
    "InvalidClientTokenId",
  ],
  [
    "EC2",
    "<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors><RequestID>1</RequestID></Response>",
    undefined,
    "RequestExpired",
  ],
  [
    "awsJson",
    '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"}',
    undefined,
    "ExpiredTokenException",
  ],
  ["restJson", '{"message":"m"}', "ExpiredTokenException:http://internal.amazon.com/coral/", "ExpiredTokenException"],
  ["API Gateway", '{"message":"The security token included in the request is expired"}', undefined, "ExpiredToken"],
  [
    "API Gateway's revoked keys",
    '{"message":"The security token included in the request is invalid."}',
    undefined,
    "UnrecognizedClientException",
  ],
  [
    "API Gateway's clock",
    '{"message":"Signature expired: 20261121T110000Z is now earlier than 20261121T115500Z"}',
    undefined,
    "RequestTimeTooSkewed",
  ],
  [
    "API Gateway's missing rights",
    '{"Message":"User: u is not authorized to perform: execute-api:Invoke"}',
    undefined,
    undefined,
  ],
  ["an application's own refusal", '{"message":"Forbidden"}', undefined, undefined],
  ["nothing", "", undefined, undefined],
  ["a header alone", "", "UnrecognizedClientException", "UnrecognizedClientException"],
  ["a page of a proxy", "<html><body><h1>403 Forbidden</h1></body></html>", undefined, undefined],
  ["what is neither", "<<<", undefined, undefined],
  ["a text", "Forbidden", undefined, undefined],
];

for (const [name, body, errorType, code] of rows) {
  test(`the code of ${name}`, (t) => {
    t.is(readRefusal(body, errorType).code, code);
  });
}
