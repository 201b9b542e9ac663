/** What keys of caches tell: which entry they stand for, and nothing secret, neither in print nor in memory. */
import { inspect } from "node:util";
import test from "ava";
import { CacheKey, ClientCacheKey, ResourceCacheKey } from "../../dist/clients/cache-key.js";
import { type CacheTarget, configText, targetText } from "../../dist/clients/config-key.js";
import { keyLabel } from "../../dist/clients/key-label.js";
import { outputOf } from "../support/node-program.js";

class S3Client {}
class Handler {}

// Internal, so that the declarations do not tell of it.
const { textOf } = CacheKey as unknown as { textOf(key: CacheKey): string };

const provider = async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" });

function keyOf<Key>(Class: new (text: string, label: string) => Key, target: CacheTarget, config?: object): Key {
  return new Class(targetText(target) + configText(config), keyLabel(target, config));
}

test("keys are equal that stand for the same class and a config that means the same", (t) => {
  const key = keyOf(ClientCacheKey, S3Client, { region: "eu-west-1", maxAttempts: 4 });
  t.true(key.equals(keyOf(ClientCacheKey, S3Client, { maxAttempts: 4, region: "eu-west-1" })));
  t.false(key.equals(keyOf(ClientCacheKey, S3Client, { region: "eu-west-1" })));
  t.false(key.equals(keyOf(ClientCacheKey, class S3Client {}, { region: "eu-west-1", maxAttempts: 4 })));
  t.false(key.equals(key.label));
  t.false(key.equals(undefined));
  t.false(key.equals({ ...key }));
});

test("keys of clients and of resources are never equal", (t) => {
  const client = keyOf(ClientCacheKey, "dynamodb");
  const resource = keyOf(ResourceCacheKey, "dynamodb");
  t.is(textOf(client), textOf(resource));
  t.false(client.equals(resource));
  t.false(resource.equals(client));
});

test("a key is printed as its label", (t) => {
  const key = keyOf(ClientCacheKey, S3Client, { region: "eu-west-1", credentials: provider });
  t.is(key.label, 'S3Client(region: "eu-west-1", credentials: ***)');
  t.is(`${key}`, key.label);
  t.is(JSON.stringify({ key }), JSON.stringify({ key: key.label }));
  t.is(inspect(key), `ClientCacheKey(${key.label})`);
  t.is(inspect(keyOf(ResourceCacheKey, "dynamodb")), "ResourceCacheKey(dynamodb())");
});

const LABELS: Record<string, [target: CacheTarget, config: object | undefined, label: string]> = {
  "no config": [S3Client, undefined, "S3Client()"],
  "an absent member": [S3Client, { region: undefined }, "S3Client()"],
  "a class without a name": [class {}, {}, "(anonymous)()"],
  "a name that lies": [
    Object.defineProperty(class {}, "name", {
      get() {
        throw new Error("hidden value");
      },
    }),
    {},
    "(anonymous)()",
  ],
  "a name of several lines": ["a\nb", {}, '"a\\nb"()'],
  primitives: [S3Client, { a: 1, b: true, c: null, d: 2n }, "S3Client(a: 1, b: true, c: null, d: 2)"],
  objects: [
    S3Client,
    { requestHandler: { connectionTimeout: 1000, deeper: { password: "hidden value" } }, logger: new Handler() },
    "S3Client(requestHandler: {connectionTimeout: 1000, deeper: {...}}, logger: [Handler])",
  ],
  "lists and bytes": [
    S3Client,
    { a: [["authorization", "hidden value"]], b: Buffer.from("hidden value"), c: new Map([["a", "hidden value"]]) },
    "S3Client(a: [1], b: [Buffer], c: [Map])",
  ],
  secrets: [
    S3Client,
    {
      credentials: { accessKeyId: "hidden value" },
      token: { token: "hidden value" },
      agent: { key: "hidden value", passphrase: "hidden value", privateKey: "hidden value", certificate: "shown" },
      dbPassword: "hidden value",
      disableTokens: true,
    },
    'S3Client(credentials: ***, token: ***, agent: {key: ***, passphrase: ***, privateKey: ***, certificate: "shown"}, ' +
      "dbPassword: ***, disableTokens: true)",
  ],
  "user information and queries": [
    S3Client,
    { endpoint: "https://user:hidden value@host/path?signature=hidden value", proxy: new URL("http://hidden@host/") },
    'S3Client(endpoint: "***@host/path?...", proxy: "***@host/")',
  ],
  "long texts": [
    S3Client,
    { certificate: "hidden value".repeat(20) },
    "S3Client(certificate: <string of 240 characters>)",
  ],
  "odd names": [S3Client, { "a\nb": 1 }, 'S3Client("a\\nb": 1)'],
  "an accessor that throws": [
    S3Client,
    {
      get region() {
        throw new Error("hidden value");
      },
    },
    "S3Client(...)",
  ],
};

test("labels show what tells clients apart, and nothing secret", (t) => {
  for (const [what, [target, config, label]] of Object.entries(LABELS)) t.is(keyLabel(target, config), label, what);
  t.true(keyLabel(S3Client, Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`a${i}`, i]))).length <= 400);
  const defaults = { region: "eu-west-1", profile: "a" };
  t.is(keyLabel(S3Client, { region: "eu-west-1", profile: "b" }, defaults), 'S3Client(profile: "b")');
});

const SECRET_MEMBERS: readonly ((secret: string) => object)[] = [
  (secret) => ({ credentials: { accessKeyId: "a", secretAccessKey: secret, sessionToken: secret } }),
  (secret) => ({ token: { token: secret, more: [secret] } }),
  (secret) => ({ token: { inner: { [secret.slice(0, 0)]: { deep: secret } } } }),
  (secret) => ({ requestHandler: { httpsAgent: { passphrase: secret, key: secret, pfx: Buffer.from(secret) } } }),
  (secret) => ({
    dbPassword: secret,
    clientSecret: secret,
    private_key: secret,
    "api-key": secret,
    "x-api-key": secret,
  }),
  (secret) => ({ proxy: { user: "a", pass: secret, proxyPass: secret, pw: secret } }),
  (secret) => ({ signingKey: secret, encryption_key: secret, psk: secret, samlAssertion: secret, auth: [secret] }),
  (secret) => ({
    proxy: `http://user:${secret}@host/`,
    other: new URL(`http://user:${secret}@host/`),
    plain: `user:${secret}@host`,
  }),
  (secret) => ({ endpoint: `https://host/?X-Amz-Signature=${secret}` }),
  (secret) => ({ headers: new Map([["authorization", secret]]) }),
  (secret) => ({ certificate: `-----BEGIN PRIVATE KEY-----\n${secret}${"x".repeat(100)}` }),
  (secret) => ({ passcode: { secretNumber: Number.parseInt(secret.slice(0, 12), 16) } }),
];

test("neither text nor label of a key holds a secret in clear", (t) => {
  const secret = "c0ffee5ec2e7c0ffee5ec2e7c0ffee";
  const shapes = [secret, Buffer.from(secret).toString("base64"), String(Number.parseInt(secret.slice(0, 12), 16))];
  for (const [index, make] of SECRET_MEMBERS.entries()) {
    const key = keyOf(ClientCacheKey, S3Client, make(secret));
    const shown = [textOf(key), key.label, inspect(key, { showHidden: true }), JSON.stringify(key)].join("\n");
    for (const shape of shapes) t.false(shown.includes(shape), `${index}: ${shown}`);
    const other = keyOf(ClientCacheKey, S3Client, make(`d${secret.slice(1)}`));
    t.false(key.equals(other), `${index}: secrets that differ count`);
  }
});

test("what is remembered between two keys holds no secret", async (t) => {
  const found = await outputOf(
    t,
    `const { configText } = require("./dist/clients/config-key.js");
    const { keyLabel } = require("./dist/clients/key-label.js");
    const { randomBytes } = require("node:crypto");
    const v8 = require("node:v8");
    const makes = [${SECRET_MEMBERS.map(String).join(",\n")}];
    const remembered = "open-" + randomBytes(8).toString("hex");
    // What may be found is compared by its halves, so that the search itself leaves nothing to find.
    const halves = makes.map((make) => {
      const secret = randomBytes(16).toString("hex");
      for (let round = 0; round < 3; round++) configText(make(secret));
      keyLabel("s3", make(secret));
      return [secret.slice(0, 14), secret.slice(16, 30)].map((half) => Buffer.from(half).toString("base64"));
    });
    configText({ region: remembered });
    v8.setFlagsFromString("--expose-gc");
    const gc = require("node:vm").runInNewContext("gc");
    setImmediate(async () => {
      gc();
      gc();
      const pieces = [];
      for await (const piece of v8.getHeapSnapshot()) pieces.push(piece);
      const heap = Buffer.concat(pieces);
      const finds = (text) => heap.includes(text);
      const leaks = halves.flatMap((pair, index) => pair.every((half) => finds(Buffer.from(half, "base64"))) ? [index] : []);
      console.log(JSON.stringify({ leaks, works: finds(remembered.slice(0, 20)) }));
    });`,
  );
  t.deepEqual(JSON.parse(found), { leaks: [], works: true });
});
