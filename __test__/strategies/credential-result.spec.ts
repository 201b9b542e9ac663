/** Tests of how the answer of a user's callable or provider function is read. */
import test from "ava";
import { BRSCredentialError } from "aws-refresh-session";
import { readCredentialResult } from "../../dist/strategies/credential-result.js";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const LATER = "2030-01-01T01:00:00Z";

const read = (answer: unknown, complete = true) =>
  readCredentialResult(answer, { source: "provider", complete, now: NOW });

const fault = (answer: unknown, complete = true): BRSCredentialError => {
  try {
    read(answer, complete);
  } catch (error) {
    if (error instanceof BRSCredentialError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const expected = {
  accessKeyId: "AKID",
  secretAccessKey: "secret",
  sessionToken: "token",
  accountId: "123456789012",
  expiration: new Date(LATER),
};

const boto = {
  access_key: "AKID",
  secret_key: "secret",
  token: "token",
  expiry_time: LATER,
  account_id: "123456789012",
};
const sdk = {
  accessKeyId: "AKID",
  secretAccessKey: "secret",
  sessionToken: "token",
  expiration: new Date(LATER),
  accountId: "123456789012",
};
const sts = {
  AccessKeyId: "AKID",
  SecretAccessKey: "secret",
  SessionToken: "token",
  Expiration: LATER,
  AccountId: "123456789012",
};

for (const [spelling, answer] of Object.entries({
  boto,
  sdk,
  sts,
  "STS answer": { $metadata: {}, Credentials: sts },
})) {
  test(`reads the spelling of ${spelling}`, (t) => t.deepEqual(read(answer), expected));
}

test("reads getters of a class instance", (t) => {
  class Credentials {
    get accessKeyId() {
      return "AKID";
    }
    get secretAccessKey() {
      return "secret";
    }
    sessionToken = "token";
    expiration = LATER;
  }
  t.is(read(new Credentials()).accessKeyId, "AKID");
});

test("keeps nothing that is no credential", (t) => {
  t.deepEqual(Object.keys(read({ ...boto, note: "x" })).sort(), Object.keys(expected).sort());
});

test("a token of null means that there is none", (t) => {
  t.false("sessionToken" in read({ ...boto, token: null }));
});

test("a secret may hold any character", (t) => {
  t.is(read({ ...sdk, secretAccessKey: "a\r\n\0\ud83d\ude00" }).secretAccessKey, "a\r\n\0\ud83d\ude00");
});

for (const [what, answer] of [
  ["null", null],
  ["nothing", undefined],
  ["a number", 42],
  ["an array", [boto]],
  ["true", true],
] as const) {
  test(`refuses ${what}`, (t) => {
    const error = fault(answer);
    t.regex(error.message, /^provider answered .* instead of credentials; give \{ accessKeyId/);
    t.is(error.code, "ERR_CREDENTIALS");
    t.true(error.retryable);
  });
}

test("does not quote text, which may be a secret", (t) => {
  t.notRegex(fault("wJalrXUtnFEMI").message, /wJalrXUtnFEMI/);
});

test("names what is missing in the spelling of the answer, sorted", (t) => {
  const { token: _token, expiry_time: _time, ...bare } = boto;
  t.deepEqual(fault(bare).details?.missing, ["expiry_time", "token"]);
  const { sessionToken: _sessionToken, accessKeyId: _id, ...camel } = sdk;
  t.deepEqual(fault(camel).details?.missing, ["accessKeyId", "sessionToken"]);
  const { Expiration: _expiration, ...pascal } = sts;
  t.deepEqual(fault(pascal).details?.missing, ["Expiration"]);
  t.deepEqual(fault({ Credentials: pascal }).details?.missing, ["Expiration"]);
});

test("an empty answer misses boto's four names", (t) => {
  const error = fault({});
  t.deepEqual(error.details?.missing, ["access_key", "expiry_time", "secret_key", "token"]);
  t.regex(error.message, /access_key, expiry_time, secret_key, token/);
});

test("undefined counts as missing", (t) => {
  t.deepEqual(fault({ ...sdk, secretAccessKey: undefined }).details?.missing, ["secretAccessKey"]);
});

for (const [param, value] of [
  ["access_key", ""],
  ["access_key", 7],
  ["access_key", null],
  ["access_key", "AK\nID"],
  ["secret_key", ""],
  ["secret_key", {}],
  ["token", 5],
  ["token", "to\rken"],
  ["account_id", 123_456_789_012],
] as const) {
  test(`refuses ${param} ${JSON.stringify(value)}`, (t) => {
    const error = fault({ ...boto, [param]: value });
    t.is(error.param, param);
    t.regex(error.message, new RegExp(`^provider answered ${param} `));
  });
}

for (const [what, value] of [
  ["a bad date", "soon"],
  ["a naive date", "2030-01-01T01:00:00"],
  ["a number", NOW / 1000 + 3600],
  ["an invalid Date", new Date(Number.NaN)],
  ["null", null],
] as const) {
  test(`refuses ${what} as the end`, (t) => {
    const error = fault({ ...boto, expiry_time: value });
    t.is(error.param, "expiry_time");
    t.regex(error.message, /ISO 8601 text with a zone/);
  });
}

test("a secret in the place of the date is not quoted", (t) => {
  t.notRegex(fault({ ...boto, expiry_time: "wJalrXUtnFEMI" }).message, /wJalrXUtnFEMI/);
});

test("refuses a set that has ended, and one that ends this very moment", (t) => {
  for (const end of ["2029-12-31T23:59:59Z", "2030-01-01T00:00:00Z"]) {
    const error = fault({ ...sdk, expiration: end });
    t.is(error.param, "expiration");
    t.regex(error.message, /ended at/);
  }
  t.truthy(read({ ...sdk, expiration: "2030-01-01T00:00:00.001Z" }));
});

test("a provider need not tell token and end", (t) => {
  t.deepEqual(read({ accessKeyId: "AKID", secretAccessKey: "secret" }, false), {
    accessKeyId: "AKID",
    secretAccessKey: "secret",
  });
  t.deepEqual(fault({ accessKeyId: "AKID" }, false).details?.missing, ["secretAccessKey"]);
  t.is(fault({ accessKeyId: "AKID", secretAccessKey: "secret", expiration: "soon" }, false).param, "expiration");
});
