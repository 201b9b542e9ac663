/** Random requests by the rules of API Gateway: botocore computes the same signature from what would be sent. */
import { ApiGateway } from "aws-refresh-session/http";
import { ask, oracleTest } from "../../parity/python-oracle.js";
import { seeded } from "../../parity/seeded.js";
import { KEYS, REGION, TOKEN } from "./rule-table.js";

const COUNT = 400;
const HOSTS = ["id.execute-api.eu-west-1.amazonaws.com", "API.Example.com:443", "[2001:DB8::1]:8443", "127.0.0.1:3000"];
const SEGMENTS = ["a", "B-c", "%20", "%2F", "+", "%2B", "%C3%A9", "~", "$&'()*,;=:@!", ".hidden", "..x", "//", "%25"];
const QUERY = ["a", "b=", "=", "&", "c=1", "%20", "+", "%2B", "%C3%A9", "~", "/", "@:", "A=2", "%7e", "b=a=c", "*'()"];
const NAMES = [
  "Accept",
  "X-Tag",
  "x-tag",
  "TE",
  "Keep-Alive",
  "Cookie",
  "X-Amz-Target",
  "User-Agent",
  "Expect",
  "Upgrade",
];
const MORE_NAMES = ["Connection", "X-Amzn-Trace-Id", "Authorization", "X-Amz-Date", "X-Amz-Security-Token", "Date"];
const VALUES = ["1", " ", "  ", "a b", "a  b   c", '"q"', "größe", "日本", ",", "\t", "%20"];
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "post", "PURGE"];
const BODIES = ["", "{}", "größe\n", "a=1&b=2"];

oracleTest(`botocore signs ${COUNT} random requests in the same way`, async (t) => {
  const { seed, pick, chance, list, text } = seeded();
  t.log(`SEED=${seed}`);
  const lasting = new ApiGateway({ ...KEYS, region: REGION });
  const temporary = new ApiGateway({ ...KEYS, sessionToken: TOKEN, region: REGION });
  const cases = await Promise.all(
    Array.from({ length: COUNT }, async () => {
      const path = `/${text(SEGMENTS, 6)}`;
      const target = `${path}${chance(0.6) ? `?${text(QUERY, 8)}` : ""}`;
      const host = pick(HOSTS);
      const headers = list(6, () => [pick([...NAMES, ...MORE_NAMES]), text(VALUES, 4)] as [string, string]);
      const body = chance(0.6) ? pick(BODIES) : null;
      const method = pick(METHODS);
      const request = { method, url: `${pick(["https", "http"])}://${host}${target}`, headers, body };
      const signed = await pick([lasting, temporary]).sign(request);
      const replaced = ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];
      const own = headers.filter(([name]) => ![...replaced, ...Object.keys(signed)].includes(name.toLowerCase()));
      const lines = [...own, ...Object.entries(signed)].map(([name, value]) => `${name}: ${value}`);
      const bytes = Buffer.from(`${[`${method} ${target} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body ?? ""}`);
      return { ...KEYS, region: REGION, bytes: bytes.toString("base64") };
    }),
  );
  const answers = ask<{ signature: string; claimed: string; canonicalRequest: string; problems: string[] }>(
    "../http/api-gateway/oracle.py",
    cases,
  );
  for (const [index, answer] of answers.entries()) {
    const sent = Buffer.from(cases[index]?.bytes ?? "", "base64").toString();
    t.deepEqual(answer.problems, [], sent);
    t.is(answer.claimed, answer.signature, `${sent}\n\n${answer.canonicalRequest}`);
  }
});
