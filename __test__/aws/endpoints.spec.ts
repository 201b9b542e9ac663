/** STS endpoints by region, partition and variant, and what may not become one. */
import { inspect } from "node:util";
import test from "ava";
import { assertRegion, isLoopback, isTrustedTime, resolveStsEndpoint } from "../../dist/aws/endpoints.js";
import { BRSConfigurationError, BRSValidationError } from "../../dist/errors.js";

// As the endpoint rules of botocore 1.43 and 1.44 answer.
const TABLE: ReadonlyArray<readonly [region: string | undefined, flags: string, host: string, signingRegion: string]> =
  [
    ["eu-central-1", "", "sts.eu-central-1.amazonaws.com", "eu-central-1"],
    ["us-east-1", "", "sts.us-east-1.amazonaws.com", "us-east-1"],
    ["us-east-1", "fips", "sts-fips.us-east-1.amazonaws.com", "us-east-1"],
    ["us-east-1", "dual", "sts.us-east-1.api.aws", "us-east-1"],
    ["us-east-1", "fips dual", "sts-fips.us-east-1.api.aws", "us-east-1"],
    ["aws-global", "", "sts.amazonaws.com", "us-east-1"],
    [undefined, "", "sts.amazonaws.com", "us-east-1"],
    ["us-gov-west-1", "", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["us-gov-west-1", "fips", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["us-gov-west-1", "fips dual", "sts-fips.us-gov-west-1.api.aws", "us-gov-west-1"],
    ["cn-north-1", "", "sts.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["cn-north-1", "dual", "sts.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1"],
    ["us-iso-east-1", "", "sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"],
    ["us-isob-east-1", "", "sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"],
    ["eu-isoe-west-1", "", "sts.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"],
    ["us-isof-south-1", "", "sts.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"],
    ["eusc-de-east-1", "", "sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
    ["xx-future-1", "", "sts.xx-future-1.amazonaws.com", "xx-future-1"],
  ];

for (const [region, flags, host, signingRegion] of TABLE) {
  test(`region ${region ?? "unset"}${flags && `, ${flags}`} is spoken to at ${host}`, (t) => {
    const found = resolveStsEndpoint({ region, useFips: flags.includes("fips"), useDualstack: flags.includes("dual") });
    t.is(found.url.href, `https://${host}/`);
    t.is(found.signingRegion, signingRegion);
  });
}

test("a given endpoint replaces the address, and the region is still signed for", (t) => {
  const { url, signingRegion } = resolveStsEndpoint({ endpoint: "https://sts.test:8443/x", region: "eu-west-1" });
  t.is(url.href, "https://sts.test:8443/x");
  t.is(signingRegion, "eu-west-1");
});

for (const region of [
  "evil.com/",
  "a.b",
  "eu-west-1@evil.com",
  "-eu",
  "eu-",
  "",
  "123",
  "eu west",
  "eu-west-1\n",
  7,
  null,
]) {
  test(`the region ${JSON.stringify(region)} is refused, since it would become part of a host name`, (t) => {
    const error = t.throws(() => assertRegion(region, "region"), { instanceOf: BRSValidationError });
    t.is(error?.param, "region");
  });
}

for (const endpoint of ["sts.test", "ftp://sts.test", "/sts", "http://", "https://x/?a=b", "https://x/#a"]) {
  test(`the endpoint ${endpoint} is refused`, (t) => {
    const error = t.throws(() => resolveStsEndpoint({ endpoint }), { instanceOf: BRSValidationError });
    t.is(error?.param, "stsClientConfig.endpoint");
  });
}

test("an endpoint with a password is refused without repeating the password", (t) => {
  const error = t.throws(() => resolveStsEndpoint({ endpoint: "https://user:hunter2@sts.test" }), {
    instanceOf: BRSValidationError,
  });
  t.false(error?.message.includes("hunter2"));
});

for (const endpoint of ["ftp://user:hunter2@sts.test", "user:hunter2@sts.test:443", "https://user:hunter2@sts test/"]) {
  test(`${endpoint.replace("hunter2", "...")} is no endpoint, and its password is not repeated`, (t) => {
    const error = t.throws(() => resolveStsEndpoint({ endpoint }));
    t.false(`${inspect(error)}${JSON.stringify(error)}`.includes("hunter2"));
  });
}

test("plain http is refused off loopback, and allowed when the user says so", (t) => {
  const error = t.throws(() => resolveStsEndpoint({ endpoint: "http://sts.test" }), {
    instanceOf: BRSConfigurationError,
  });
  t.is(error?.param, "stsClientConfig.endpoint");
  t.regex(error?.message ?? "", /allowInsecureEndpoint/);
  t.is(resolveStsEndpoint({ endpoint: "http://sts.test", allowInsecureEndpoint: true }).url.host, "sts.test");
});

for (const host of ["127.0.0.1", "127.9.8.7", "[::1]", "localhost", "2130706433", "0x7f.1"]) {
  test(`plain http to ${host} is loopback, whose clock is trusted`, (t) => {
    const { url } = resolveStsEndpoint({ endpoint: `http://${host}:4566` });
    t.true(isLoopback(url));
    t.true(isTrustedTime(url));
  });
}

for (const host of ["127.0.0.1.evil.com", "localhost.evil.com", "128.0.0.1", "0.0.0.0", "[::2]"]) {
  test(`${host} is not loopback`, (t) => {
    t.false(isLoopback(new URL(`http://${host}/`)));
    t.false(isTrustedTime(new URL(`http://${host}/`)));
  });
}
