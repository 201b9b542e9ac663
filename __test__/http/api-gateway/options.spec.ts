/** The options of ApiGateway: its two forms, what is refused, and that no secret shows. */
import { inspect } from "node:util";
import test from "ava";
import { RefreshableSession } from "aws-refresh-session";
import { ApiGateway, type ApiGatewayOptions } from "aws-refresh-session/http";
import { KEYS, REGION } from "./rule-table.js";

const SECRET = "wJalrXUtnFEMI/SECRET";
const given = (options: object) => () => new ApiGateway(options as ApiGatewayOptions);
const provider = async () => KEYS;

/** The region in the credential scope of a request to this URL. */
async function regionFor(gateway: ApiGateway, url: string, headers: Record<string, string> = {}): Promise<string> {
  const { authorization = "" } = await gateway.sign({ url, headers });
  return /Credential=[^/]+\/\d+\/([^/]+)\/execute-api\//.exec(authorization)?.[1] as string;
}

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: SECRET };
const REFUSED: Readonly<Record<string, readonly [options: unknown, param: string, name?: string]>> = {
  nothing: [undefined, "options"],
  "no form": [{}, "accessKeyId", "BRSConfigurationError"],
  "a region alone": [{ region: REGION }, "accessKeyId", "BRSConfigurationError"],
  "both forms": [{ ...keys, session: provider, region: REGION }, "session", "BRSConfigurationError"],
  "a session with a secret": [{ secretAccessKey: SECRET, session: provider }, "session", "BRSConfigurationError"],
  "a session with a token": [{ sessionToken: SECRET, session: provider }, "session", "BRSConfigurationError"],
  "an empty key id": [{ ...keys, accessKeyId: "", region: REGION }, "accessKeyId"],
  "an empty secret": [{ ...keys, secretAccessKey: "", region: REGION }, "secretAccessKey"],
  "no secret": [{ accessKeyId: SECRET, region: REGION }, "secretAccessKey"],
  "a secret that is no text": [{ ...keys, secretAccessKey: Buffer.from(SECRET), region: REGION }, "secretAccessKey"],
  "a token that is no text": [{ ...keys, sessionToken: { SECRET }, region: REGION }, "sessionToken"],
  "keys without a region": [keys, "region", "BRSConfigurationError"],
  "an empty region": [{ ...keys, region: "" }, "region"],
  "a region that is none": [{ ...keys, region: "eu west" }, "region"],
  "several regions without sigv4a": [{ ...keys, region: ["eu-west-1", "us-east-1"] }, "region"],
  "a session that is none": [{ session: 5 }, "session"],
  "an unknown option": [{ ...keys, region: REGION, service: "es" }, "service"],
  "a misspelled option": [{ ...keys, regoin: REGION }, "regoin"],
  "a limit that is no number": [{ session: provider, bufferLimit: "1" }, "bufferLimit"],
  "a clock that is no function": [{ session: provider, clock: 5 }, "clock"],
  "another algorithm": [{ session: provider, algorithm: "v4" }, "algorithm"],
};

for (const [what, [options, param, name = "BRSValidationError"]] of Object.entries(REFUSED)) {
  test(`refused at construction: ${what}`, (t) => {
    const error = t.throws(given(options as object), { name });
    t.is((error as unknown as { param: string }).param, param);
    t.false(inspect(error, { depth: 9, showHidden: true }).includes(SECRET));
  });
}

test("nothing that prints an ApiGateway shows a secret", (t) => {
  const gateway = new ApiGateway({ ...keys, sessionToken: `${SECRET}TOKEN`, region: REGION });
  for (const text of [inspect(gateway, { depth: 9, showHidden: true }), JSON.stringify(gateway), String(gateway)]) {
    t.false(text.includes(SECRET), text);
  }
  const explained = gateway.explain("https://api.example.com/orders");
  t.false(inspect(explained, { depth: 9 }).includes(SECRET));
  t.regex(explained.canonicalRequest, /x-amz-security-token:<token, \d+ bytes>/);
});

test("an empty session token is none, as for lasting keys", async (t) => {
  const headers = await new ApiGateway({ ...KEYS, sessionToken: "", region: REGION }).sign("https://api.example.com/");
  t.false("x-amz-security-token" in headers);
});

test("the region is the one given, then the session's, then the one that the host names", async (t) => {
  const url = "https://id.execute-api.ap-south-1.amazonaws.com/live";
  const expiration = new Date("2100-01-01T00:00:00Z");
  const customCredentialsMethod = async () => ({ ...KEYS, sessionToken: "TOKEN", expiration });
  const settings = { method: "custom", customCredentialsMethod, env: {} } as const;
  const session = new RefreshableSession({ ...settings, region: "eu-central-1" });
  const placeless = new RefreshableSession(settings);
  t.is(await regionFor(new ApiGateway({ session, region: "eu-north-1" }), url), "eu-north-1");
  t.is(await regionFor(new ApiGateway({ session }), url), "eu-central-1");
  t.is(await regionFor(new ApiGateway({ session: placeless }), url), "ap-south-1");
  t.is(await regionFor(new ApiGateway({ session: placeless.getCredentials() }), url), "ap-south-1");
  t.is(await regionFor(new ApiGateway({ session: provider }), url), "ap-south-1");
});

const HOSTS: Readonly<Record<string, string | undefined>> = {
  "id.execute-api.us-east-1.amazonaws.com": "us-east-1",
  "ID.Execute-Api.US-East-1.amazonaws.com": "us-east-1",
  "id.execute-api.us-east-1.amazonaws.com:8443": "us-east-1",
  "id.execute-api.cn-north-1.amazonaws.com.cn": "cn-north-1",
  "id.execute-api.us-gov-west-1.amazonaws.com": "us-gov-west-1",
  "id.execute-api.eusc-de-east-1.amazonaws.eu": "eusc-de-east-1",
  "id.execute-api.eu-west-1.api.aws": "eu-west-1",
  "id.execute-api-fips.us-west-2.amazonaws.com": "us-west-2",
  "id-vpce-0123456789abcdef0.execute-api.eu-west-2.amazonaws.com": "eu-west-2",
  "vpce-0123456789abcdef0-abcdefgh.execute-api.eu-west-3.vpce.amazonaws.com": "eu-west-3",
  "vpce-0123456789abcdef0-abcdefgh-eu-west-3a.execute-api.eu-west-3.vpce.amazonaws.com": "eu-west-3",
  "api.example.com": undefined,
  "id.execute-api.us-east-1.amazonaws.com.example.com": undefined,
  "execute-api.us-east-1.example.com": undefined,
  "id.lambda-url.us-east-1.on.aws": undefined,
  "d-abcdefghij.us-east-1.amazonaws.com": undefined,
};

for (const [host, region] of Object.entries(HOSTS)) {
  test(`${host} names ${region ?? "no region"}`, async (t) => {
    const gateway = new ApiGateway({ session: provider });
    const url = `https://${host}/live`;
    if (region !== undefined) {
      t.is(await regionFor(gateway, url), region);
      return;
    }
    const error = await t.throwsAsync(gateway.sign(url), { name: "BRSConfigurationError" });
    t.true(error.message.includes(`"${host}"`), error.message);
    t.is((error as unknown as { param: string }).param, "region");
  });
}

test("a Host header names the region before the address does", async (t) => {
  const gateway = new ApiGateway({ session: provider });
  const headers = { Host: "id.execute-api.eu-west-2.amazonaws.com" };
  t.is(await regionFor(gateway, "https://10.0.0.5/live", headers), "eu-west-2");
});
