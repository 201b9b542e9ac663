/** Tests of wrong options and requests of the verifiers: each is refused by name, says what was found, and tells no secret. */
import { Readable } from "node:stream";
import test from "ava";
import {
  BRSValidationError,
  type ReceivedRequest,
  ReplayGuard,
  type VerifyOptions,
  verifyingListener,
  verifyPost,
  verifyRequest,
} from "aws-refresh-session/signing";

const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const shared = { region: "eu-west-1", getCredentials: () => ({ secretAccessKey }) };
const options = { ...shared, service: "execute-api", hosts: ["h"] };
const post = { ...shared, bucket: "photos" };
const request = { method: "GET", target: "/", rawHeaders: ["host", "h"] };

const verify = (change: object) => verifyRequest(request, { ...options, ...change } as VerifyOptions);
const receive = (change: object) => verifyRequest({ ...request, ...change } as ReceivedRequest, options);
const form = (change: object) => verifyPost({}, { ...post, ...change } as never);
const listen = async (change: object) => verifyingListener({ ...options, ...change } as never, () => {});

const CASES: readonly [title: string, run: () => Promise<unknown>, param: string, message: RegExp][] = [
  ["no options", () => verifyRequest(request, undefined as never), "options", /takes an object.*found <undefined>/],
  ["a misspelt option", () => verify({ maxskew: 1 }), "maxskew", /"maxskew" is not an option of verifyRequest/],
  [
    "credentials in place of a lookup",
    () => verify({ getCredentials: { secretAccessKey } }),
    "getCredentials",
    /<object>/,
  ],
  ["a list of regions", () => verify({ region: ["a"] }), "region", /name of a region, found \[ 'a' \]/],
  ["no hosts", () => verify({ hosts: undefined }), "hosts", /or "any", found undefined/],
  ["one host as a text", () => verify({ hosts: "h" }), "hosts", /or "any", found 'h'/],
  ["true as a guard", () => verify({ replay: true }), "replay", /a ReplayGuard, found true/],
  ["a skew as a text", () => verify({ maxSkew: "15 min" }), "maxSkew", /seconds, 0 or more, found '15 min'/],
  ["no request", () => verifyRequest(undefined as never, options), "request", /found <undefined>/],
  ["parsed headers", () => receive({ rawHeaders: { host: "h" } }), "rawHeaders", /names and values in turn.*<object>/],
  ["headers by another name", () => receive({ rawHeaders: undefined }), "rawHeaders", /`request.rawHeaders` of Node/],
  ["half a pair of headers", () => receive({ rawHeaders: ["host"] }), "rawHeaders", /found a list of 1/],
  ["Node's request itself", () => receive({ target: undefined }), "target", /`request.url` of Node, found <undefined>/],
  ["a stream as body", () => receive({ body: Readable.from([]) }), "body", /string or bytes.*<object>/],
  ["a form as a text", () => verifyPost("a=b" as never, post), "fields", /found <string of 3 characters>/],
  ["no bucket", () => form({ bucket: undefined }), "bucket", /name of a bucket, found undefined/],
  ["a size as a text", () => form({ fileSize: "7" }), "fileSize", /an integer from 0 to \d+, found '7'/],
  ["a body that is neither", () => listen({ body: "json" }), "body", /"buffer" or "stream", found 'json'/],
  ["no handler", async () => verifyingListener(options, undefined as never), "handler", /found <undefined>/],
  [
    "handler before options",
    async () => verifyingListener((() => {}) as never, options as never),
    "options",
    /<function>/,
  ],
  ["a number for a guard", async () => new ReplayGuard(1000 as never), "options", /takes an object.*found 1000/],
];

for (const [title, run, param, message] of CASES) {
  test(`${title}: refused by the name "${param}"`, async (t) => {
    const error = await t.throwsAsync(run, { instanceOf: BRSValidationError, code: "ERR_VALIDATION", message });
    t.is(error?.param, param);
    t.notRegex(error?.message ?? "", /wJalr/);
  });
}
