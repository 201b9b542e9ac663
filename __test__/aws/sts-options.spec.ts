/** Wrong options of the STS client are refused when it is made, by name and without quoting secrets. */
import { Agent } from "node:http";
import { inspect } from "node:util";
import test from "ava";
import { checkStsOptions, type StsOptions } from "../../dist/aws/sts-options.js";
import { BRSValidationError } from "../../dist/errors.js";

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" };

test("the defaults are ten seconds, three attempts and the global endpoint", (t) => {
  const checked = checkStsOptions({ credentials });
  t.is(checked.requestTimeout, 10);
  t.is(checked.maxAttempts, 3);
  t.is(checked.endpoint.url.href, "https://sts.amazonaws.com/");
});

test("right options of every kind are taken", (t) => {
  const agent = new Agent();
  const checked = checkStsOptions({
    credentials: async () => credentials,
    agent,
    region: "eu-west-1",
    requestTimeout: 0.5,
    maxAttempts: 1,
    useFips: false,
    useDualstack: true,
    endpoint: undefined,
  });
  t.is(checked.agent, agent);
  t.is(checked.endpoint.url.host, "sts.eu-west-1.api.aws");
});

for (const [name, value] of [
  ["region", 7],
  ["region", ""],
  ["endpoint", 7],
  ["endpoint", null],
  ["credentials", "wJalrXUtnFEMI"],
  ["credentials", null],
  ["agent", {}],
  ["agent", "http://user:wJalrXUtnFEMI@proxy"],
  ["requestTimeout", 0],
  ["requestTimeout", -1],
  ["requestTimeout", Number.NaN],
  ["requestTimeout", Number.POSITIVE_INFINITY],
  ["requestTimeout", "10"],
  ["maxAttempts", 0],
  ["maxAttempts", 1.5],
  ["maxAttempts", "3"],
  ["useFips", "true"],
  ["useDualstack", 1],
  ["allowInsecureEndpoint", "yes"],
  ["clock", 0],
  ["regionName", "eu-west-1"],
  ["constructor", 1],
] as const) {
  test(`${name}: ${inspect(value)} is refused by name`, (t) => {
    const options = { credentials, [name]: value } as unknown as StsOptions;
    const error = t.throws(() => checkStsOptions(options), { instanceOf: BRSValidationError });
    t.is(error?.param, `stsClientConfig.${name}`);
    t.true(error?.message.includes(`stsClientConfig.${name}`));
    t.false(error?.message.includes("wJalrXUtnFEMI"));
  });
}

test("something else than an object is refused", (t) => {
  for (const options of [null, "x", []]) {
    t.throws(() => checkStsOptions(options as unknown as StsOptions), { instanceOf: BRSValidationError });
  }
});

test("credentials may be left out, for the calls that nobody signs", (t) => {
  t.is(checkStsOptions({ region: "eu-west-1" }).credentials, undefined);
});
