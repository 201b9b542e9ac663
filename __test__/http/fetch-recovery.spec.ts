/** Signed fetch: a refusal for ended credentials or a wrong clock costs one more attempt, and nobody else notices. */
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { KEYS } from "../signing/examples.js";
import { rotatingSession } from "../signing/refreshing-session.js";
import { type Arrived, startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };
const HOUR = 3_600_000;

test("20 requests that are refused together cost one refresh and two attempts each", async (t) => {
  const { state, session } = rotatingSession();
  const signer = new HttpSigner({ ...options, credentials: session });
  const { url, arrived, revoked } = await startVerifier(t);
  t.is(await (await signer.fetch(url)).text(), "AKID1");
  revoked.add("AKID1");
  arrived.length = 0;
  const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
  const calls = bodies.map(async (body) => (await signer.fetch(url, { method: "PUT", body })).text());
  t.deepEqual(await Promise.all(calls), Array(20).fill("AKID2"));
  t.is(state.round, 2);
  t.is(arrived.length, 40);
  const accepted = arrived.filter(({ verdict }) => verdict === "AKID2");
  t.deepEqual(accepted.map(({ body }) => body.toString()).sort(), bodies.sort());
});

const BODIES: Record<string, () => NonNullable<RequestInit["body"]>> = {
  "a text": () => "abc",
  bytes: () => Buffer.from("abc"),
  "a stream": () => new Blob(["abc"]).stream(),
  FormData: () => {
    const form = new FormData();
    form.append("a", "b");
    return form;
  },
};
for (const [name, body] of Object.entries(BODIES)) {
  test(`${name} is sent again as it was`, async (t) => {
    const { session } = rotatingSession();
    const signer = new HttpSigner({ ...options, credentials: session });
    const { url, arrived, revoked } = await startVerifier(t);
    revoked.add("AKID1");
    t.is(await (await signer.fetch(url, { method: "POST", body: body() })).text(), "AKID2");
    const [one, two] = arrived as [Arrived, Arrived];
    t.deepEqual(one.body, two.body);
    t.is(one.headers["content-type"], two.headers["content-type"]);
    t.true(one.body.length > 0);
  });
}

test("a Request is sent again with its body", async (t) => {
  const { session } = rotatingSession();
  const signer = new HttpSigner({ ...options, credentials: session });
  const { url, arrived, revoked } = await startVerifier(t);
  revoked.add("AKID1");
  const request = new Request(url, { method: "POST", body: "abc" });
  t.is(await (await signer.fetch(request)).text(), "AKID2");
  t.deepEqual(
    arrived.map(({ body }) => body.toString()),
    ["abc", "abc"],
  );
});

test("a stream that was not read is not sent again, and the next request is signed by new credentials", async (t) => {
  const { session } = rotatingSession();
  const signer = new HttpSigner({ ...options, service: "s3", credentials: session, payload: "unsigned" });
  const { url, arrived, revoked } = await startVerifier(t, { service: "s3" });
  revoked.add("AKID1");
  const init = { method: "PUT", body: new Blob(["abc"]).stream(), headers: { "content-length": "3" } };
  const response = await signer.fetch(url, init);
  t.is(response.status, 403);
  t.regex(await response.text(), /ExpiredToken/);
  t.is(arrived.length, 1);
  t.is(await (await signer.fetch(url)).text(), "AKID2");
});

test("a second refusal is the caller's", async (t) => {
  const { state, session } = rotatingSession();
  const signer = new HttpSigner({ ...options, credentials: session });
  const { url, arrived, revoked } = await startVerifier(t);
  for (const key of ["AKID1", "AKID2", "AKID3"]) revoked.add(key);
  const response = await signer.fetch(url);
  t.is(response.status, 403);
  t.regex(await response.text(), /ExpiredToken/);
  t.is(arrived.length, 2);
  t.is((await signer.fetch(url)).status, 403);
  t.is(state.round, 2);
});

test("what the source fails with is told when it is asked for other credentials", async (t) => {
  const failure = new Error("the vault is sealed");
  let round = 0;
  const credentials = async () => {
    if (round++ > 0) throw failure;
    return {
      accessKeyId: "AKID1",
      secretAccessKey: "secret 1",
      sessionToken: "token1",
      expiration: new Date(Date.now() + HOUR),
    };
  };
  const signer = new HttpSigner({ ...options, credentials });
  const { url, revoked } = await startVerifier(t);
  revoked.add("AKID1");
  const error = await t.throwsAsync(signer.fetch(url));
  t.true(error === failure || error?.cause === failure);
});

test("a host whose clock is an hour ahead is signed for by its own, from the second attempt on", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: KEYS });
  const { url, arrived } = await startVerifier(t, {
    answer: ({ headers }) => {
      const [, year, month, day, hour, minute, second] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(
        headers["x-amz-date"] as string,
      ) as RegExpExecArray;
      const there = Date.now() + HOUR;
      const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      const date = new Date(there).toUTCString();
      if (Math.abs(there - signedAt) < 5_000) return { headers: { date }, body: "right" };
      return { status: 403, headers: { date }, body: '{"__type":"RequestTimeTooSkewed"}' };
    },
  });
  t.is(await (await signer.fetch(url, { method: "POST", body: "abc" })).text(), "right");
  t.is(arrived.length, 2);
  t.is(await (await signer.fetch(url)).text(), "right");
  t.is(arrived.length, 3);
});

test("answers that are not repeated are those of the platform, and refusals keep all of their body", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: KEYS });
  const bodies = { short: '{"message":"Forbidden"}', long: "x".repeat(1_000_000) };
  const { url } = await startVerifier(t, {
    answer: ({ target }) => ({
      status: Number(target.slice(1, 4)),
      headers: target.includes("chunked") ? { "transfer-encoding": "chunked" } : {},
      body: target.includes("long") ? bodies.long : bodies.short,
    }),
  });
  const given: Response[] = [];
  const platform = globalThis.fetch;
  globalThis.fetch = async (...args) => {
    const response = await platform(...args);
    given.push(response);
    return response;
  };
  t.teardown(() => {
    globalThis.fetch = platform;
  });
  for (const status of [200, 404, 400, 401, 403, 500]) {
    for (const kind of ["short", "long", "long-chunked"]) {
      const response = await signer.fetch(`${url}/${status}-${kind}`);
      t.is(response, given.at(-1) as Response);
      t.is(response.status, status);
      t.false(response.bodyUsed);
      t.is(await response.text(), kind === "short" ? bodies.short : bodies.long);
    }
  }
});
