/** Requests for aws4 and for us that aws4 signs as servers verify them, drawn at random. */
import type { Aws4Request } from "aws-refresh-session/http";
import type { Seeded } from "../../parity/seeded.js";

const SERVICES = [
  "sqs",
  "dynamodb",
  "execute-api",
  "s3",
  "sts",
  "iam",
  "ses",
  "email",
  "es",
  "aoss",
  "lambda",
  "glacier",
];
const REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2", "us-gov-west-1"];
const HOSTS = [
  "sqs.us-east-1.amazonaws.com",
  "dynamodb.eu-west-1.amazonaws.com",
  "streams.dynamodb.eu-west-1.amazonaws.com",
  "sts.amazonaws.com",
  "email.us-west-2.amazonaws.com",
  "a1b2c3.execute-api.eu-central-1.amazonaws.com",
  "search-name-abc123.us-east-1.es.amazonaws.com",
  "id123.us-west-2.aoss.amazonaws.com",
  "s3.amazonaws.com",
  "bucket.s3.amazonaws.com",
  "bucket.with.dots.s3.eu-west-1.amazonaws.com",
  "s3-eu-west-1.amazonaws.com",
  "bucket.s3-us-gov-west-1.amazonaws.com",
  "kinesis.cn-north-1.amazonaws.com.cn",
];
const SEGMENTS = [
  "a",
  "B-1",
  "x_y.z~",
  "größe",
  "with space",
  "%20",
  "a%2Cb",
  "%E2%82%AC",
  "(b)",
  "!'*",
  "a:b@c",
  "$&,;=",
  "-",
];
const NAMES = ["Action", "x", "a-b", "größe", "list[]", "X-Custom", "key%20name", "~", "(n)", "marker"];
const VALUES = ["", "1", "a b", "a+b", "a%2Bb", "größe", "!'()*", "a/b:c", "a=b", "%E2%82%AC", "z~-_."];
const HEADERS = [
  "X-Amz-Target",
  "x-amz-meta-a",
  "Accept",
  "Content-Type",
  "content-type",
  "Range",
  "User-Agent",
  "X-Other",
  "Expect",
  "Cache-Control",
];
const HEADER_VALUES = ["a", "application/json", "  two   blanks ", "a,b", 'say "x"', "1"];

/** Equal objects for equal draws, but never the same: signing writes into them. */
export function randomRequest({ below, pick, chance, list, text }: Seeded): Aws4Request {
  const service = pick(SERVICES);
  const isS3 = service === "s3";
  const request: Record<string, unknown> = {};
  const place = below(4);
  if (place === 0) Object.assign(request, { service, ...(chance(0.7) && { region: pick(REGIONS) }) });
  else request[pick(["host", "hostname"])] = pick(HOSTS);
  if (place === 2) Object.assign(request, { service, region: pick(REGIONS) });
  if (place === 3) request.port = pick([443, 8443, "81"]);
  if (chance(0.5)) request.method = pick(["GET", "POST", "PUT", "DELETE", "HEAD"]);
  if (chance(0.8)) request.path = pathOf();
  if (chance(0.5)) request.body = pick([text(["größe", "{}", "a=b&c"], 3), Buffer.from([0, 255, below(256)]), ""]);
  if (chance(0.1)) request.doNotModifyHeaders = true;
  if (chance(0.6)) request.headers = headersOf();
  if (chance(0.3)) request.signQuery = true;
  if (chance(0.1) && !isS3) request.doNotEncodePath = true;
  if (chance(0.15)) request.extraHeadersToIgnore = { accept: true, "x-other": chance(0.5) };
  if (chance(0.15)) request.extraHeadersToInclude = { range: true, "user-agent": chance(0.5) };
  return request;

  function pathOf(): string {
    const path = `/${list(4, () => text(SEGMENTS, 2)).join(pick(["/", "/", "//"]))}${chance(0.2) ? "/" : ""}`;
    // Equal names are what aws4 signs one of for S3.
    const names = [...new Set(list(5, () => pick(NAMES)))];
    return chance(0.6) ? `${path}?${names.map((name) => `${name}=${pick(VALUES)}`).join("&")}` : path;
  }

  function headersOf(): Record<string, unknown> {
    const headers: Record<string, unknown> = {};
    for (const name of list(4, () => pick(HEADERS))) {
      // In two spellings aws4 signs both, of which one is sent.
      const isTaken = Object.keys(headers).some((held) => held.toLowerCase() === name.toLowerCase());
      if (!isTaken) headers[name] = chance(0.9) ? pick(HEADER_VALUES) : ["1", "2"];
    }
    if (chance(0.1)) headers.Date = "Mon, 12 Sep 2011 23:36:00 GMT";
    // Without leave to modify headers, aws4 does not look at it.
    if (chance(0.1) && !request.doNotModifyHeaders) headers["X-Amz-Date"] = "20110912T233600Z";
    if (chance(0.1)) headers["X-Amz-Content-Sha256"] = "UNSIGNED-PAYLOAD";
    if (chance(0.1)) headers["X-Amz-Security-Token"] = "of the user";
    if (chance(0.1)) headers.Authorization = "Basic abc";
    if (chance(0.2)) headers[pick(["Host", "host"])] = pick(HOSTS);
    return headers;
  }
}
