/** Tests of the rules of codes: each is sent once, none is used twice, and who is asked again when. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import test from "ava";
import { BRSConfigurationError, BRSConnectionError, BRSRequestError, BRSValidationError } from "aws-refresh-session";
import { MfaCodes, type MfaParameters } from "../../../dist/strategies/mfa/mfa-codes.js";
import { checkMfaOptions } from "../../../dist/strategies/mfa/options.js";
import type { CodeSource } from "../../../dist/strategies/mfa/provider.js";

let devices = 0;
/** Codes are remembered for the whole process, so each test has a device of its own. */
const newDevice = () => ({ SerialNumber: `GAHT${String(++devices).padStart(8, "0")}` });

const context = (signal = new AbortController().signal) => ({ signal });

/** Codes by a clock that moves when somebody sleeps. */
function codes(source: CodeSource | undefined, start = 1_000_000_007_000) {
  const time = { now: start, sleeps: [] as number[] };
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    time.sleeps.push(ms);
    time.now += ms;
  };
  return { time, mfa: new MfaCodes(source, { now: () => time.now, param: "assumeRole", sleep, random: () => 0.5 }) };
}

/** A provider that gives these codes in turn. */
function giving(...list: string[]): CodeSource & { asked: number } {
  return {
    prompts: true,
    period: 30,
    asked: 0,
    async ask() {
      return list[this.asked++] ?? list.at(-1) ?? "";
    },
  };
}

const failure = (statusCode: number, awsCode: string, retryable: boolean) =>
  new BRSRequestError(awsCode, { statusCode, details: { awsCode }, retryable });

test("puts the code among the parameters, and leaves those given as they are", async (t) => {
  const { mfa } = codes(giving("123456"));
  const parameters = Object.freeze({ ...newDevice(), TokenCode: "000000", DurationSeconds: 900 });
  const sent = await mfa.send(parameters, context(), async (with_) => with_);
  t.deepEqual(sent, { ...parameters, TokenCode: "123456" });
});

test("asks nobody and changes nothing where there is no MFA", async (t) => {
  const { mfa } = codes(undefined);
  const parameters: MfaParameters = {};
  t.is(await mfa.send(parameters, context(), async (same) => same), parameters);
  t.false(mfa.prompts({}));
  t.is(mfa.patience, 0);
});

test("the function gets its arguments, the device and the signal", async (t) => {
  const args = { phone: "jane's" };
  const calls: unknown[][] = [];
  const given = {
    mfaTokenProvider: (...call: unknown[]) => {
      calls.push(call);
      return "123456";
    },
    mfaTokenProviderArgs: args,
  };
  const device = newDevice();
  const mfa = checkMfaOptions(given, { parameters: device, now: Date.now, param: "assumeRole" });
  const { signal } = new AbortController();
  await mfa.next(device, { signal });
  t.is(calls[0]?.[0], args);
  t.deepEqual(calls[0]?.[1], { serialNumber: device.SerialNumber, signal });
  t.is((calls[0]?.[1] as { signal: unknown } | undefined)?.signal, signal);
});

for (const wrong of [undefined, null, "", "12345", "1234567", "12345x", "123456\n", " 123456", 123_456, "١٢٣٤٥٦", {}]) {
  test(`a function that gives ${inspect(wrong)} is a typed error, and nothing is sent`, async (t) => {
    const device = newDevice();
    for (const mfaTokenProvider of [() => wrong, async () => wrong]) {
      const mfa = checkMfaOptions({ mfaTokenProvider }, { parameters: device, now: Date.now, param: "assumeRole" });
      const send = mfa.send(device, context(), async () => t.fail());
      const error = await t.throwsAsync(send, { instanceOf: BRSValidationError });
      t.is(error?.param, "mfaTokenProvider");
      t.true(error?.retryable);
      t.notRegex(inspect(error), /12345|١٢/);
    }
  });
}

test("what the function throws reaches the caller as it is", async (t) => {
  const device = newDevice();
  const cancelled = new TypeError("cancelled");
  for (const mfaTokenProvider of [
    () => {
      throw cancelled;
    },
    () => Promise.reject(cancelled),
  ]) {
    const mfa = checkMfaOptions({ mfaTokenProvider }, { parameters: device, now: Date.now, param: "assumeRole" });
    t.is(await t.throwsAsync(mfa.send(device, context(), async () => t.fail())), cancelled);
  }
});

for (const [what, error] of [
  ["an error of the service", failure(500, "InternalFailure", true)],
  ["throttling", failure(400, "Throttling", true)],
  ["no answer", new BRSConnectionError("closed", { retryable: true })],
  ["an answer that cannot be read", new BRSRequestError("garbage", { statusCode: 200, retryable: true })],
  ["a clock that was wrong", failure(403, "SignatureDoesNotMatch", true)],
] as const) {
  test(`after ${what} the provider is asked again, and each code is sent once`, async (t) => {
    const source = giving("111111", "222222", "333333", "444444");
    const { mfa } = codes(source);
    const sent: unknown[] = [];
    const given = await mfa.send(newDevice(), context(), async ({ TokenCode }: MfaParameters) => {
      sent.push(TokenCode);
      if (sent.length === 1) throw error;
      return "done";
    });
    t.is(given, "done");
    t.deepEqual(sent, ["111111", "222222"]);
  });
}

test("three codes are sent at most", async (t) => {
  const source = giving("111111", "222222", "333333", "444444");
  const { mfa } = codes(source);
  const error = failure(503, "ServiceUnavailable", true);
  let sent = 0;
  const send = mfa.send(newDevice(), context(), async () => {
    sent++;
    throw error;
  });
  t.is(await t.throwsAsync(send), error);
  t.is(sent, 3);
  t.is(source.asked, 3);
});

test("a refusal is final", async (t) => {
  const source = giving("111111", "222222");
  const { mfa } = codes(source);
  const error = failure(403, "AccessDenied", false);
  t.is(await t.throwsAsync(mfa.send(newDevice(), context(), () => Promise.reject(error))), error);
  t.is(source.asked, 1);
});

test("a code that was used is not sent: the next step of the device is awaited", async (t) => {
  const device = newDevice();
  await codes(giving("111111")).mfa.next(device, context());
  const source = giving("111111", "222222");
  const { mfa, time } = codes(source);
  t.is(await mfa.next(device, context()), "222222");
  // The clock stands at 17 s of the step of 30.
  t.deepEqual(time.sleeps, [13_050]);
});

test("a provider that gives the used code three times is refused", async (t) => {
  const source = giving("111111");
  const { mfa, time } = codes(source);
  const device = newDevice();
  await mfa.next(device, context());
  const error = await t.throwsAsync(mfa.next(device, context()), { instanceOf: BRSConfigurationError });
  t.is(error?.param, "mfaTokenProvider");
  t.notRegex(inspect(error), /111111/);
  t.is(source.asked, 4);
  t.is(time.sleeps.length, 2);
});

test("codes are remembered by device, and for 90 seconds", async (t) => {
  const device = newDevice();
  const at = (now: number) => codes(giving("111111", "999999"), now);
  const start = 1_000_000_000_000;
  t.is(await at(start).mfa.next(device, context()), "111111");
  t.is(await at(start).mfa.next(newDevice(), context()), "111111");
  t.is(await at(start + 89_999).mfa.next(device, context()), "999999");
  const later = newDevice();
  await at(start).mfa.next(later, context());
  t.is(await at(start + 90_000).mfa.next(later, context()), "111111");
});

test("a clock that was set back does not lock codes out", async (t) => {
  const device = newDevice();
  await codes(giving("111111"), 2_000_000_000_000).mfa.next(device, context());
  t.is(await codes(giving("111111"), 1_000_000_000_000).mfa.next(device, context()), "111111");
});

test("TOTP waits for its next step before it is sent again, and asks nobody", async (t) => {
  const device = newDevice();
  const time = { now: 1_000_000_007_000, sleeps: [] as number[] };
  const mfa = checkMfaOptions(
    { mfaTokenProvider: { totp: { secret: "JBSWY3DPEHPK3PXP" } } },
    {
      parameters: device,
      param: "assumeRole",
      now: () => time.now,
      random: () => 0,
      sleep: async (ms) => {
        time.sleeps.push(ms);
        time.now += ms;
      },
    },
  );
  const sent: Array<[code: unknown, step: number]> = [];
  const send = async ({ TokenCode }: MfaParameters) => {
    sent.push([TokenCode, Math.floor(time.now / 30_000)]);
    if (sent.length < 3) throw failure(500, "InternalFailure", true);
  };
  await mfa.send(device, context(), send);
  await mfa.send(device, context(), send);
  t.is(new Set(sent.map(([code]) => code)).size, 4);
  const first = sent[0]?.[1] ?? 0;
  t.deepEqual(
    sent.map(([, step]) => step - first),
    [0, 1, 2, 3],
  );
  t.false(mfa.prompts(device));
});

test("a fixed code serves one call, whatever becomes of it", async (t) => {
  const { mfa } = codes(undefined);
  const parameters = { ...newDevice(), TokenCode: "123456" };
  const error = failure(500, "InternalFailure", true);
  t.is(await t.throwsAsync(mfa.send(parameters, context(), () => Promise.reject(error))), error);
  const again = await t.throwsAsync(
    mfa.send(parameters, context(), async () => t.fail()),
    {
      instanceOf: BRSConfigurationError,
    },
  );
  t.is(again?.param, "assumeRole.TokenCode");
  t.regex(again?.message ?? "", /mfaTokenProvider/);
  t.false(again?.retryable);
  t.notRegex(inspect(again), /123456/);
  t.true(mfa.prompts(parameters));
});

test("a fixed code is not sent by a second session, and not much later by the same", async (t) => {
  const parameters = { ...newDevice(), TokenCode: "123456" };
  const { mfa, time } = codes(undefined);
  await mfa.send(parameters, context(), async () => {});
  const other = codes(undefined).mfa.send(parameters, context(), async () => t.fail());
  await t.throwsAsync(other, { instanceOf: BRSConfigurationError });
  time.now += 86_400_000;
  await t.throwsAsync(
    mfa.send(parameters, context(), async () => t.fail()),
    { instanceOf: BRSConfigurationError },
  );
  t.is(await mfa.send({ ...parameters, TokenCode: "654321" }, context(), async () => "done"), "done");
});

test("an abort ends the wait for a provider that does not listen", async (t) => {
  const deaf: CodeSource = { prompts: true, period: 30, ask: () => new Promise(() => {}) };
  const controller = new AbortController();
  const waiting = codes(deaf).mfa.next(newDevice(), context(controller.signal));
  controller.abort(new Error("enough"));
  await t.throwsAsync(waiting, { message: "enough" });
});

test("a provider that fails after the abort is no unhandled rejection", async (t) => {
  const controller = new AbortController();
  let fail = (_error: Error) => {};
  const slow: CodeSource = { prompts: true, period: 30, ask: () => new Promise((_, reject) => (fail = reject)) };
  const waiting = codes(slow).mfa.next(newDevice(), context(controller.signal));
  controller.abort(new Error("enough"));
  await t.throwsAsync(waiting, { message: "enough" });
  fail(new Error("late"));
  await new Promise((resolve) => setImmediate(resolve));
  t.pass();
});

test("an abort ends the wait for the next step", async (t) => {
  const device = newDevice();
  const controller = new AbortController();
  const mfa = new MfaCodes(giving("111111"), { now: () => 1_000_000_000_000, param: "assumeRole" });
  await mfa.next(device, context());
  const waiting = mfa.next(device, context(controller.signal));
  setImmediate(() => controller.abort(new Error("enough")));
  await t.throwsAsync(waiting, { message: "enough" });
});

test("the wait for codes is part of how long a refresh may take", (t) => {
  const parameters = newDevice();
  const of = (given: object) => checkMfaOptions(given as never, { parameters, now: Date.now, param: "x" }).patience;
  t.is(of({ mfaTokenProvider: () => "123456" }), 270);
  t.is(of({ mfaTokenProvider: "pass aws" }), 270);
  t.is(of({ mfaTokenProvider: "pass aws", mfaTokenProviderArgs: { timeout: 600 } }), 600);
});

test("a code that one thread sent is not sent by another", async (t) => {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { takeCode } = require(workerData);
    parentPort.postMessage(takeCode("GAHT-THREADS", "123456", 1_000));
  `;
  const module = fileURLToPath(new URL("../../../dist/strategies/mfa/used-codes.js", import.meta.url));
  const taken: boolean[] = [];
  for (let thread = 0; thread < 3; thread++) {
    const worker = new Worker(script, { eval: true, execArgv: [], workerData: module });
    taken.push((await once(worker, "message"))[0]);
    await worker.terminate();
  }
  t.deepEqual(taken, [true, false, false]);
});
