/** Answers that a right STS never gives: what is made of them, and whose Date is believed. */
import { once } from "node:events";
import { Agent, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import test, { type ExecutionContext } from "ava";
import { StsClient, type StsOptions } from "../../dist/aws/sts.js";
import type { BRSRequestError } from "../../dist/errors.js";

const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/reader", RoleSessionName: "test" };
const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const EXPIRATION = "2026-11-21T13:00:00Z";

const credentialsXml = (fields: Record<string, string>) => {
  const given = {
    AccessKeyId: "ASIAX",
    SecretAccessKey: "s3cr3t",
    SessionToken: "t0k3n",
    Expiration: EXPIRATION,
    ...fields,
  };
  const inner = Object.entries(given).map(([name, text]) => (text === "-" ? "" : `<${name}>${text}</${name}>`));
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials>${inner.join("")}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
};

/** A server that answers everything alike, and a client of it. */
async function setUp(
  t: ExecutionContext,
  answer: { statusCode?: number; headers?: Record<string, string>; body?: string },
  options: (port: number) => Partial<StsOptions> = () => ({}),
) {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    requests++;
    const { statusCode = 200, headers, body = credentialsXml({}) } = answer;
    response.writeHead(statusCode, { date: new Date(NOW).toUTCString(), ...headers }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new StsClient({
    endpoint: `http://127.0.0.1:${port}/`,
    credentials: { accessKeyId: "AKIAX", secretAccessKey: "wJalrXUtnFEMI" },
    clock: () => NOW,
    sleep: async () => {},
    ...options(port),
  });
  t.teardown(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return { client, requests: () => requests };
}

test("an answer without an assumed role has no account, which servers like STS leave out", async (t) => {
  const { client } = await setUp(t, {});
  const { credentials, assumedRoleArn } = await client.assumeRole(ROLE);
  t.deepEqual(
    { ...credentials },
    {
      accessKeyId: "ASIAX",
      secretAccessKey: "s3cr3t",
      sessionToken: "t0k3n",
      expiration: new Date(EXPIRATION),
    },
  );
  t.is(assumedRoleArn, undefined);
});

for (const name of ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]) {
  for (const text of ["-", ""]) {
    test(`a 200 with ${text === "" ? "an empty" : "no"} ${name} is a request error that names it`, async (t) => {
      const { client } = await setUp(t, { body: credentialsXml({ [name]: text }) });
      const error = (await t.throwsAsync(client.assumeRole(ROLE))) as BRSRequestError;
      t.is(error.code, "ERR_REQUEST");
      t.regex(error.message, new RegExp(`no Credentials/${name} in it`));
      t.notRegex(error.message, /s3cr3t|t0k3n/);
    });
  }
}

test("an expiration that is no date is a request error", async (t) => {
  const { client } = await setUp(t, { body: credentialsXml({ Expiration: "tomorrow" }) });
  const error = await t.throwsAsync(client.assumeRole(ROLE), { code: "ERR_REQUEST" });
  t.regex(error?.message ?? "", /Credentials\/Expiration that is no date/);
});

test("an answer that declares a document type is not read", async (t) => {
  const body = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${credentialsXml({ AccessKeyId: "&e;" })}`;
  const { client } = await setUp(t, { body });
  await t.throwsAsync(client.assumeRole(ROLE), { code: "ERR_XML" });
});

test("an error page of a proxy is an error with its status, and is tried again when that is 502", async (t) => {
  const page = { headers: { "content-type": "text/html" }, body: "<html><body>Bad gateway<br></body></html>" };
  const gateway = await setUp(t, { ...page, statusCode: 502 });
  const passing = (await t.throwsAsync(gateway.client.assumeRole(ROLE))) as BRSRequestError;
  t.is(passing.statusCode, 502);
  t.is(passing.details?.awsCode, undefined);
  t.is(gateway.requests(), 3);
  const forbidden = await setUp(t, { ...page, statusCode: 403 });
  const final = (await t.throwsAsync(forbidden.client.assumeRole(ROLE))) as BRSRequestError;
  t.false(final.retryable);
  t.is(forbidden.requests(), 1);
});

test("a redirect is an error, so that no other host ever gets the signed request", async (t) => {
  const { client, requests } = await setUp(t, { statusCode: 307, headers: { location: "/" }, body: "" });
  const error = (await t.throwsAsync(client.assumeRole(ROLE))) as BRSRequestError;
  t.is(error.statusCode, 307);
  t.is(requests(), 1);
});

const FIVE_MINUTES_ON = new Date(NOW + 300_000).toUTCString();

test("the Date of an answer from a cache is not believed", async (t) => {
  const { client } = await setUp(t, { headers: { date: FIVE_MINUTES_ON, age: "12" } });
  await client.assumeRole(ROLE);
  t.is(client.clockOffset, 0);
});

test("the Date of an error page that is not of STS is not believed", async (t) => {
  const { client } = await setUp(t, { statusCode: 403, headers: { date: FIVE_MINUTES_ON }, body: "<html/>" });
  await t.throwsAsync(client.assumeRole(ROLE));
  t.is(client.clockOffset, 0);
});

test("the Date of an answer over plain http from another machine is not believed", async (t) => {
  const agent = new Agent();
  const { client } = await setUp(t, { headers: { date: FIVE_MINUTES_ON } }, (port) => {
    // The name is of another machine; the connection ends at the server of this test all the same.
    agent.createConnection = () => connect(port, "127.0.0.1");
    return { agent, endpoint: "http://sts.test/", allowInsecureEndpoint: true };
  });
  t.teardown(() => agent.destroy());
  await client.assumeRole(ROLE);
  t.is(client.clockOffset, 0);
});

test("the clock is set by a refusal for its time, and a request with a TokenCode is not sent again", async (t) => {
  const body =
    "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: x</Message></Error></ErrorResponse>";
  const { client, requests } = await setUp(t, { statusCode: 403, headers: { date: FIVE_MINUTES_ON }, body });
  const parameters = { ...ROLE, SerialNumber: "arn:aws:iam::123456789012:mfa/me", TokenCode: "123456" };
  const error = (await t.throwsAsync(client.assumeRole(parameters))) as BRSRequestError;
  t.is(requests(), 1);
  t.true(error.retryable);
  t.is(client.clockOffset, 300_500);
});
