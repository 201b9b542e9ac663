/** Tests of the options of a signer: which are taken, what they must be, and their defaults by service. */
import test from "ava";
import { BRSCredentialError, BRSValidationError, Signer, type SignerOptions } from "aws-refresh-session/signing";
import { AT, KEYS, signedHeadersOf, signerWith, TOKEN } from "./examples.js";

const options = (change: Record<string, unknown>) =>
  ({ service: "service", region: "us-east-1", credentials: KEYS, ...change }) as unknown as SignerOptions;

const refused = (change: Record<string, unknown>, param: string) => ({
  run: () => new Signer(options(change)),
  expected: { instanceOf: BRSValidationError, message: new RegExp(`"${param}"`) },
});

for (const name of ["Service", "serviceName", "expiresIn", "dialect", "signingName", "__proto__x", ""]) {
  test(`the unknown option "${name}" is refused by name`, (t) => {
    const { run, expected } = refused({ [name]: 1 }, name);
    const error = t.throws(run, expected);
    t.is(error?.param, name);
    t.regex(error?.message ?? "", /it takes service, region, credentials/);
  });
}

const WRONG: Record<string, readonly unknown[]> = {
  algorithm: [1, "v4a", "SIGV4A", null],
  service: [undefined, null, "", 1, "s3/x", "s 3", "s3\n", "ü", ["s3"]],
  region: [undefined, null, "", 1, "us-east-1\nx", "us east", "a/b", {}],
  payload: [null, true, "Signed", "", 1],
  engine: [null, "aws", "CORE", 1, true],
  doubleEncodePath: [null, 0, "true", []],
  normalizePath: [null, 1, "", {}],
  contentSha256Header: [null, 1, "yes"],
  omitSessionToken: [null, 1, "no"],
  unsignedHeaders: [null, "x-a", [1], [""], ["a b"], ["a\nb"], ["ü"], ["x-a", "Host"], new Set(["x-a"])],
  clock: [null, 1, "now", new Date(), {}],
};

for (const [param, values] of Object.entries(WRONG)) {
  for (const value of values) {
    const shown = value instanceof Set ? "Set" : JSON.stringify(value);
    test(`${param} must not be ${shown}`, (t) => {
      const { run, expected } = refused({ [param]: value }, param);
      t.is(t.throws(run, expected)?.param, param);
    });
  }
}

for (const value of [undefined, null, 1, "service", () => {}]) {
  test(`the options must not be ${typeof value === "function" ? "a function" : JSON.stringify(value)}`, (t) => {
    t.throws(() => new Signer(value as never), { instanceOf: BRSValidationError });
  });
}

const { accessKeyId, secretAccessKey } = KEYS;
for (const [title, credentials, message] of [
  ["no credentials", undefined, /"credentials" must be an identity/],
  ["null", null, /"credentials" must be an identity/],
  ["the secret itself", secretAccessKey, /"credentials" must be an identity.*<string of 40 characters>/],
  ["nothing in them", {}, /"credentials" lacks "accessKeyId" and "secretAccessKey"/],
  ["an array", [KEYS], /"credentials" lacks "accessKeyId" and "secretAccessKey"/],
  ["half: only the key id", { accessKeyId }, /"credentials" lacks "secretAccessKey"/],
  ["half: only the secret", { secretAccessKey }, /"credentials" lacks "accessKeyId"/],
  ["an empty key id", { accessKeyId: "", secretAccessKey }, /"credentials" lacks "accessKeyId"/],
  ["an empty secret", { accessKeyId, secretAccessKey: "" }, /"credentials" lacks "secretAccessKey"/],
  ["a secret of bytes", { accessKeyId, secretAccessKey: Buffer.from("x") }, /"credentials" lacks "secretAccessKey"/],
  ["the spelling of STS", { AccessKeyId: "a", SecretAccessKey: "b" }, /is written { accessKeyId, secretAccessKey, /],
  ["the spelling of boto", { access_key: "a", secret_key: "b" }, /is written { accessKeyId, secretAccessKey, /],
  ["a promise", Promise.resolve(KEYS), /a promise is no identity; await it/],
] as const) {
  test(`credentials are refused that are ${title}`, (t) => {
    const error = t.throws(() => new Signer(options({ credentials })), { instanceOf: BRSValidationError, message });
    t.is(error?.param, "credentials");
    t.notRegex(error?.message ?? "", /wJalr/);
  });
}

for (const [title, change] of [
  ["a key id with a slash", { accessKeyId: "AK/ID" }],
  ["a key id with a comma", { accessKeyId: "AK,ID" }],
  ["a key id with a line feed", { accessKeyId: "AKID\nX-Evil: 1" }],
  ["a key id that is not ASCII", { accessKeyId: "AKÏD" }],
  ["a token with a line feed", { sessionToken: "to\nken" }],
  ["a token with a carriage return", { sessionToken: "to\rken" }],
  ["a token with NUL", { sessionToken: "to\0ken" }],
  ["a token with a blank", { sessionToken: "to ken" }],
  ["a token that is no text", { sessionToken: 7 }],
  ["an expiration that is no Date", { expiration: "2099-01-01T00:00:00Z" }],
  ["an invalid expiration", { expiration: new Date(Number.NaN) }],
  ["an expiration in the past", { expiration: new Date(0) }],
] as const) {
  test(`credentials are refused at construction that have ${title}`, (t) => {
    const credentials = { ...KEYS, ...change };
    const error = t.throws(() => new Signer(options({ credentials })), { instanceOf: BRSCredentialError });
    t.notRegex(error?.message ?? "", /wJalr|to.?ken\b.*Evil/);
  });
}

for (const sessionToken of [undefined, null, ""]) {
  test(`a token of ${JSON.stringify(sessionToken)} is none`, (t) => {
    const signer = signerWith({ credentials: { ...KEYS, sessionToken } as never });
    t.false("x-amz-security-token" in signer.signSync({ url: "https://h/" }, AT));
  });
}

test("options that are undefined count as absent", (t) => {
  const absent = Object.fromEntries(
    ["payload", "doubleEncodePath", "normalizePath", "contentSha256Header", "unsignedHeaders", "engine", "clock"].map(
      (name) => [name, undefined],
    ),
  );
  const request = { url: "https://h/a//b%20c" };
  t.deepEqual(new Signer(options(absent)).signSync(request, AT), signerWith().signSync(request, AT));
});

test("the options are copied: a later change of the object changes no signer", async (t) => {
  const given = { service: "service", region: "us-east-1", credentials: KEYS, unsignedHeaders: ["x-a"] };
  const signer = new Signer(given);
  const request = { url: "https://h/", headers: { "x-a": "1" } };
  const before = signer.signSync(request, AT);
  Object.assign(given, { service: "other", region: "", credentials: undefined });
  given.unsignedHeaders.pop();
  t.deepEqual(signer.signSync(request, AT), before);
  const [url = ""] = await signer.presignMany(["https://h/"], { ...AT, expiresIn: 60 });
  t.is(url, signer.presignSync("https://h/", { ...AT, expiresIn: 60 }).url);
});

for (const service of ["s3", "s3-outposts", "s3-object-lambda", "s3express"]) {
  test(`${service}: the path is signed as it is, and the payload hash travels`, (t) => {
    const signer = signerWith({ service });
    const url = "https://h/a//b/../c%20d";
    t.is(signer.explain(url, AT).canonicalRequest.split("\n")[1], "/a//b/../c%20d");
    const signed = signer.signSync({ url }, AT);
    t.true("x-amz-content-sha256" in signed);
    t.true(signedHeadersOf(signed.authorization).includes("x-amz-content-sha256"));
  });
}

for (const service of ["execute-api", "dynamodb", "sts", "s3tables", "es"]) {
  test(`${service}: the path is normalized and encoded twice, and the payload hash does not travel`, (t) => {
    const signer = signerWith({ service });
    const url = "https://h/a//b/../c%20d";
    t.is(signer.explain(url, AT).canonicalRequest.split("\n")[1], "/a/c%2520d");
    t.deepEqual(Object.keys(signer.signSync({ url }, AT)).sort(), ["authorization", "x-amz-date"]);
  });
}

test("aoss: the path is that of other services, the payload hash travels, and the length is not signed", (t) => {
  const signer = signerWith({ service: "aoss", unsignedHeaders: ["x-proxied"] });
  const url = "https://h/a//b/../c%20d";
  t.is(signer.explain(url, AT).canonicalRequest.split("\n")[1], "/a/c%2520d");
  const headers = { "Content-Length": "2", "content-type": "application/json", "x-proxied": "1" };
  const { authorization } = signer.signSync({ method: "POST", url, headers, body: "{}" }, AT);
  t.deepEqual(signedHeadersOf(authorization), ["content-type", "host", "x-amz-content-sha256", "x-amz-date"]);
});

test("each default of a service can be changed by itself", (t) => {
  const path = (change: Partial<SignerOptions>) =>
    signerWith(change).explain("https://h/a//b/../c%20d", AT).canonicalRequest.split("\n")[1];
  t.is(path({ doubleEncodePath: false }), "/a/c%20d");
  t.is(path({ normalizePath: false }), "/a//b/../c%2520d");
  t.is(path({ service: "s3", doubleEncodePath: true }), "/a//b/../c%2520d");
  t.is(path({ service: "s3", normalizePath: true }), "/a/c%20d");
  const hashTravels = (change: Partial<SignerOptions>) =>
    "x-amz-content-sha256" in signerWith(change).signSync({ url: "https://h/" }, AT);
  t.true(hashTravels({ contentSha256Header: true }));
  t.false(hashTravels({ service: "s3", contentSha256Header: false }));
});

test("region and service stand in the scope as given", (t) => {
  const { authorization } = signerWith({ service: "My_svc.v2-x", region: "eu-West_1.a" }).signSync(
    { url: "https://h/" },
    AT,
  );
  t.regex(authorization ?? "", /Credential=AKIDEXAMPLE\/20150830\/eu-West_1\.a\/My_svc\.v2-x\/aws4_request,/);
});

test("unsignedHeaders stay unsigned in any case of letters, all others are signed", (t) => {
  const signer = signerWith({ unsignedHeaders: ["X-Forwarded-For", "cookie"] });
  const headers = { "x-forwarded-FOR": "1.2.3.4", Cookie: "a=b", "x-forwarded": "kept", accept: "*/*" };
  const { authorization } = signer.signSync({ url: "https://h/", headers }, AT);
  t.deepEqual(signedHeadersOf(authorization), ["accept", "host", "x-amz-date", "x-forwarded"]);
});

test("headers that every server must find signed cannot be left out", (t) => {
  const unsignedHeaders = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
  const signer = signerWith({ service: "s3", credentials: { ...KEYS, sessionToken: TOKEN }, unsignedHeaders });
  const { authorization } = signer.signSync({ url: "https://h/" }, AT);
  t.deepEqual(signedHeadersOf(authorization), ["host", ...[...unsignedHeaders].sort()]);
});

test("the refusal of expired credentials says when they ended", (t) => {
  const credentials = { ...KEYS, expiration: new Date("2020-01-02T03:04:05Z") };
  t.throws(() => new Signer(options({ credentials })), {
    instanceOf: BRSCredentialError,
    code: "ERR_CREDENTIALS_EXPIRED",
    message: /they ended at 2020-01-02T03:04:05/,
  });
});
