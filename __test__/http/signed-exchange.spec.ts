/** One request and its attempts: what is learned from answers, and how often a request is sent again. */
import test from "ava";
import { SignedExchange } from "../../dist/http/signed-exchange.js";
import { open, START } from "../refresh/counting-source.js";

type Signing = ConstructorParameters<typeof SignedExchange>[0];
const REQUEST = { method: "GET", url: "https://api.example.com/orders", headers: [] };
const EXPIRED = '{"__type":"ExpiredTokenException"}';

function opened(url = REQUEST.url) {
  const { credentials, source, time } = open();
  const dates: (Date | undefined)[] = [];
  const signing: Signing = {
    credentials,
    replaces: new Set(),
    bufferLimit: 0,
    streamsUnsigned: false,
    clock: time.clock,
    headersFor: async (_, signingDate) => {
      dates.push(signingDate);
      return { authorization: `AWS4-HMAC-SHA256 Credential=${credentials.frozen.accessKeyId}/20300101/x` };
    },
  };
  const request = { ...REQUEST, url };
  const exchange = (signal?: AbortSignal) => new SignedExchange(signing, signal);
  return { credentials, source, time, dates, request, exchange };
}

const answer = (statusCode: number, body = "", headers: Record<string, string> = {}) => ({
  statusCode,
  header: (name: string) => headers[name],
  text: () => body,
});

test("an answer that is no refusal is not read", async (t) => {
  const { exchange, request } = opened();
  const one = exchange();
  await one.sign(request);
  for (const statusCode of [200, 204, 302, 404, 429, 500, 503]) {
    const text = () => t.fail(`status ${statusCode} was read`);
    t.false(await one.shouldRepeat({ ...answer(statusCode), text: text as never }));
  }
});

test("credentials that are refused are renewed, and the request is signed by the new ones, once", async (t) => {
  const { exchange, request, source } = opened();
  const one = exchange();
  t.regex((await one.sign(request)).authorization ?? "", /AKID1/);
  t.true(await one.shouldRepeat(answer(403, EXPIRED)));
  t.regex((await one.sign(request)).authorization ?? "", /AKID2/);
  t.false(await one.shouldRepeat(answer(403, EXPIRED)));
  t.is(source.calls, 2);
});

test("missing rights and wrong signatures are no reason to ask again", async (t) => {
  const { exchange, request, source } = opened();
  const one = exchange();
  await one.sign(request);
  for (const body of ['{"Message":"not authorized"}', '{"__type":"InvalidSignatureException"}', ""]) {
    t.false(await one.shouldRepeat(answer(403, body)));
  }
  t.is(source.calls, 1);
});

test("a host an hour ahead is signed for by its own clock, at once by every later request", async (t) => {
  const { exchange, request, dates, time } = opened("https://skewed.example.com/");
  const one = exchange();
  await one.sign(request);
  const date = new Date(time.now + 3_600_000).toUTCString();
  t.true(await one.shouldRepeat(answer(403, '{"__type":"RequestTimeTooSkewed"}', { date })));
  await one.sign(request);
  t.false(await one.shouldRepeat(answer(403, '{"__type":"RequestTimeTooSkewed"}', { date })));
  await exchange().sign(request);
  await exchange().sign({ ...request, url: "https://other.example.com/" });
  const ahead = new Date(START + 3_600_500);
  t.deepEqual(dates, [undefined, ahead, ahead, undefined]);
});

test("a signal ends the wait for credentials", async (t) => {
  const { exchange, request, source } = opened();
  source.pendNext();
  const controller = new AbortController();
  const signed = exchange(controller.signal).sign(request);
  controller.abort(new Error("left"));
  await t.throwsAsync(signed, { message: "left" });
});
