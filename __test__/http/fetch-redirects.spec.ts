/** Signed fetch: redirects are followed as the platform follows them, signed anew at the same origin and bare at any other. */
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { SESSION_KEYS } from "../signing/examples.js";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startRecorder } from "./byte-recorder.js";
import { type Arrived, startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };

/** Redirects as the query of a request says: `/from?status=302&to=...`. */
function redirecting({ target }: Arrived) {
  const query = new URL(target, "http://any").searchParams;
  const status = query.get("status");
  return status === null ? undefined : { status: Number(status), headers: { location: query.get("to") as string } };
}

const from = (url: string, status: number, to: string) =>
  `${url}/from?${new URLSearchParams({ status: `${status}`, to })}`;

for (const status of [301, 302, 303, 307, 308]) {
  for (const [method, body] of [
    ["GET", undefined],
    ["HEAD", undefined],
    ["POST", "abc"],
    ["PUT", "abc"],
    ["DELETE", undefined],
  ] as const) {
    test(`${method} with ${status} arrives as with the platform's fetch, signed anew`, async (t) => {
      const { session } = rotatingSession();
      const signer = new HttpSigner({ ...options, credentials: session });
      const { url, arrived } = await startVerifier(t, { answer: redirecting });
      const headers = { "content-language": "de", "x-a": "1", cookie: "a=b" };
      const init = { method, headers, ...(body === undefined ? {} : { body }) };
      const response = await signer.fetch(from(url, status, "to?x=1#two"), init);
      const theirs = await fetch(from(url, status, "to?x=1#two"), init);
      t.is(response.status, 200);
      t.is(response.url, theirs.url);
      t.true(response.redirected);
      const [, ours, , expected] = arrived as [Arrived, Arrived, Arrived, Arrived];
      t.is(ours.verdict, "AKID1");
      const told = ({ method, target, headers, body }: Arrived) => {
        const { authorization, "x-amz-date": _, "x-amz-security-token": __, ...rest } = headers;
        return { method, target, rest, body: body.toString() };
      };
      t.deepEqual(told(ours), told(expected));
    });
  }
}

test("another origin gets no byte of what proves who asks, and signing does not begin again on the way back", async (t) => {
  const { session } = rotatingSession();
  const signer = new HttpSigner({ ...options, credentials: session });
  const home = await startVerifier(t, { answer: redirecting });
  const back = `${home.url}/back`;
  const elsewhere = await startRecorder(t, (head) => {
    // Another hop there, before the way back.
    const to = head.startsWith("POST /there ") ? "/further" : back;
    return `HTTP/1.1 307 Away\r\nlocation: ${to}\r\ncontent-length: 0\r\n\r\n`;
  });
  const response = await signer.fetch(from(home.url, 307, `${elsewhere.url}/there`), {
    method: "POST",
    body: "the body",
    headers: {
      authorization: "Bearer user",
      Cookie: "own=cookie",
      "proxy-authorization": "Basic own",
      "x-api-key": "own key",
      "X-Amz-Meta-Own": "own meta",
      "x-a": "harmless",
    },
  });
  const [first, last] = home.arrived as [Arrived, Arrived];
  t.is(first.verdict, "AKID1");
  t.is(first.headers["x-amz-security-token"], "token1");
  t.is(elsewhere.received.length, 2);
  const received = elsewhere.received.join("");
  t.regex(received, /^POST \/there HTTP\/1.1\r\n[\s\S]*POST \/further HTTP\/1.1\r\n/);
  t.regex(received, /x-a: harmless/);
  t.regex(received, /\r\n\r\nthe body$/);
  for (const [name, text] of Object.entries(last.headers).filter(([name]) => name.startsWith("x-amz")))
    t.fail(`${name}: ${text} came back`);
  const signature = /Signature=(\w+)/.exec(first.headers.authorization ?? "")?.[1] as string;
  for (const secret of [signature, "token1", "AKID1", "AWS4", "own", "Bearer", "x-amz", "api-key"]) {
    t.false(received.toLowerCase().includes(secret.toLowerCase()), `${secret.slice(0, 12)} went elsewhere`);
  }
  t.is(last.verdict, "MissingAuthenticationToken");
  t.is(response.status, 403);
  t.is(response.url, back);
});

test("another port, scheme or name of the same machine is another origin", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: { ...SESSION_KEYS, accessKeyId: "AKIDEXAMPLE" } });
  const home = await startVerifier(t, { answer: redirecting });
  const there = await startRecorder(t);
  const port = new URL(there.url).port;
  for (const to of [there.url, `http://localhost:${port}`, `https://127.0.0.1:${port}`]) {
    await signer.fetch(from(home.url, 302, to)).catch(() => {});
  }
  t.is(there.received.length, 3);
  t.false(there.received.join("").includes("AKIDEXAMPLE"));
  t.false(there.received.join("").toLowerCase().includes("x-amz"));
});

test("chains end where those of the platform end", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: SESSION_KEYS });
  const verifier = await startVerifier(t, {
    answer: ({ target }) => ({ status: 302, headers: { location: `/${Number(target.slice(1)) + 1}` } }),
  });
  const error = await t.throwsAsync(signer.fetch(`${verifier.url}/0`), {
    instanceOf: TypeError,
    message: "fetch failed",
  });
  t.is((error as { cause?: Error }).cause?.message, "redirect count exceeded");
  t.is(verifier.arrived.length, 21);
  const theirs = await t.throwsAsync(fetch(`${verifier.url}/0`), { instanceOf: TypeError });
  t.is((error as { cause?: Error }).cause?.message, (theirs as { cause?: Error }).cause?.message);
});

test("redirect: manual gives the redirect, and redirect: error rejects", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: SESSION_KEYS });
  const { url, arrived } = await startVerifier(t, { answer: redirecting });
  const manual = await signer.fetch(from(url, 302, "to"), { redirect: "manual" });
  t.is(manual.status, 302);
  t.is(manual.headers.get("location"), "to");
  t.false(manual.redirected);
  t.is((await signer.fetch(new Request(from(url, 302, "to"), { redirect: "manual" }))).status, 302);
  await t.throwsAsync(signer.fetch(from(url, 302, "to"), { redirect: "error" }), { instanceOf: TypeError });
  t.is(arrived.length, 3);
});

test("locations that cannot be followed", async (t) => {
  const signer = new HttpSigner({ ...options, credentials: SESSION_KEYS });
  const answers = { headers: {} as Record<string, string> };
  const { url } = await startVerifier(t, { answer: () => ({ status: 302, headers: answers.headers }) });
  t.is((await signer.fetch(url)).status, 302);
  for (const location of ["http://", "ftp://127.0.0.1/", "http://user:password@127.0.0.1:1/"]) {
    answers.headers = { location };
    const error = await t.throwsAsync(signer.fetch(url), { instanceOf: TypeError });
    t.false(String(error?.message).includes("password"));
  }
});

test("a stream that was not read cannot follow a redirect that keeps its body", async (t) => {
  const signer = new HttpSigner({ ...options, service: "s3", credentials: SESSION_KEYS, payload: "unsigned" });
  const { url, arrived } = await startVerifier(t, { answer: redirecting, service: "s3" });
  const init = () => ({ method: "POST", body: new Blob(["abc"]).stream() });
  await t.throwsAsync(signer.fetch(from(url, 307, "to"), init()), { instanceOf: TypeError });
  t.is((await signer.fetch(from(url, 303, "to"), init())).status, 403);
  t.deepEqual(
    arrived.map(({ method }) => method),
    ["POST", "POST", "GET"],
  );
});

test("a Request follows redirects with its headers and body", async (t) => {
  const { session } = rotatingSession();
  const signer = new HttpSigner({ ...options, credentials: session });
  const { url, arrived } = await startVerifier(t, { answer: redirecting });
  const request = new Request(from(url, 308, "to"), { method: "PUT", body: "abc", headers: { "x-a": "1" } });
  t.is(await (await signer.fetch(request)).text(), "AKID1");
  t.like(arrived[1], { method: "PUT", target: "/to", verdict: "AKID1" });
  t.is(arrived[1]?.headers["x-a"], "1");
  t.is(arrived[1]?.body.toString(), "abc");
});
