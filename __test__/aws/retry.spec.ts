/** What is tried again, how often, and how long is waited: without a real clock, chance or sleep. */
import test from "ava";
import { backoffCeiling, withRetries } from "../../dist/aws/retry.js";
import { BRSConnectionError, BRSRequestError, BRSValidationError } from "../../dist/errors.js";

const answered = (statusCode: number, awsCode = "Whatever") =>
  new BRSRequestError("no", { statusCode, details: { awsCode } });
const unreachable = () => new BRSConnectionError("no", { retryable: true });

/** Fails with each error in turn, then succeeds; tells how often it was called and what was slept. */
function failing(...errors: Error[]) {
  const slept: number[] = [];
  let calls = 0;
  const options = {
    maxAttempts: 3,
    random: () => 0.5,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  const attempt = async () => {
    const error = errors[calls++];
    if (error !== undefined) throw error;
    return "done";
  };
  return { slept, options, attempt, calls: () => calls };
}

test("two failures that pass are followed by a success, with doubling waits between", async (t) => {
  const { slept, options, attempt, calls } = failing(answered(500), unreachable());
  t.is(await withRetries(options, attempt), "done");
  t.is(calls(), 3);
  t.deepEqual(slept, [50, 100]);
});

test("throttling waits longer than an ordinary failure", async (t) => {
  const { slept, options, attempt } = failing(answered(400, "Throttling"), answered(429));
  await withRetries(options, attempt);
  t.deepEqual(slept, [250, 500]);
});

test("the third failure is what the caller gets", async (t) => {
  const last = answered(503);
  const { options, attempt, calls } = failing(answered(500), answered(502), last, answered(500));
  t.is(await t.throwsAsync(withRetries(options, attempt)), last);
  t.is(calls(), 3);
});

test("the wait never exceeds five seconds, so the whole call is bounded", (t) => {
  t.is(backoffCeiling(answered(500), 30), 5_000);
  t.is(backoffCeiling(answered(429), 30), 5_000);
});

for (const [what, error] of [
  ["403 AccessDenied", answered(403, "AccessDenied")],
  ["400 ValidationError", answered(400, "ValidationError")],
  ["a 200 that cannot be read", new BRSRequestError("no", { statusCode: 200, retryable: true })],
  ["a certificate that is not trusted", new BRSConnectionError("no", { retryable: false })],
  ["a mistake in the arguments", new BRSValidationError("no")],
  ["an error of something else", new TypeError("no")],
] as const) {
  test(`${what} is final at once`, async (t) => {
    const { slept, options, attempt, calls } = failing(error);
    t.is(await t.throwsAsync(withRetries(options, attempt)), error);
    t.is(calls(), 1);
    t.deepEqual(slept, []);
  });
}

for (const code of [
  "Throttling",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "IDPCommunicationError",
]) {
  test(`${code} is worth another attempt although its status is 400`, (t) => {
    t.not(backoffCeiling(answered(400, code), 1), undefined);
  });
}

test("a failure that was mended is tried again at once, one time only", async (t) => {
  const { slept, options, attempt, calls } = failing(answered(403), answered(403));
  const error = await t.throwsAsync(withRetries({ ...options, mended: () => true }, attempt));
  t.is((error as BRSRequestError).statusCode, 403);
  t.is(calls(), 2);
  t.deepEqual(slept, []);
});

test("an abort during the wait ends the call with the signal's reason", async (t) => {
  const abort = new AbortController();
  const reason = new Error("left");
  const { options, attempt, calls } = failing(answered(500));
  const sleep = async (_ms: number, signal?: AbortSignal) => {
    abort.abort(reason);
    signal?.throwIfAborted();
  };
  t.is(await t.throwsAsync(withRetries({ ...options, sleep, signal: abort.signal }, attempt)), reason);
  t.is(calls(), 1);
});

test("a signal that has aborted before sends nothing", async (t) => {
  const { options, attempt, calls } = failing();
  const reason = new Error("left");
  t.is(await t.throwsAsync(withRetries({ ...options, signal: AbortSignal.abort(reason) }, attempt)), reason);
  t.is(calls(), 0);
});
