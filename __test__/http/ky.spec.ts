/** ky over signed fetch: its hooks, retries and time-outs work on what is signed anew each time. */
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import ky, { HTTPError, TimeoutError } from "ky";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startVerifier } from "./verifying-server.js";

function opened() {
  const { state, session } = rotatingSession();
  const signer = new HttpSigner({ service: "service", region: "us-east-1", credentials: session });
  return { state, api: ky.create({ fetch: signer.fetch, retry: { limit: 2, backoffLimit: 1 } }) };
}

test("JSON, forms, search parameters and headers of hooks are signed", async (t) => {
  const { api } = opened();
  const { url, arrived } = await startVerifier(t);
  const withHook = api.extend({ hooks: { beforeRequest: [(request) => request.headers.set("x-hook", "1")] } });
  t.is(await withHook.post(url, { json: { a: "ö" }, searchParams: { q: "ü &" } }).text(), "AKID1");
  t.is(await withHook.put(url, { body: new URLSearchParams({ a: "b" }) }).text(), "AKID1");
  const form = new FormData();
  form.append("a", "b");
  t.is(await withHook.post(url, { body: form }).text(), "AKID1");
  t.is(arrived[0]?.body.toString(), '{"a":"ö"}');
  t.is(arrived[0]?.headers["content-type"], "application/json");
  t.true(arrived.every(({ headers }) => headers["x-hook"] === "1" && headers.authorization?.includes("x-hook")));
});

test("retries are signed anew, with what was refreshed meanwhile", async (t) => {
  const { api } = opened();
  const { url, arrived, revoked } = await startVerifier(t, {
    answer: () => {
      if (arrived.length >= 3) return undefined;
      if (arrived.length === 2) revoked.add("AKID1");
      return { status: 503 };
    },
  });
  t.is(await api.put(url, { json: { a: 1 } }).text(), "AKID2");
  t.deepEqual(
    arrived.map(({ verdict, body }) => `${verdict} ${body}`),
    [...Array(3).fill('AKID1 {"a":1}'), 'AKID2 {"a":1}'],
  );
});

test("refusals are the errors of ky, and time-outs abort", async (t) => {
  const { api } = opened();
  const { url, revoked } = await startVerifier(t);
  revoked.add("AKID1").add("AKID2");
  const error = await t.throwsAsync(api.get(url), { instanceOf: HTTPError });
  t.is(error?.response.status, 403);
  t.regex((await error?.response.text()) ?? "", /ExpiredToken/);
  const never = new HttpSigner({
    service: "service",
    region: "us-east-1",
    credentials: () => new Promise<never>(() => {}),
  });
  await t.throwsAsync(ky.get(url, { fetch: never.fetch, timeout: 20, retry: 0 }), { instanceOf: TimeoutError });
});
