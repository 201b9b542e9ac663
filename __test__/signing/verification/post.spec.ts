/** Tests of forms under POST policies: what is accepted, and a table of what an attacker makes of it. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import test from "ava";
import { BRSValidationError, ReplayGuard, type VerifyPostOptions } from "aws-refresh-session/signing";
import { KEYS, NOW, TOKEN } from "../examples.js";
import { refusal } from "../refusals.js";
import { type Field, type Form, formOf, policySignature, post } from "./reference-post.js";

const form = formOf();
const replaced = (name: string, value: string, fields: readonly Field[] = form): Field[] =>
  fields.map((field) => (field[0] === name ? [name, value] : field));

// ---- accepted

test("a form that fulfils its policy is accepted, and told of", async (t) => {
  const verified = await post([...form, ["file", "content"]]);
  t.is(verified.accessKeyId, KEYS.accessKeyId);
  t.is(verified.key, "user/photo.png");
  t.deepEqual(verified.scope, { date: "20150830", region: "us-east-1", service: "s3" });
  t.deepEqual(verified.expiresAt, new Date("2015-08-30T13:00:00Z"));
  t.is(verified.contentLengthRange, undefined);
  t.is(verified.fields.get("x-amz-algorithm"), "AWS4-HMAC-SHA256");
});

test("fields may be pairs, an object or a FormData, with names in any case", async (t) => {
  const data = new FormData();
  for (const [name, value] of form) data.append(name.toUpperCase(), value);
  data.append("file", new Blob(["content"]), "photo.png");
  for (const fields of [Object.fromEntries(form), data, new Map(form)])
    t.is((await post(fields)).key, "user/photo.png");
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: forms have it so, literally
test("the name of the file takes its place in the key, without folders", async (t) => {
  const fields: Field[] = [["key", "user/${filename}"]];
  for (const [fileName, key] of [
    ["photo.png", "user/photo.png"],
    ["C:\\secret\\photo.png", "user/photo.png"],
    ["../../admin/photo.png", "user/photo.png"],
    ["$&${filename}", "user/$&${filename}"],
  ] as const) {
    t.is((await post(formOf({ fields }), { fileName })).key, key);
  }
});

test("conditions are held against the key with the file's name in it", async (t) => {
  const fields: Field[] = [["key", "${filename}"]];
  t.is(
    (await post(formOf({ fields, conditions: [{ bucket: "photos" }, { key: "a.png" }] }), { fileName: "a.png" })).key,
    "a.png",
  );
  const others = formOf({ fields, conditions: [{ bucket: "photos" }, ["starts-with", "$key", "user-"]] });
  await t.throwsAsync(post(others, { fileName: "admin-a.png" }), refusal("AccessDenied"));
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: forms have it so, literally

test("every kind of condition is understood", async (t) => {
  const fields: Field[] = [
    ["key", "user/a"],
    ["acl", "public-read"],
    ["Content-Type", "image/png, image/gif"],
    ["x-amz-meta-note", "größe"],
    ["x-ignore-me", "1"],
  ];
  const conditions = [
    { bucket: "photos" },
    ["eq", "$acl", "public-read"],
    ["STARTS-WITH", "$content-type", "image/"],
    ["starts-with", "$X-Amz-Meta-Note", ""],
    { Key: "user/a" },
    ["content-length-range", 1, 100],
    ["content-length-range", "10", "1000"],
  ];
  const verified = await post(formOf({ fields, conditions }), { fileSize: 10 });
  t.deepEqual(verified.contentLengthRange, { minimum: 10, maximum: 100 });
});

test("a token is a field like any other, and compared with the stored one", async (t) => {
  const fields: Field[] = [
    ["key", "user/a"],
    ["x-amz-security-token", TOKEN],
  ];
  const conditions = [{ bucket: "photos" }, ["starts-with", "$key", ""], { "x-amz-security-token": TOKEN }];
  const stored = { getCredentials: () => ({ ...KEYS, sessionToken: TOKEN }) };
  t.is((await post(formOf({ fields, conditions }), stored)).key, "user/a");
  await t.throwsAsync(post(formOf({ fields, conditions })), refusal("InvalidToken"));
  await t.throwsAsync(post(form, stored), refusal("InvalidToken"));
});

// ---- the size of the file

const sized = formOf({
  conditions: [{ bucket: "photos" }, ["starts-with", "$key", "user/"], ["content-length-range", 3, 5]],
});

for (const [size, code] of [
  [2, "EntityTooSmall"],
  [3, undefined],
  [5, undefined],
  [6, "EntityTooLarge"],
] as const) {
  test(`a file of ${size} bytes where 3 to 5 are allowed: ${code ?? "accepted"}`, async (t) => {
    const { bodyVerifier } = await post(sized);
    const passed = buffer(Readable.from([Buffer.alloc(1), Buffer.alloc(size - 1)]).pipe(bodyVerifier()));
    if (code === undefined) {
      t.is((await post(sized, { fileSize: size })).key, "user/photo.png");
      t.is((await passed).length, size);
    } else {
      await t.throwsAsync(post(sized, { fileSize: size }), refusal(code));
      await t.throwsAsync(passed, refusal(code));
    }
  });
}

// ---- refused

interface Attack {
  readonly name: string;
  readonly fields: readonly (readonly [string, unknown])[];
  readonly code: string;
  readonly message?: RegExp;
  readonly options?: Partial<VerifyPostOptions>;
}

const made = (change: Partial<Form>) => formOf(change);
const withConditions = (...conditions: unknown[]) =>
  made({ conditions: [{ bucket: "photos" }, ["starts-with", "$key", "user/"], ...conditions] });
/** A form with a policy of this text, rightly signed. */
const policyOf = (text: string | Uint8Array): Field[] => {
  const policy = typeof text === "string" ? Buffer.from(text).toString("base64") : Buffer.from(text).toString("base64");
  const credential = form.find(([name]) => name === "x-amz-credential")?.[1] ?? "";
  return replaced("x-amz-signature", policySignature(policy, credential), replaced("policy", policy));
};
const day = (date: string) => `${KEYS.accessKeyId}/${date}/us-east-1/s3/aws4_request`;

const ATTACKS: readonly Attack[] = [
  {
    name: "another key",
    fields: replaced("key", "admin/a"),
    code: "AccessDenied",
    message: /^Invalid according to Policy: Policy Condition failed: \["starts-with","\$key","user\/"\]$/,
  },
  { name: "a key in another case", fields: replaced("key", "USER/a"), code: "AccessDenied" },
  { name: "no key", fields: form.filter(([name]) => name !== "key"), code: "InvalidArgument" },
  { name: "an empty key", fields: replaced("key", ""), code: "InvalidArgument" },
  { name: "the key twice", fields: [...form, ["key", "admin/a"]], code: "MalformedPOSTRequest" },
  { name: "the key twice, in another case", fields: [["KEY", "admin/a"], ...form], code: "MalformedPOSTRequest" },
  { name: "the policy twice", fields: [...form, ["Policy", "e30="]], code: "MalformedPOSTRequest" },
  { name: "the signature twice", fields: [...form, ["X-Amz-Signature", "0"]], code: "MalformedPOSTRequest" },
  {
    name: "a field that the policy does not mention",
    fields: [...form, ["acl", "public-read"]],
    code: "AccessDenied",
    message: /Extra input fields: acl$/,
  },
  { name: "such a field in another case", fields: [...form, ["ACL", "public-read"]], code: "AccessDenied" },
  { name: "a field that only looks ignored", fields: [...form, ["ignore-x", "1"]], code: "AccessDenied" },
  { name: "a field whose name has a blank", fields: [...form, ["x-ignore- acl", "1"]], code: "MalformedPOSTRequest" },
  {
    name: "a field whose name has an ASCII letter in lower case only",
    fields: form.map(([name, value]) => [name === "key" ? "\u212aey" : name, value] as const),
    code: "MalformedPOSTRequest",
  },
  { name: "a field with an empty name", fields: [...form, ["", "1"]], code: "MalformedPOSTRequest" },
  { name: "a field after the file", fields: [["file", "content"], ...form], code: "MalformedPOSTRequest" },
  { name: "a second file", fields: [...form, ["file", "a"], ["File", "b"]], code: "MalformedPOSTRequest" },
  { name: "a field that is a file", fields: [...form, ["x-ignore-a", new Blob([])]], code: "MalformedPOSTRequest" },
  {
    name: "fields of too many bytes",
    fields: [...form, ["x-ignore-a", "x".repeat(20_480)]],
    code: "MaxPostPreDataLengthExceededError",
  },
  { name: "another bucket", fields: form, options: { bucket: "others" }, code: "AccessDenied" },
  { name: "the field bucket with another name", fields: [...form, ["bucket", "others"]], code: "MalformedPOSTRequest" },
  {
    name: "a policy that names no bucket",
    fields: made({ conditions: [["starts-with", "$key", "user/"]] }),
    code: "AccessDenied",
    message: /Extra input fields: bucket$/,
  },
  {
    name: "a content type that hides another",
    fields: made({
      fields: [
        ["key", "user/a"],
        ["Content-Type", "image/png, text/html"],
      ],
      conditions: [{ bucket: "photos" }, ["starts-with", "$key", "user/"], ["starts-with", "$Content-Type", "image/"]],
    }),
    code: "AccessDenied",
  },
  {
    name: "a condition on a field that is absent",
    fields: withConditions(["starts-with", "$acl", ""]),
    code: "AccessDenied",
  },
  {
    name: "a policy that has ended",
    fields: form,
    options: { clock: () => Date.UTC(2015, 7, 30, 13) },
    code: "AccessDenied",
    message: /^Invalid according to Policy: Policy expired\.$/,
  },
  {
    name: "a policy signed more than seven days ago",
    fields: made({ expiration: "2025-08-30T12:36:00Z" }),
    options: { clock: () => NOW + 604_800_000 },
    code: "AccessDenied",
  },
  { name: "a policy from the future", fields: made({ date: "20150830T125101Z" }), code: "RequestTimeTooSkewed" },
  {
    name: "another policy",
    fields: replaced("policy", Buffer.from('{"expiration":"2015-08-30T13:00:00Z","conditions":[]}').toString("base64")),
    code: "SignatureDoesNotMatch",
  },
  { name: "another date in the field", fields: replaced("x-amz-date", "20150830T120000Z"), code: "AccessDenied" },
  { name: "a scope of another day", fields: made({ credential: day("20150829") }), code: "SignatureDoesNotMatch" },
  {
    name: "a scope of another service",
    fields: made({ credential: day("20150830").replace("s3", "ec2") }),
    code: "SignatureDoesNotMatch",
  },
  { name: "a scope of another region", fields: form, options: { region: "eu-west-1" }, code: "SignatureDoesNotMatch" },
  {
    name: "a credential without a scope",
    fields: replaced("x-amz-credential", "AKIDEXAMPLE"),
    code: "AuthorizationQueryParametersError",
  },
  { name: "no credential", fields: form.filter(([name]) => name !== "x-amz-credential"), code: "InvalidArgument" },
  { name: "no policy", fields: form.filter(([name]) => name !== "policy"), code: "InvalidArgument" },
  { name: "no signature", fields: form.filter(([name]) => name !== "x-amz-signature"), code: "InvalidArgument" },
  {
    name: "a signature of noughts",
    fields: replaced("x-amz-signature", "0".repeat(64)),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a signature in upper case",
    fields: form.map(([name, value]) => [name, name === "x-amz-signature" ? value.toUpperCase() : value]),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "another secret",
    fields: form,
    options: { getCredentials: () => ({ secretAccessKey: "other" }) },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an unknown key id",
    fields: form,
    options: { getCredentials: () => undefined },
    code: "InvalidClientTokenId",
  },
  {
    name: "credentials that have ended",
    fields: form,
    options: { getCredentials: () => ({ ...KEYS, expiration: new Date(NOW) }) },
    code: "ExpiredToken",
  },
  { name: "SigV4a's name", fields: replaced("x-amz-algorithm", "AWS4-ECDSA-P256-SHA256"), code: "InvalidRequest" },
  {
    name: "the fields of Signature Version 2",
    fields: [
      ["key", "user/a"],
      ["AWSAccessKeyId", "AK"],
      ["policy", "e30="],
      ["signature", "x"],
    ],
    code: "InvalidRequest",
  },
  // ---- policies that are none, rightly signed
  { name: "a policy that is no base64", fields: replaced("policy", "{}"), code: "InvalidPolicyDocument" },
  { name: "a policy that is no JSON", fields: policyOf("expiration"), code: "InvalidPolicyDocument" },
  { name: "a policy that is null", fields: policyOf("null"), code: "InvalidPolicyDocument" },
  {
    name: "a policy in broken UTF-8",
    fields: policyOf(Uint8Array.of(0x7b, 0xff, 0x7d)),
    code: "InvalidPolicyDocument",
  },
  {
    name: "a policy without conditions",
    fields: policyOf('{"expiration":"2015-08-30T13:00:00Z"}'),
    code: "InvalidPolicyDocument",
  },
  { name: "a policy without an end", fields: policyOf('{"conditions":[]}'), code: "InvalidPolicyDocument" },
  {
    name: "a policy with an end of another form",
    fields: made({ expiration: "30 Aug 2999 13:00:00" }),
    code: "InvalidPolicyDocument",
  },
  {
    name: "a policy with an end that is no date",
    fields: made({ expiration: "2015-13-30T13:00:00Z" }),
    code: "InvalidPolicyDocument",
  },
  {
    name: "an unknown operation",
    fields: withConditions(["ends-with", "$key", ".png"]),
    code: "InvalidPolicyDocument",
  },
  { name: "a condition of two parts", fields: withConditions(["eq", "$key"]), code: "InvalidPolicyDocument" },
  {
    name: "a condition without a dollar sign",
    fields: withConditions(["eq", "key", "user/photo.png"]),
    code: "InvalidPolicyDocument",
  },
  { name: "a condition that is a text", fields: withConditions("key"), code: "InvalidPolicyDocument" },
  {
    name: "a condition with a number",
    fields: withConditions({ success_action_status: 201 }),
    code: "InvalidPolicyDocument",
  },
  {
    name: "a range of fractions",
    fields: withConditions(["content-length-range", 0.5, 2]),
    code: "InvalidPolicyDocument",
  },
  { name: "a negative range", fields: withConditions(["content-length-range", -1, 2]), code: "InvalidPolicyDocument" },
  {
    name: "a range without an end",
    fields: withConditions(["content-length-range", 1, null]),
    code: "InvalidPolicyDocument",
  },
];

for (const { name, fields, code, message, options = {} } of ATTACKS) {
  test(`${name}: ${code}`, async (t) => {
    const error = await t.throwsAsync(post(fields, options), refusal(code));
    if (message !== undefined) t.regex(error.message, message);
    t.false(JSON.stringify(error).includes(KEYS.secretAccessKey));
  });
}

test("with a guard a policy is good for one upload", async (t) => {
  const replay = new ReplayGuard();
  await post(form, { replay });
  await t.throwsAsync(post(replaced("key", "user/other"), { replay }), refusal("AccessDenied"));
  t.is(replay.size, 1);
});

test("options are checked by name", async (t) => {
  for (const [param, value] of [
    ["bucket", ""],
    ["bucket", undefined],
    ["service", ""],
    ["fileSize", -1],
    ["fileSize", 1.5],
    ["fileName", 1],
    ["hosts", "any"],
    ["filesize", 1],
  ] as const) {
    const error = await t.throwsAsync(post(form, { [param]: value } as never), { instanceOf: BRSValidationError });
    t.is((error as BRSValidationError).param, param);
  }
  await t.throwsAsync(post(null as never), { instanceOf: BRSValidationError });
});

test("a condition on the session token that fails is told of without the token", async (t) => {
  const conditions = [{ bucket: "photos" }, ["starts-with", "$key", ""], { "x-amz-security-token": TOKEN }];
  const error = await t.throwsAsync(post(formOf({ conditions })), refusal("AccessDenied"));
  t.true(error.message.includes(`"$x-amz-security-token","<token, ${TOKEN.length} bytes>"`), error.message);
  t.false(error.message.includes(TOKEN));
});
