/** Tests of lists of object keys: every key below a base, however odd, becomes the URL that names it. */
import test from "ava";
import { SigningError } from "aws-refresh-session/signing";
import { seeded } from "../parity/seeded.js";
import { AT, SESSION_KEYS, signerWith } from "./examples.js";

const base = "https://bucket.s3.amazonaws.com/";
const options = { expiresIn: 900, ...AT, base };
const newSigner = () => signerWith({ service: "s3", credentials: SESSION_KEYS });

/** What `URL` decodes of a path, which is what a server takes for the key. */
const keyOf = (url: string) => decodeURIComponent((url.split("?")[0] ?? "").slice(base.length));

const ODD = [
  "plain.txt",
  "a b",
  "a+b",
  "100%",
  "%2F",
  "a/b/c",
  "/leading",
  "trailing/",
  "a//b",
  "a?b=c&d#e",
  "!*'()",
  "~-_.",
  "ä ö ü/日本/😀",
  "a:b@c,d;e$f=g",
  "https://other.example.com/",
  '"<>\\^`{|}',
  "tab\tline\nnul\u0000",
  "X-Amz-Signature=1",
  "k".repeat(1_024),
];

test("odd keys are escaped so that they come back as they were", async (t) => {
  const urls = await newSigner().presignMany(ODD, options);
  t.deepEqual(urls.map(keyOf), ODD);
  for (const url of urls) t.notRegex(url.split("?")[0] as string, /%2F|%[0-9A-F]?[a-f]/);
  for (const url of urls) t.regex(url, /^https:\/\/bucket\.s3\.amazonaws\.com\/[\w.~/%-]+\?X-Amz-Algorithm=/);
});

test("each is what presignSync gives for the escaped URL", async (t) => {
  const signer = newSigner();
  const { base: _, ...alone } = options;
  const urls = await signer.presignMany(ODD, options);
  for (const url of urls) t.is(signer.presignSync(url.split("?")[0] as string, alone).url, url);
});

test("2 000 random keys come back as they were", async (t) => {
  const { seed, text } = seeded();
  t.log(`SEED=${seed}`);
  const keys = Array.from({ length: 2_000 }, () => text([...ODD.join(""), "\u00ff", "\u2028", "%25"], 40));
  t.deepEqual((await newSigner().presignMany(keys, options)).map(keyOf), keys);
});

test("URLs and requests in a list of keys stay what they are", async (t) => {
  const signer = newSigner();
  const url = new URL("https://other.example.com/a b");
  const request = { method: "PUT", url: "https://other.example.com/put" };
  const { base: _, ...alone } = options;
  const signed = await signer.presignMany(["key", url, request], options);
  t.deepEqual(
    signed,
    [`${base}key`, url, request].map((item) => signer.presignSync(item, alone).url),
  );
});

test("a base may have a port, a path and be a URL", async (t) => {
  const signer = newSigner();
  for (const other of [
    "http://127.0.0.1:9000/bucket/",
    "https://s3.example.com/a/b%20c/",
    new URL("http://[::1]:1/"),
  ]) {
    const [url] = await signer.presignMany(["x y"], { ...options, base: other });
    t.true(url?.startsWith(`${other}x%20y?`), url);
  }
});

for (const wrong of [
  "",
  "bucket",
  "/bucket/",
  "ftp://h/",
  "https://h",
  "https://h/folder",
  "https://h/?a=/",
  "https://h/#/",
  "https://h/a b/",
  "https:///a/",
  7,
  null,
  {},
]) {
  test(`the base ${JSON.stringify(wrong)} is refused`, async (t) => {
    const error = await t.throwsAsync<SigningError>(
      newSigner().presignMany(["a"], { ...options, base: wrong as never }),
      {
        instanceOf: SigningError,
      },
    );
    t.is(error?.param, "base");
  });
}

for (const [title, key] of [
  ["an empty key", ""],
  ["half a surrogate pair", "a\ud800b"],
] as const) {
  for (const [length, at] of [
    [1, 0],
    [20, 7],
    [2_000, 1_777],
  ] as const) {
    test(`${title} at ${at} of ${length} is named by its index`, async (t) => {
      const keys = Array.from({ length }, (_, index) => `key ${index}`).with(at, key);
      const error = await t.throwsAsync<SigningError>(newSigner().presignMany(keys, options), {
        instanceOf: SigningError,
        code: "ERR_SIGN_KEY",
      });
      t.true(error?.message.startsWith(`request ${at}: `), error?.message);
      t.is(error?.param, "key");
    });
  }
}

test("of a bad key and a bad request the first is told", async (t) => {
  const keys: (string | { url: string })[] = Array.from({ length: 2_000 }, (_, index) => `key ${index}`);
  for (const [first, second] of [
    [3, 1_900],
    [1_200, 1_201],
  ] as const) {
    const one = keys.with(first, { url: "/relative" }).with(second, "");
    await t.throwsAsync(newSigner().presignMany(one, options), { message: new RegExp(`^request ${first}: `) });
    const other = keys.with(first, "").with(second, { url: "/relative" });
    await t.throwsAsync(newSigner().presignMany(other, options), { message: new RegExp(`^request ${first}: `) });
  }
});

test("without a base strings are URLs", async (t) => {
  const { base: _, ...rest } = options;
  await t.throwsAsync(newSigner().presignMany(["key"], rest), { instanceOf: SigningError, code: "ERR_SIGN_URL" });
});
