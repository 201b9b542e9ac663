/** The rules of API Gateway, checked on the bytes that a server of bare sockets receives, with botocore for the signatures. */
import test, { type ExecutionContext } from "ava";
import { ApiGateway } from "aws-refresh-session/http";
import { verifyRequest } from "aws-refresh-session/signing";
import { ask, oracleTest } from "../../parity/python-oracle.js";
import { bySign, CLIENTS, type Send } from "./clients.js";
import { type RawServer, type ReceivedRequest, startRawServer } from "./raw-server.js";
import { type ClientName, KEYS, NOW, REGION, RULES, type Rule, signedNames, TOKEN } from "./rule-table.js";

let server: RawServer;
test.before(async () => {
  server = await startRawServer();
});
test.after.always(() => server.close());

/** What clients set of themselves before they are asked to sign. */
const SET_BY_CLIENTS: ReadonlySet<string> = new Set(["accept", "accept-encoding", "content-type"]);

/** Every request that a row led to, for the oracle. */
const all: { name: string; request: ReceivedRequest }[] = [];

const valuesOf = ({ headers }: ReceivedRequest, wanted: string) =>
  headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);

async function obeys(t: ExecutionContext, rule: Rule, send: typeof bySign, name: string): Promise<void> {
  const clock = () => NOW;
  const token = rule.temporary === true ? { sessionToken: TOKEN } : {};
  const gateway = new ApiGateway({ ...KEYS, ...token, region: REGION, clock });
  const before = server.received.length;
  t.is(await send(gateway, rule, server), 200);
  t.is(server.received.length, before + 1);
  const request = server.received.at(-1) as ReceivedRequest;
  all.push({ name, request });
  const [authorization = "", ...others] = valuesOf(request, "authorization");
  t.deepEqual(others, []);
  const expected = signedNames(rule);
  const signed = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(";") ?? [];
  t.deepEqual(
    signed.filter((name) => expected.includes(name) || !SET_BY_CLIENTS.has(name)),
    expected,
  );
  for (const [header, value] of Object.entries(rule.wire ?? {})) {
    const found = header === ":target" ? [request.target] : valuesOf(request, header);
    t.deepEqual(found, value === null ? [] : [value].flat(), header);
  }
  if (rule.unverifiable !== undefined) return;
  const { method, target, headers, body } = request;
  const verified = await verifyRequest(
    { method, target, rawHeaders: headers.flat(), body },
    { service: "execute-api", region: REGION, hosts: "any", clock, getCredentials: () => ({ ...KEYS, ...token }) },
  );
  t.is(verified.payload, "verified");
}

for (const rule of RULES) {
  test.serial(`sign(): ${rule.rule}`, (t) => obeys(t, rule, bySign, `sign(): ${rule.rule}`));
  for (const [client, send] of Object.entries(CLIENTS) as [ClientName, Send][]) {
    const name = `${client}: ${rule.rule}`;
    if (rule.inexpressible?.includes(client)) continue;
    if (rule.refused?.includes(client)) {
      test.serial(`${name}, which it refuses to send`, async (t) => {
        const gateway = new ApiGateway({ ...KEYS, region: REGION });
        const before = server.received.length;
        const thrown = await t.throwsAsync(send(gateway, rule, server), { code: "ERR_SIGN_HEADER" });
        // got wraps what its hooks throw.
        const error = client === "got" ? (thrown.cause as Error) : thrown;
        t.is(error.name, "SigningError");
        const names = (rule.headers ?? []).map(([name]) => `"${name.toLowerCase()}"`);
        t.true(
          names.some((each) => error.message.toLowerCase().includes(each)) && error.message.includes(client),
          error.message,
        );
        t.is(server.received.length, before);
      });
    } else {
      test.serial(name, (t) => obeys(t, rule, send, name));
    }
  }
}

// Tests that are not serial run after those that are.
oracleTest("botocore computes the same signature from the bytes of each request", (t) => {
  t.true(all.length >= RULES.length);
  const cases = all.map(({ request }) => ({ ...KEYS, region: REGION, bytes: request.bytes.toString("base64") }));
  const answers = ask<{ signature: string; claimed: string; canonicalRequest: string; problems: string[] }>(
    "../http/api-gateway/oracle.py",
    cases,
  );
  for (const [index, { name }] of all.entries()) {
    const answer = answers[index];
    t.deepEqual(answer?.problems, [], name);
    t.is(answer?.claimed, answer?.signature, `${name}\n${answer?.canonicalRequest}`);
  }
});
