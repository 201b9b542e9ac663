/** Where an interceptor of undici signs for, and what becomes of redirects and other interceptors around it. */
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { Agent, type Dispatcher, interceptors, request, fetch as undiciFetch } from "undici";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startRecorder } from "./byte-recorder.js";
import { type Arrived, startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };

function opened() {
  const { session } = rotatingSession();
  return new HttpSigner({ ...options, credentials: session });
}

function redirecting({ target }: Arrived) {
  const to = new URL(target, "http://any").searchParams.get("to");
  return to === null ? undefined : { status: 307, headers: { location: to } };
}

const from = (url: string, to: string) => `${url}/from?${new URLSearchParams({ to })}`;

test("one origin, those that are listed, or any", async (t) => {
  const [one, two] = [await startVerifier(t), await startVerifier(t)];
  const send = (dispatcher: Dispatcher, url: string) => request(url, { dispatcher });
  const first = new Agent().compose(opened().undici());
  t.is((await send(first, one.url)).statusCode, 200);
  await t.throwsAsync(send(first, two.url), { code: "ERR_SIGN_ORIGIN", message: /undici\(\{ origins: \[/ });
  t.is((await send(first, `${one.url}/again`)).statusCode, 200);
  for (const origins of [[one.url, new URL(two.url)], "any"] as const) {
    const several = new Agent().compose(opened().undici({ origins }));
    for (const { url } of [one, two]) t.is((await send(several, url)).statusCode, 200);
  }
  const listed = new Agent().compose(opened().undici({ origins: [two.url] }));
  await t.throwsAsync(send(listed, one.url), { code: "ERR_SIGN_ORIGIN" });
  for (const origins of [["not a url"], ["http://a/path"], ["ftp://a"], ["http://user:password@a"], [5], "http://a"]) {
    const error = t.throws(() => opened().undici({ origins: origins as string[] }), { name: "BRSValidationError" });
    t.false(error?.message.includes("password"));
  }
  t.throws(() => opened().undici({ origin: "http://a" } as object), { name: "BRSValidationError", message: /origins/ });
});

test("redirects that undici follows are signed anew at the same origin", async (t) => {
  const { url, arrived } = await startVerifier(t, { answer: redirecting });
  const dispatcher = new Agent().compose(opened().undici(), interceptors.redirect({ maxRedirections: 3 }));
  for (const body of ["abc", Buffer.from("abc")]) {
    const answer = await request(from(url, "/to?x=1"), { method: "POST", body, dispatcher });
    t.is(await answer.body.text(), "AKID1");
  }
  t.deepEqual(
    arrived.map(({ verdict, body }) => `${verdict} ${body}`),
    Array(4).fill("AKID1 abc"),
  );
});

const STACKS: Record<
  string,
  (signing: Dispatcher.DispatcherComposeInterceptor) => Dispatcher.DispatcherComposeInterceptor[]
> = {
  "the redirect interceptor": (signing) => [signing, interceptors.redirect({ maxRedirections: 3 })],
  "others between": (signing) => [
    interceptors.dump(),
    signing,
    interceptors.retry(),
    interceptors.dump(),
    interceptors.redirect({ maxRedirections: 3 }),
  ],
};
for (const [name, stack] of Object.entries(STACKS)) {
  test(`with ${name}, another origin gets no byte of what proves who asks`, async (t) => {
    const signer = opened();
    const home = await startVerifier(t, { answer: redirecting });
    const back = `${home.url}/back`;
    const elsewhere = await startRecorder(t, (head) => {
      // Another hop there, before the way back.
      const to = head.startsWith("GET /there ") ? "/further" : back;
      return `HTTP/1.1 307 Away\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`;
    });
    const dispatcher = new Agent().compose(stack(signer.undici({ origins: [home.url, elsewhere.url] })));
    const headers = {
      cookie: "own",
      "x-amz-meta-a": "own",
      "x-api-key": "own",
      authorization: "own",
      "x-a": "harmless",
    };
    const { statusCode } = await request(from(home.url, `${elsewhere.url}/there`), { headers, dispatcher });
    t.is(statusCode, 403);
    t.deepEqual(
      home.arrived.map(({ verdict }) => verdict),
      ["AKID1", "MissingAuthenticationToken"],
    );
    t.is(elsewhere.received.length, 2);
    const received = elsewhere.received.join("");
    t.regex(received, /^GET \/there [\s\S]*GET \/further /);
    t.regex(received, /x-a: harmless/);
    t.notRegex(received, /AKID|token1|AWS4|x-amz|own|x-api/i);
  });
}

test("redirects that would be followed inside, with the signature of the request before, are not", async (t) => {
  const { url, arrived } = await startVerifier(t, { answer: redirecting });
  const inside = new Agent().compose(interceptors.redirect({ maxRedirections: 3 }), opened().undici());
  t.is((await request(from(url, "/to"), { dispatcher: inside })).statusCode, 307);
  t.is(arrived.length, 1);
  const asked = request(from(url, "/to"), { dispatcher: inside, maxRedirections: 3 } as object);
  await t.throwsAsync(asked, { code: "ERR_SIGN_REDIRECT", message: /compose the redirect interceptor .* after/ });
});

test("redirects of undici's own fetch: anew at the same origin, an error for any other", async (t) => {
  const home = await startVerifier(t, { answer: redirecting });
  const elsewhere = await startRecorder(t);
  const dispatcher = new Agent().compose(opened().undici());
  t.is(await (await undiciFetch(from(home.url, "/to"), { dispatcher })).text(), "AKID1");
  const error = await t.throwsAsync(undiciFetch(from(home.url, elsewhere.url), { dispatcher }));
  t.like((error as { cause?: Error }).cause, { code: "ERR_SIGN_ORIGIN" });
  t.deepEqual(elsewhere.received, []);
});

test("retries of undici are signed anew", async (t) => {
  const { url, arrived } = await startVerifier(t, {
    answer: ({ verdict }) => (arrived.length < 3 && verdict === "AKID1" ? { status: 503 } : undefined),
  });
  const retry = interceptors.retry({ minTimeout: 1, maxRetries: 4 });
  const dispatcher = new Agent().compose(opened().undici(), retry);
  t.is(await (await request(url, { method: "PUT", body: "abc", dispatcher })).body.text(), "AKID1");
  t.deepEqual(
    arrived.map(({ verdict, body }) => `${verdict} ${body}`),
    Array(3).fill("AKID1 abc"),
  );
});

test("with names looked up by undici the host stays what is signed for", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const named = url.replace("127.0.0.1", "localhost");
  const dns = () => interceptors.dns({ dualStack: false, affinity: 4 });
  for (const stack of [
    [opened().undici(), dns()],
    [dns(), opened().undici()],
  ]) {
    const dispatcher = new Agent().compose(stack);
    for (const path of ["/one", "/two"]) {
      t.is(await (await request(named + path, { dispatcher })).body.text(), "AKID1");
    }
  }
  t.true(arrived.every(({ headers }) => headers.host === new URL(named).host));
});

test("answers that are cached are not asked for again", async (t) => {
  const { url, arrived } = await startVerifier(t, {
    answer: ({ verdict }) => ({ headers: { "cache-control": "public, max-age=60" }, body: verdict }),
  });
  const dispatcher = new Agent().compose(opened().undici(), interceptors.cache());
  for (let round = 0; round < 3; round++) {
    t.is(await (await request(`${url}/cached`, { dispatcher })).body.text(), "AKID1");
  }
  t.is(arrived.length, 1);
});

test("refusals reach those that make errors of them", async (t) => {
  const { url, revoked } = await startVerifier(t);
  revoked.add("AKID1").add("AKID2");
  const dispatcher = new Agent().compose(opened().undici(), interceptors.responseError());
  await t.throwsAsync(request(url, { dispatcher }), { message: /403|Response Error/i });
});
