/** The endpoints of AWS IoT as users have them at hand: what is taken, what is rewritten, what is refused. */
import test from "ava";
import { checkCredentialsEndpoint, checkMqttEndpoint, regionOfHost } from "../../dist/iot/endpoint.js";
import { warningsOf } from "../support/warnings.js";

test.serial("an endpoint of the credentials provider is taken in every spelling", async (t) => {
  const host = "c1abcdef.credentials.iot.eu-west-1.amazonaws.com";
  const spellings = [host, host.toUpperCase(), `https://${host}`, `HTTPS://${host}/`, `${host}:443`];
  const warnings = await warningsOf(() => {
    for (const given of spellings) t.is(checkCredentialsEndpoint(given).url.href, `https://${host}/`);
  });
  t.deepEqual(warnings, []);
  t.is(checkCredentialsEndpoint(`${host}:8443`).url.href, `https://${host}:8443/`);
  t.is(checkCredentialsEndpoint("x.credentials.iot-fips.us-gov-west-1.amazonaws.com").dataHost, undefined);
  t.is(checkCredentialsEndpoint("x.credentials.iot.cn-north-1.amazonaws.com.cn").dataHost, undefined);
});

test.serial("a data endpoint is rewritten, with a warning that hides whose it is", async (t) => {
  let found: ReturnType<typeof checkCredentialsEndpoint> | undefined;
  const [warning, ...others] = await warningsOf(() => {
    found = checkCredentialsEndpoint("https://a1SECRET-ATS.iot.eu-west-1.amazonaws.com:8443");
  });
  t.is(found?.url.href, "https://a1secret.credentials.iot.eu-west-1.amazonaws.com:8443/");
  t.is(found?.dataHost, "a1secret-ats.iot.eu-west-1.amazonaws.com:8443");
  t.deepEqual(others, []);
  t.like(warning, { name: "BRSWarning", code: "BRS_IOT_ENDPOINT" });
  t.regex(warning?.message ?? "", /\*\*\*\.credentials\.iot\.eu-west-1/);
  t.notRegex(warning?.message ?? "", /secret/i);
});

test.serial("hosts of this machine are taken, for tests", (t) => {
  for (const [given, href] of [
    ["https://127.0.0.1:8443", "https://127.0.0.1:8443/"],
    ["localhost:8443", "https://localhost:8443/"],
    ["127.1.2.3", "https://127.1.2.3/"],
    ["[::1]:8443", "https://[::1]:8443/"],
  ] as const) {
    t.is(checkCredentialsEndpoint(given).url.href, href);
  }
});

for (const given of [
  "http://c1.credentials.iot.eu-west-1.amazonaws.com",
  "wss://c1.credentials.iot.eu-west-1.amazonaws.com",
  "https://c1.credentials.iot.eu-west-1.amazonaws.com/role-aliases",
  "https://user:hunter2@c1.credentials.iot.eu-west-1.amazonaws.com",
  "c1.credentials.iot.eu-west-1.amazonaws.com?X-Amz-Signature=hunter2",
  "c1.credentials.iot.eu-west-1.amazonaws.com:0",
  "a1.iot.eu-west-1.amazonaws.com",
  "sts.eu-west-1.amazonaws.com",
  "evil.example/.credentials.iot.eu-west-1.amazonaws.com",
  "example.com",
  "",
  undefined,
  null,
  42,
]) {
  test(`refused as an endpoint of the credentials provider: ${JSON.stringify(given)}`, (t) => {
    const error = t.throws<Error & { param?: string }>(() => checkCredentialsEndpoint(given), {
      code: "ERR_VALIDATION",
    });
    t.is(error?.param, "endpoint");
    t.notRegex(error?.message ?? "", /hunter2/);
  });
}

test("an endpoint of MQTT is a data endpoint or a domain of the user's, not the credentials provider", (t) => {
  t.deepEqual(checkMqttEndpoint("endpoint", "mqtts://A1-ats.iot.eu-west-1.amazonaws.com"), {
    host: "a1-ats.iot.eu-west-1.amazonaws.com",
    port: undefined,
  });
  t.deepEqual(checkMqttEndpoint("endpoint", "mqtt.example.com:443"), { host: "mqtt.example.com", port: 443 });
  t.deepEqual(checkMqttEndpoint("endpoint", "wss://127.0.0.1:9001/"), { host: "127.0.0.1", port: 9001 });
  for (const given of ["x.credentials.iot.eu-west-1.amazonaws.com", "http://a.example", "a/b", undefined]) {
    t.throws(() => checkMqttEndpoint("endpoint", given), { code: "ERR_VALIDATION" });
  }
});

test("the region stands in the name of an endpoint of AWS, and only there", (t) => {
  t.is(regionOfHost("c1.credentials.iot.eu-west-1.amazonaws.com"), "eu-west-1");
  t.is(regionOfHost("a1-ats.iot.cn-north-1.amazonaws.com.cn"), "cn-north-1");
  t.is(regionOfHost("a1-ats.iot-fips.us-gov-west-1.amazonaws.com"), "us-gov-west-1");
  t.is(regionOfHost("x.credentials.iot.test.example"), undefined);
  t.is(regionOfHost("mqtt.example.com"), undefined);
});
