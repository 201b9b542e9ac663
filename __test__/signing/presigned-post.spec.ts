/** Tests of presigned POSTs: what is refused and by which name, when a form ends, and who signs it. */
import { inspect } from "node:util";
import test from "ava";
import { RefreshableSession } from "aws-refresh-session";
import {
  BRSError,
  BRSValidationError,
  type PresignedPost,
  type PresignedPostOptions,
  Signer,
  SigningError,
} from "aws-refresh-session/signing";
import { clock, DATE, NOW, SESSION_KEYS, signerWith } from "./examples.js";
import { setSystemTime } from "./system-time.js";

/** Written so that it is not taken for a template that lost its quotes. */
const FILENAME = "\u0024{filename}";

const PLAIN: PresignedPostOptions = { bucket: "bucket", key: "key", expiresIn: 3_600 };
const newSigner = () => signerWith({ service: "s3", credentials: SESSION_KEYS });
const post = (options: Partial<Record<keyof PresignedPostOptions, unknown>> = {}) =>
  newSigner().createPresignedPost({ ...PLAIN, ...options } as PresignedPostOptions);

interface Policy {
  expiration: string;
  conditions: unknown[];
}
const policyOf = ({ fields }: PresignedPost): Policy =>
  JSON.parse(Buffer.from(fields.Policy ?? "", "base64").toString());

// The example of "POST policy" in the S3 API reference.
test("the example of the S3 API reference comes out with all its conditions", async (t) => {
  const signer = new Signer({
    service: "s3",
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
    clock: () => Date.UTC(2015, 11, 29),
  });
  const made = await signer.createPresignedPost({
    bucket: "sigv4examplebucket",
    key: `user/user1/${FILENAME}`,
    expiresIn: 129_600,
    fields: {
      acl: "public-read",
      success_action_redirect: "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
      "x-amz-meta-uuid": "14365123651274",
      "x-amz-server-side-encryption": "AES256",
    },
    conditions: [
      ["starts-with", "$Content-Type", "image/"],
      ["starts-with", "$x-amz-meta-tag", ""],
    ],
  });
  const { expiration, conditions } = policyOf(made);
  t.is(expiration, "2015-12-30T12:00:00Z");
  // What the example asks for, in our order.
  for (const condition of [
    { bucket: "sigv4examplebucket" },
    ["starts-with", "$key", "user/user1/"],
    { acl: "public-read" },
    { success_action_redirect: "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html" },
    ["starts-with", "$Content-Type", "image/"],
    { "x-amz-meta-uuid": "14365123651274" },
    { "x-amz-server-side-encryption": "AES256" },
    ["starts-with", "$x-amz-meta-tag", ""],
    { "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request" },
    { "X-Amz-Algorithm": "AWS4-HMAC-SHA256" },
    { "X-Amz-Date": "20151229T000000Z" },
  ]) {
    t.true(
      conditions.some((each) => JSON.stringify(each) === JSON.stringify(condition)),
      JSON.stringify(condition),
    );
  }
  t.is(conditions.length, 11);
});

test("every field of the form but key, policy and signature is a condition", async (t) => {
  const made = await post({ fields: { acl: "private" } });
  const { conditions } = policyOf(made);
  for (const [name, value] of Object.entries(made.fields)) {
    if (["Policy", "X-Amz-Signature"].includes(name)) continue;
    t.true(
      conditions.some((each) => JSON.stringify(each) === JSON.stringify({ [name]: value })),
      name,
    );
  }
});

test("a key with the name of a file is free behind what comes before it", async (t) => {
  for (const [key, start] of [
    [FILENAME, ""],
    [`a/b/${FILENAME}`, "a/b/"],
    [`a/${FILENAME}/b`, "a/"],
    [`a/${FILENAME}${FILENAME}`, "a/"],
  ]) {
    const made = await post({ key });
    t.is(made.fields.key, key as string);
    t.deepEqual(policyOf(made).conditions.at(-1), ["starts-with", "$key", start]);
  }
});

test("a condition that says what a field says is written once", async (t) => {
  const made = await post({ fields: { acl: "private" }, conditions: [{ acl: "private" }, { acl: "private" }] });
  const found = policyOf(made).conditions.filter((each) => JSON.stringify(each) === '{"acl":"private"}');
  t.is(found.length, 1);
});

// ---- its end

test("expiresAt is the end of the policy, or of the credentials if that comes first", async (t) => {
  const made = await post({ expiresIn: 60 });
  t.deepEqual(made.expiresAt, new Date(NOW + 60_000));
  t.is(policyOf(made).expiration, made.expiresAt.toISOString().replace(".000", ""));

  setSystemTime(t, NOW);
  const expiration = new Date(NOW + 30_000);
  const signer = signerWith({ service: "s3", credentials: { ...SESSION_KEYS, expiration } });
  const short = await signer.createPresignedPost({ ...PLAIN, expiresIn: 60 });
  t.deepEqual(short.expiresAt, expiration);
  t.is(policyOf(short).expiration, "2015-08-30T12:37:00Z");
});

test("an end within a second is told as the policy has it", async (t) => {
  const signer = signerWith({ service: "s3", clock: () => NOW + 999 });
  const made = await signer.createPresignedPost({ ...PLAIN, expiresIn: 60 });
  t.deepEqual(made.expiresAt, new Date(NOW + 60_000));
  t.is(policyOf(made).expiration, "2015-08-30T12:37:00Z");
});

test("minValidity refreshes first, and a form follows a refresh", async (t) => {
  let now = NOW;
  let round = 0;
  const session = new RefreshableSession({
    method: "custom",
    clock: () => now,
    customCredentialsMethod: () => ({
      access_key: `AKID${++round}`,
      secret_key: "secret",
      token: `token${round}`,
      expiry_time: new Date(now + 3_600_000),
    }),
  });
  const signer = new Signer({ service: "s3", region: "r", credentials: session });
  const keyOf = (made: PresignedPost) => made.fields["X-Amz-Credential"]?.split("/")[0];
  t.is(keyOf(await signer.createPresignedPost(PLAIN)), "AKID1");
  now += 1_000_000;
  t.is(keyOf(await signer.createPresignedPost(PLAIN)), "AKID1");
  const fresh = await signer.createPresignedPost({ ...PLAIN, minValidity: 3_000 });
  t.is(keyOf(fresh), "AKID2");
  t.is(fresh.fields["X-Amz-Security-Token"], "token2");
  const error = await t.throwsAsync<BRSError>(signer.createPresignedPost({ ...PLAIN, minValidity: 9_000 }));
  t.is(error?.param, "minValidity");
  session.close();
});

// ---- what is refused

const WRONG_CONDITIONS: readonly unknown[] = [
  null,
  7,
  "acl",
  undefined,
  {},
  { acl: "private", other: "x" },
  { acl: 7 },
  { acl: null },
  { "": "x" },
  { acl: "\ud800" },
  [],
  ["equals", "$acl", "private"],
  ["EQ", "$acl", "private"],
  ["eq"],
  ["eq", "$acl"],
  ["eq", "acl", "private"],
  ["eq", "$", "private"],
  ["eq", "$acl", 7],
  ["eq", "$acl", "private", "public"],
  ["starts-with", "key", "a"],
  ["starts-with", "$key", null],
  ["starts-with", 7, "a"],
  ["content-length-range"],
  ["content-length-range", 1],
  ["content-length-range", 2, 1],
  ["content-length-range", -1, 1],
  ["content-length-range", 0.5, 1],
  ["content-length-range", "0", "1"],
  ["content-length-range", 0, Number.POSITIVE_INFINITY],
  ["content-length-range", 0, 1, 2],
];

for (const wrong of WRONG_CONDITIONS) {
  test(`the condition ${JSON.stringify(wrong)} is refused by its index`, async (t) => {
    const error = await t.throwsAsync<SigningError>(post({ conditions: [{ acl: "private" }, wrong] }), {
      instanceOf: SigningError,
      code: "ERR_SIGN_POLICY",
    });
    t.is(error?.param, "conditions[1]");
    t.true(error?.message.includes("conditions[1]"));
  });
}

test("conditions that are no list are refused", async (t) => {
  for (const wrong of [{}, "acl", 7, null]) {
    const error = await t.throwsAsync<SigningError>(post({ conditions: wrong }), { instanceOf: SigningError });
    t.is(error?.param, "conditions");
  }
});

for (const [fields, param] of [
  [[], "fields"],
  ["acl", "fields"],
  [null, "fields"],
  [{ "": "a" }, "fields"],
  [{ acl: 7 }, "fields.acl"],
  [{ acl: undefined }, "fields.acl"],
  [{ acl: "\udfff" }, "fields.acl"],
  [{ acl: "a", ACL: "b" }, "fields.ACL"],
  ...["key", "Key", "bucket", "policy", "file", "x-amz-date", "X-Amz-Signature", "X-Amz-Security-Token"].map(
    (name) => [{ [name]: "x" }, `fields.${name}`] as const,
  ),
] as const) {
  test(`the fields ${JSON.stringify(fields)} are refused by name`, async (t) => {
    const error = await t.throwsAsync<SigningError>(post({ fields }), {
      instanceOf: SigningError,
      code: "ERR_SIGN_POLICY",
    });
    t.is(error?.param, param);
  });
}

for (const [param, wrongs] of Object.entries({
  bucket: [
    undefined,
    null,
    "",
    7,
    "a/b",
    "a b",
    "..",
    ".",
    "bücket",
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/a",
  ],
  key: [undefined, null, "", 7, "\ud800"],
  expiresIn: [undefined, 0, -1, 1.5, 604_801, "60", Number.NaN],
  minValidity: [-1, "60", Number.NaN],
  endpoint: ["", "s3.example.com", "ftp://h", "https://u:p@h", "https://h?a", 7],
  forcePathStyle: ["true", 1, null],
  acl: ["private"],
})) {
  for (const wrong of wrongs) {
    test(`${param} ${JSON.stringify(wrong) ?? wrong} is refused by name`, async (t) => {
      const error = await t.throwsAsync<BRSError>(post({ [param]: wrong }), { instanceOf: BRSError });
      t.is(error?.param, param);
    });
  }
}

test("options that are no object are refused", async (t) => {
  for (const wrong of [undefined, null, "bucket"]) {
    await t.throwsAsync(newSigner().createPresignedPost(wrong as never), { instanceOf: BRSValidationError });
  }
});

test("a signer of another service, or of SigV4a, makes no form", async (t) => {
  const other = signerWith({ service: "s3express" }).createPresignedPost(PLAIN);
  t.is((await t.throwsAsync<SigningError>(other, { instanceOf: SigningError }))?.param, "service");
  const global = signerWith({ service: "s3", algorithm: "sigv4a", region: "*" }).createPresignedPost(PLAIN);
  t.is((await t.throwsAsync<SigningError>(global, { instanceOf: SigningError }))?.param, "algorithm");
});

test("the limits of expiresIn are accepted", async (t) => {
  for (const expiresIn of [1, 604_800]) {
    t.deepEqual((await post({ expiresIn })).expiresAt, new Date(DATE.getTime() + expiresIn * 1_000));
  }
});

test("an error shows no secret", async (t) => {
  const signer = new Signer({ service: "s3", region: "r", credentials: SESSION_KEYS, clock });
  for (const wrong of WRONG_CONDITIONS) {
    const error = await t.throwsAsync(signer.createPresignedPost({ ...PLAIN, conditions: [wrong as never] }));
    t.false(
      error?.message.includes(SESSION_KEYS.secretAccessKey) || error?.message.includes(SESSION_KEYS.sessionToken),
    );
  }
  // A token that stands deep in a condition is not carried along either.
  const nested = { "x-amz-security-token": { value: SESSION_KEYS.sessionToken } };
  const error = await t.throwsAsync(signer.createPresignedPost({ ...PLAIN, conditions: [nested as never] }));
  t.false(inspect(error, { depth: 9 }).includes(SESSION_KEYS.sessionToken));
});
