/** Commands, inputs and identities of unusual make, and calls that fail together: the same URLs as the SDK's all the same. */
import { GetObjectCommand, type GetObjectCommandInput, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl as theirs } from "@aws-sdk/s3-request-presigner";
import test from "ava";
import { nativePresigner, type PresigningCommand } from "aws-refresh-session/aws-sdk";
import { AT, KEYS } from "../examples.js";
import { SDKS } from "./sdk-pairs.js";
import { watchedClient } from "./watched-client.js";

const input = { Bucket: "b-1", Key: "k" };

/** Puts the object of each tenant elsewhere, as no input tells. */
class TenantCommand extends GetObjectCommand {
  readonly #tenant: string;

  constructor(given: GetObjectCommandInput, tenant: string) {
    super(given);
    this.#tenant = tenant;
  }

  override resolveMiddleware(...args: Parameters<GetObjectCommand["resolveMiddleware"]>) {
    const handler = super.resolveMiddleware(...args);
    const within = (Key: string | undefined) => `${this.#tenant}/${Key}`;
    return (given: Parameters<typeof handler>[0]) =>
      handler({ ...given, input: { ...given.input, Key: within(given.input.Key) } });
  }
}

class DerivedCommand extends TenantCommand {}

test("a class that makes something of its inputs by itself is asked for every URL", async (t) => {
  const { client } = watchedClient();
  const presigner = nativePresigner(client);
  const instance = (tenant: string) => {
    const command = new GetObjectCommand(input);
    return Object.assign(command, {
      resolveMiddleware: new TenantCommand(input, tenant).resolveMiddleware.bind(new TenantCommand(input, tenant)),
    });
  };
  for (const make of [
    (tenant: string) => new TenantCommand(input, tenant),
    (tenant: string) => new DerivedCommand(input, tenant),
    instance,
  ]) {
    await presigner.presign(new GetObjectCommand(input), AT);
    for (const tenant of ["one", "other"]) {
      const wanted = await theirs(client, make(tenant), AT);
      t.true(wanted.includes(`/${tenant}/k?`));
      t.is(await presigner.presign(make(tenant), AT), wanted);
      t.deepEqual(await presigner.presignMany([make(tenant)], AT), [wanted]);
    }
  }
});

const inheriting = (own: object, inherited: object): never => Object.assign(Object.create(inherited), own) as never;

test("what an input inherits is left to the client, and so are line feeds in headers", async (t) => {
  const { client } = watchedClient();
  const presigner = nativePresigner(client);
  const learned = new GetObjectCommand({ ...input, VersionId: "v", Range: "bytes=0-1" });
  const learnedToo = new PutObjectCommand({ ...input, Metadata: { note: "n" } });
  for (const command of [
    learned,
    learnedToo,
    new GetObjectCommand({ ...input, VersionId: "v", Range: "a\nb" }),
    new PutObjectCommand({ ...input, Metadata: { note: "a\nb" } }),
    new PutObjectCommand({ ...input, Metadata: inheriting({}, { note: "inherited" }) }),
    Object.assign(new GetObjectCommand(input), {
      input: inheriting({ ...input, Range: "bytes=0-1" }, { VersionId: "inherited" }),
    }),
  ]) {
    t.is(await presigner.presign(command, AT), await theirs(client, command as GetObjectCommand, AT));
  }
});

test("an identity whose keys are accessors signs lists, too", async (t) => {
  class Rotating {
    get accessKeyId() {
      return KEYS.accessKeyId;
    }
    get secretAccessKey() {
      return KEYS.secretAccessKey;
    }
  }
  const { client } = watchedClient({ credentials: new Rotating() });
  const commands = ["a", "b"].map((Key) => new GetObjectCommand({ ...input, Key }));
  t.deepEqual(
    await nativePresigner(client).presignMany(commands, AT),
    await Promise.all(commands.map((command) => theirs(client, command, AT))),
  );
});

for (const { name, client: make, command, getSignedUrl } of SDKS) {
  test(`an endpoint that is set later counts as in the ${name} SDK, whatever it is called`, async (t) => {
    const client = make({ region: "eu-west-1", credentials: KEYS });
    const presigner = nativePresigner(client);
    const get = () => command("GetObject", input) as PresigningCommand;
    for (const hostname of ["", "one.example", "other.example"]) {
      if (hostname !== "")
        Object.assign(client.config, { endpoint: async () => ({ protocol: "https:", hostname, path: "/" }) });
      const wanted = await getSignedUrl(client, get(), AT);
      t.is(await presigner.presign(get(), AT), wanted);
      t.is(await presigner.presign(get(), AT), wanted);
    }
  });
}

test("calls that fail together do not wait for each other's failures", async (t) => {
  let asked = 0;
  const region = async () => {
    asked++;
    return "eu-west-1";
  };
  const { client } = watchedClient({ region });
  const presigner = nativePresigner(client);
  const failing = () => new GetObjectCommand({ ...input, Bucket: "no/bucket" });
  await t.throwsAsync(presigner.presign(failing(), AT));
  const once = asked;
  const calls = 60;
  await Promise.allSettled(Array.from({ length: calls }, () => presigner.presign(failing(), AT)));
  t.true(asked - once <= 2 * calls * once, `${asked - once} times for ${calls} calls, ${once} for one`);
});

test("a list that the client makes lets the event loop go on, and ends when its signal aborts", async (t) => {
  const { client, count } = watchedClient();
  const presigner = nativePresigner(client);
  const commands = Array.from({ length: 300 }, () => new GetObjectCommand({ ...input, ResponseExpires: new Date(0) }));
  const ending = new AbortController();
  setImmediate(() => ending.abort(new Error("enough")));
  await t.throwsAsync(presigner.presignMany(commands, { ...AT, signal: ending.signal }), { message: "enough" });
  t.true(count() < commands.length);
});
