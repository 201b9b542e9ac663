/** What changes about a client after it was learned of: configuration, providers, middlewares, endpoint rules. */
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl as theirs } from "@aws-sdk/s3-request-presigner";
import test from "ava";
import {
  expiredTokenRecovery,
  hostClockOffset,
  type NativePresigner,
  nativePresigner,
  withNativeSigning,
} from "aws-refresh-session/aws-sdk";
import { seeded } from "../../parity/seeded.js";
import { AT, KEYS } from "../examples.js";
import { watchedClient } from "./watched-client.js";

const get = (Key = "k", Bucket = "b-1") => new GetObjectCommand({ Bucket, Key });

/** The URL of a key, after it was compared with the SDK's. */
async function compared(presigner: NativePresigner, client: S3Client, command = get): Promise<string> {
  const url = await presigner.presign(command(), AT);
  if (url !== (await theirs(client, command(), AT))) throw new Error(`another URL: ${url}`);
  return url;
}

test("a region that is a function is asked in every call", async (t) => {
  let region = "eu-west-1";
  const { client, wasAsked } = watchedClient({ region: async () => region });
  const presigner = nativePresigner(client);
  for (const next of ["eu-west-1", "us-west-2", "eu-west-1"]) {
    region = next;
    t.true((await compared(presigner, client)).includes(`${next}%2Fs3`));
  }
  wasAsked();
  await presigner.presign(get(), AT);
  t.false(wasAsked(), "what was learned of a region is kept");
});

test("what is another in every call is never taken for one", async (t) => {
  const random = seeded();
  let isSettled = false;
  let region = "eu-west-1";
  const other = <T>(settled: () => T, choices: readonly T[]) => (isSettled ? settled() : random.pick(choices));
  const { client } = watchedClient({
    region: async () => other(() => region, ["eu-west-1", "us-west-2"]),
    useDualstackEndpoint: async () => other(() => false, [true, false]),
    endpoint: async () => ({ protocol: "http:", hostname: other(() => "a", ["a", "b"]), path: "/" }),
  });
  // Not every combination has endpoints.
  client.config.isCustomEndpoint = random.chance(0.5);
  const presigner = nativePresigner(client);
  for (let call = 0; call < 150; call++) await presigner.presign(get(`${call}`)).catch(() => {});
  isSettled = true;
  for (const settled of ["eu-west-1", "us-west-2"]) {
    region = settled;
    for (const key of ["k", "l"])
      await t.notThrowsAsync(
        compared(presigner, client, () => get(key)),
        `seed ${random.seed}`,
      );
  }
});

const CHANGES: Readonly<Record<string, (client: S3Client) => void>> = {
  "path style": ({ config }) => Object.assign(config, { forcePathStyle: true }),
  acceleration: ({ config }) => Object.assign(config, { useAccelerateEndpoint: true }),
  "dual stack": ({ config }) => Object.assign(config, { useDualstackEndpoint: async () => true }),
  FIPS: ({ config }) => Object.assign(config, { useFipsEndpoint: async () => true }),
  "the checksums of answers": ({ config }) =>
    Object.assign(config, { responseChecksumValidation: async () => "WHEN_REQUIRED" }),
  "an endpoint": ({ config }) => {
    const endpoint = { protocol: "http:", hostname: "127.0.0.1", port: 9000, path: "/" };
    Object.assign(config, { isCustomEndpoint: true, endpoint: async () => endpoint });
  },
};

for (const [title, change] of Object.entries(CHANGES)) {
  test(`${title}, set on the client later, counts at once`, async (t) => {
    const { client } = watchedClient();
    const presigner = nativePresigner(client);
    const before = await compared(presigner, client);
    t.is(await compared(presigner, client), before);
    change(client);
    t.not(await compared(presigner, client), before);
  });
}

/** Moves all keys but those that are to stay. */
const renaming = (next: never) => (args: { input: { Key: string } }) => {
  const { Key } = args.input;
  const moved = Key.startsWith("stay") ? Key : `moved/${Key}`;
  return (next as (args: object) => Promise<never>)({ ...args, input: { ...args.input, Key: moved } });
};

test("a middleware of the user takes part, added early or late, until it is removed", async (t) => {
  const { client, wasAsked } = watchedClient();
  const presigner = nativePresigner(client);
  const plain = await compared(presigner, client);
  t.is(await compared(presigner, client), plain);
  client.middlewareStack.add(renaming as never, { step: "initialize", name: "renaming" });
  t.regex(await compared(presigner, client), /\/moved\/k\?/);
  t.regex(await compared(presigner, client, () => get("stay")), /com\/stay\?/);
  client.middlewareStack.remove("renaming");
  t.is(await compared(presigner, client), plain);
  wasAsked();
  await presigner.presign(get(), AT);
  t.false(wasAsked());
  client.middlewareStack.use({ applyToStack: (stack) => stack.add(renaming as never, { step: "initialize" }) });
  t.regex(await compared(presigner, client), /\/moved\/k\?/);
});

test("a middleware that takes the name of another's place takes part", async (t) => {
  const { client } = watchedClient();
  const presigner = nativePresigner(client);
  await compared(presigner, client);
  const hosting = (next: never) => (args: { request: { headers: Record<string, string> } }) => {
    args.request.headers.host = "elsewhere.example.com";
    return (next as (args: object) => Promise<never>)(args);
  };
  client.middlewareStack.add(hosting as never, {
    step: "build",
    priority: "low",
    name: "hostHeaderMiddleware",
    override: true,
  });
  await compared(presigner, client);
  t.not(await compared(presigner, client), undefined);
});

test("a stack that is frozen is looked at in every call", async (t) => {
  const { client } = watchedClient();
  const { add } = client.middlewareStack;
  Object.freeze(client.middlewareStack);
  const presigner = nativePresigner(client);
  const plain = await compared(presigner, client);
  t.is(await compared(presigner, client), plain);
  add(renaming as never, { step: "initialize", name: "renaming" });
  t.regex(await compared(presigner, client), /\/moved\/k\?/);
});

test("a middleware of one command takes part in that command alone", async (t) => {
  const { client } = watchedClient();
  const presigner = nativePresigner(client);
  const plain = await compared(presigner, client);
  const command = () => {
    const moved = get();
    moved.middlewareStack.add(renaming as never, { step: "initialize", name: "renaming" });
    return moved;
  };
  t.regex(await compared(presigner, client, command), /\/moved\/k\?/);
  t.is(await compared(presigner, client), plain);
});

test("endpoint rules of the user that look at the key are asked for every key", async (t) => {
  const { client } = watchedClient();
  const rules = client.config.endpointProvider;
  client.config.endpointProvider = (parameters, context) =>
    (parameters as { Key?: string }).Key?.startsWith("cold/")
      ? { ...rules(parameters, context), url: new URL("https://cold.example.com") }
      : rules(parameters, context);
  const presigner = nativePresigner(client);
  for (const key of ["a", "b", "cold/a", "c", "cold/b"]) {
    const url = await compared(presigner, client, () => get(key));
    t.is(url.startsWith("https://cold.example.com/"), key.startsWith("cold/"), key);
  }
});

test("what a provider of the client rejects with is what the caller is told", async (t) => {
  let isDown = false;
  const down = new Error("the directory of regions is down");
  const { client } = watchedClient({
    region: async () => {
      if (isDown) throw down;
      return "eu-west-1";
    },
  });
  const presigner = nativePresigner(client);
  await presigner.presign(get());
  isDown = true;
  t.is(await t.throwsAsync(presigner.presign(get())), down);
  isDown = false;
  await t.notThrowsAsync(presigner.presign(get()));
  const locked = new Error("the vault is locked");
  const without = watchedClient({ credentials: () => Promise.reject(locked) });
  t.is(await t.throwsAsync(nativePresigner(without.client).presign(get())), locked);
});

test("what this package does to a client leaves its URLs alone, and learned", async (t) => {
  const { client, wasAsked } = watchedClient();
  const plain = await nativePresigner(client).presign(get(), AT);
  withNativeSigning(client);
  client.middlewareStack.use(hostClockOffset());
  client.middlewareStack.use(expiredTokenRecovery(KEYS));
  const presigner = nativePresigner(client);
  t.is(await compared(presigner, client), plain);
  wasAsked();
  t.is(await presigner.presign(get(), AT), plain);
  t.false(wasAsked());
});
