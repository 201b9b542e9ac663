/** Answers through undici with our interceptor: second attempts, aborts, backpressure, handlers of both kinds. */

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import test from "ava";
import { RefreshableSession } from "aws-refresh-session";
import { HttpSigner } from "aws-refresh-session/http";
import { Agent, type Dispatcher, request } from "undici";
import { KEYS } from "../signing/examples.js";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };
const HOUR = 3_600_000;
const REASON = new Error("enough");

function rotating() {
  const { state, session } = rotatingSession();
  const signer = new HttpSigner({ ...options, credentials: session });
  return { state, signer, dispatcher: new Agent().compose(signer.undici()) };
}

test("20 requests that are refused together cost one refresh and two attempts each", async (t) => {
  const { state, dispatcher } = rotating();
  const { url, arrived, revoked } = await startVerifier(t);
  t.is(await (await request(url, { dispatcher })).body.text(), "AKID1");
  revoked.add("AKID1");
  arrived.length = 0;
  const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
  const calls = bodies.map(async (body) => (await request(url, { method: "PUT", body, dispatcher })).body.text());
  t.deepEqual(await Promise.all(calls), Array(20).fill("AKID2"));
  t.is(state.round, 2);
  t.is(arrived.length, 40);
});

test("streams that were read are sent again, those that were not are not", async (t) => {
  const { url, arrived, revoked } = await startVerifier(t);
  revoked.add("AKID1");
  const { body } = await request(url, {
    method: "PUT",
    body: Readable.from(["a", "bc"]),
    dispatcher: rotating().dispatcher,
  });
  t.is(await body.text(), "AKID2");
  t.deepEqual(
    arrived.map((each) => each.body.toString()),
    ["abc", "abc"],
  );

  const s3 = await startVerifier(t, { service: "s3" });
  s3.revoked.add("AKID1");
  const { session } = rotatingSession();
  const unsigned = new HttpSigner({ ...options, service: "s3", credentials: session, payload: "unsigned" });
  const dispatcher = new Agent().compose(unsigned.undici());
  const refused = await request(s3.url, { method: "PUT", body: Readable.from([Buffer.from("abc")]), dispatcher });
  t.is(refused.statusCode, 403);
  t.regex(await refused.body.text(), /ExpiredToken/);
  t.is(s3.arrived.length, 1);
  t.is(await (await request(s3.url, { dispatcher })).body.text(), "AKID2");
});

test("a second refusal is the caller's, whole and as it came", async (t) => {
  const { dispatcher } = rotating();
  const { url, arrived, revoked } = await startVerifier(t);
  revoked.add("AKID1").add("AKID2");
  const { statusCode, headers, body } = await request(url, { dispatcher });
  t.is(statusCode, 403);
  t.is(headers["content-type"], "text/xml");
  t.regex(await body.text(), /ExpiredToken/);
  t.is(arrived.length, 2);
});

test("refusals of every length keep all of their body, also when they are read late", async (t) => {
  const { dispatcher } = rotating();
  const { url } = await startVerifier(t, {
    answer: ({ target }) => ({ status: 403, body: "x".repeat(Number(target.slice(1))) }),
  });
  for (const length of [0, 1, 60_000, 70_000, 1_000_000]) {
    const { statusCode, body } = await request(`${url}/${length}`, { dispatcher, highWaterMark: 1_000 });
    t.is(statusCode, 403);
    await new Promise((resume) => setTimeout(resume, 10));
    t.is((await body.text()).length, length);
  }
  t.is((await request(url, { method: "HEAD", dispatcher })).statusCode, 403);
});

test("a host whose clock is an hour ahead is signed for by its own, from the second attempt on", async (t) => {
  const dispatcher = new Agent().compose(new HttpSigner({ ...options, credentials: KEYS }).undici());
  const { url, arrived } = await startVerifier(t, {
    answer: ({ headers }) => {
      const there = new Date(Date.now() + HOUR);
      const isRight = headers["x-amz-date"]?.slice(0, 11) === there.toISOString().replaceAll(/[-:]/g, "").slice(0, 11);
      const date = there.toUTCString();
      return isRight
        ? { headers: { date }, body: "right" }
        : { status: 403, headers: { date }, body: '{"__type":"RequestTimeTooSkewed"}' };
    },
  });
  t.is(await (await request(url, { dispatcher })).body.text(), "right");
  t.is(arrived.length, 2);
  t.is(await (await request(url, { dispatcher })).body.text(), "right");
  t.is(arrived.length, 3);
});

test("an abort ends the wait for credentials, and what the source fails with reaches the caller", async (t) => {
  const source = { give: (_: object) => {}, fail: (_: Error) => {} };
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => new Promise((give, fail) => Object.assign(source, { give, fail })) as Promise<never>,
  });
  const dispatcher = new Agent().compose(new HttpSigner({ ...options, credentials: session }).undici());
  const { url, arrived } = await startVerifier(t);
  const controller = new AbortController();
  const aborted = request(url, { dispatcher, signal: controller.signal });
  const failing = request(url, { dispatcher });
  setTimeout(() => controller.abort(REASON), 5);
  t.is(await t.throwsAsync(aborted), REASON);
  source.fail(new Error("the vault is sealed"));
  t.regex(String(await t.throwsAsync(failing)), /the vault is sealed/);
  t.is(arrived.length, 0);
});

test("an abort ends the reading of a body, the wait for an answer, and an answer", async (t) => {
  const dispatcher = new Agent().compose(new HttpSigner({ ...options, credentials: KEYS }).undici({ origins: "any" }));
  const stuck = new Readable({ read() {} });
  stuck.on("error", () => {});
  const reading = new AbortController();
  const call = request("http://127.0.0.1:1/", { method: "PUT", body: stuck, dispatcher, signal: reading.signal });
  setTimeout(() => reading.abort(REASON), 5);
  t.is(await t.throwsAsync(call), REASON);
  t.true(stuck.destroyed);
  for (const answer of [
    "",
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
    "HTTP/1.1 403 No\r\ncontent-length: 9\r\n\r\nhalf",
  ]) {
    const server = createServer((socket) => {
      socket.on("data", () => void socket.write(answer)).on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const controller = new AbortController();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const waiting = (async () => (await request(url, { dispatcher, signal: controller.signal })).body.text())();
    setTimeout(() => controller.abort(REASON), 30);
    t.is(await t.throwsAsync(waiting), REASON);
    // Ends only when no connection is left.
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a connection that breaks in the middle of a refusal shows what came of it", async (t) => {
  const server = createServer((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 403 No\r\ncontent-length: 9\r\n\r\nhalf", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  const dispatcher = new Agent().compose(new HttpSigner({ ...options, credentials: KEYS }).undici());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { statusCode, body } = await request(url, { dispatcher });
  t.is(statusCode, 403);
  await t.throwsAsync(body.text());
});

const REFUSALS = {
  "is cut off": "HTTP/1.1 403 No\r\ncontent-length: 9\r\n\r\nhalf",
  "is longer than any refusal": `HTTP/1.1 403 No\r\ncontent-length: 300000\r\n\r\n${"a".repeat(300_000)}`,
};
const MISBEHAVIOUR: Record<string, (controller: Dispatcher.DispatchController) => void> = {
  throws: () => {
    throw REASON;
  },
  aborts: (controller) => controller.abort(REASON),
};
for (const [refusal, answer] of Object.entries(REFUSALS)) {
  for (const [name, misbehave] of Object.entries(MISBEHAVIOUR)) {
    test(`a handler that ${name} over an answer that ${refusal} is told that as without a signature`, async (t) => {
      const server = createServer((socket) => {
        socket.on("error", () => {}).once("data", () => socket.write(answer, () => socket.destroy()));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.teardown(() => void server.close());
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const signer = new HttpSigner({ ...options, credentials: KEYS });
      for (const dispatcher of [new Agent(), new Agent().compose(signer.undici())]) {
        const calls: string[] = [];
        await new Promise<void>((resolve) => {
          dispatcher.dispatch(
            { origin, path: "/", method: "GET" },
            {
              onRequestStart: () => {},
              onResponseStart(controller) {
                calls.push("start");
                misbehave(controller);
              },
              onResponseData: () => void calls.push("data"),
              onResponseEnd: () => void calls.push("end"),
              onResponseError(_, error) {
                calls.push(error.message);
                // What comes after this would be told too much.
                setTimeout(resolve, 50);
              },
            },
          );
        });
        t.deepEqual(calls, ["start", "enough"]);
      }
    });
  }
}

interface Told {
  readonly calls: string[];
  body: string;
}

/** Handlers that tell what they are told: that of undici 7, and that of 6. */
const HANDLERS: Record<string, (told: Told, done: (error?: Error) => void) => Dispatcher.DispatchHandler> = {
  "of undici 7": (told, done) => ({
    onRequestStart: () => void told.calls.push("start"),
    onResponseStart: (_, statusCode, headers) => void told.calls.push(`${statusCode} ${headers["x-kind"]}`),
    onResponseData(controller, chunk) {
      told.body += chunk;
      controller.pause();
      setTimeout(() => controller.resume(), 1);
    },
    onResponseEnd(controller) {
      if (controller.paused) told.calls.push("ended while it was paused");
      done();
    },
    onResponseError: (_, error) => done(error),
  }),
  "of undici 6": (told, done) => ({
    onConnect: () => void told.calls.push("start"),
    onHeaders(statusCode, headers) {
      const at = headers.findIndex((name) => String(name).toLowerCase() === "x-kind");
      told.calls.push(`${statusCode} ${headers[at + 1]}`);
      return true;
    },
    onData(chunk) {
      told.body += chunk;
      return true;
    },
    onComplete: () => done(),
    onError: done,
  }),
};
for (const [kind, make] of Object.entries(HANDLERS)) {
  test(`a handler ${kind} is told of one request, whatever it took`, async (t) => {
    const { signer } = rotating();
    const answers = { "200": "y".repeat(200_000), "403": "n".repeat(300) };
    const { url, revoked, arrived } = await startVerifier(t, {
      answer: ({ target, verdict }) => {
        const status = revoked.has(verdict) ? undefined : (target.slice(1) as "200" | "403");
        return status && { status: Number(status), headers: { "x-kind": "one" }, body: answers[status] };
      },
    });
    const agent = new Agent();
    const dispatch = signer.undici({ origins: [url] })(agent.dispatch.bind(agent));
    for (const status of ["200", "403"] as const) {
      revoked.add(`AKID${arrived.length === 0 ? 1 : 9}`);
      const told: Told = { calls: [], body: "" };
      await new Promise<void>((resolve, reject) => {
        const handler = make(told, (error) => (error === undefined ? resolve() : reject(error)));
        dispatch({ origin: url, path: `/${status}`, method: "GET" }, handler);
      });
      t.deepEqual(told.calls, ["start", `${status} one`]);
      t.is(told.body, answers[status]);
    }
    t.is(arrived.length, 3);
    const error = await new Promise((resolve) => {
      dispatch(
        { origin: url, path: "/", method: "GET", headers: { expect: "x" } },
        make({ calls: [], body: "" }, resolve),
      );
    });
    t.like(error, { code: "ERR_SIGN_HEADER" });
  });
}

test("a request whose credentials are fresh is dispatched before dispatch returns", (t) => {
  const dispatched: string[] = [];
  const dispatch = new HttpSigner({ ...options, credentials: KEYS }).undici()((({ path }: { path: string }) => {
    dispatched.push(path);
    return false;
  }) as Dispatcher.Dispatch);
  t.false(dispatch({ origin: "http://127.0.0.1:1", path: "/now", method: "POST", body: "abc" }, {}));
  t.deepEqual(dispatched, ["/now"]);
  t.true(dispatch({ origin: "http://127.0.0.1:1", path: "/later", method: "POST", body: Readable.from(["abc"]) }, {}));
});
