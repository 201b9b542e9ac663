/** Tests of the guard against replays: once, by the verifier's clock, and never a signature forgotten early. */
import test from "ava";
import { BRSValidationError, ReplayGuard, type VerificationError } from "aws-refresh-session/signing";
import { KEYS, NOW } from "../examples.js";
import { presignedAs, signedAs } from "../reference.js";
import { plain, refusal, verify } from "../refusals.js";

const requestFor = (name: string) => signedAs({ ...plain, target: `/${name}` });
const at = (seconds: number) => ({ clock: () => NOW + seconds * 1000 });

test("of many requests with one signature at the same time one is accepted", async (t) => {
  const replay = new ReplayGuard();
  const getCredentials = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return KEYS;
  };
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, () => verify(requestFor("a"), { replay, getCredentials })),
  );
  t.is(answers.filter(({ status }) => status === "fulfilled").length, 1);
  for (const answer of answers) {
    if (answer.status !== "rejected") continue;
    t.is((answer.reason as VerificationError).code, "AccessDenied");
    t.deepEqual((answer.reason as VerificationError).details, { reason: "replay" });
  }
});

test("two that send the same in the same second are both accepted", async (t) => {
  const replay = new ReplayGuard();
  for (const accessKeyId of ["AKONE", "AKTWO"]) {
    t.is((await verify(signedAs(plain, { accessKeyId }), { replay })).accessKeyId, accessKeyId);
  }
  t.is(replay.size, 2);
});

test("a request that was refused does not use its signature up", async (t) => {
  const replay = new ReplayGuard();
  const other = { getCredentials: () => ({ secretAccessKey: "other" }), replay };
  await t.throwsAsync(verify(requestFor("a"), other), refusal("SignatureDoesNotMatch"));
  const ended = { getCredentials: () => ({ ...KEYS, expiration: new Date(0) }), replay };
  await t.throwsAsync(verify(requestFor("a"), ended), refusal("ExpiredToken"));
  t.is(replay.size, 0);
  t.is((await verify(requestFor("a"), { replay })).payload, "verified");
});

test("a signature is held to the last millisecond of its validity, and no longer", async (t) => {
  const replay = new ReplayGuard();
  await verify(requestFor("a"), { replay });
  await t.throwsAsync(verify(requestFor("a"), { replay, ...at(900) }), refusal("AccessDenied"));
  await t.throwsAsync(verify(requestFor("a"), { replay, ...at(900.001) }), refusal("RequestTimeTooSkewed"));
  const later = signedAs(plain, { date: "20150830T125101Z" });
  await verify(later, { replay, ...at(901) });
  t.is(replay.size, 1);
});

test("a presigned URL is held to its end", async (t) => {
  const replay = new ReplayGuard();
  const url = presignedAs(plain);
  await verify(url, { replay });
  await t.throwsAsync(verify(url, { replay, ...at(3599) }), refusal("AccessDenied"));
  t.is(replay.size, 1);
});

test("a guard that is full refuses until something ends", async (t) => {
  const replay = new ReplayGuard({ maxEntries: 2 });
  await verify(requestFor("a"), { replay });
  await verify(requestFor("b"), { replay });
  const error = await t.throwsAsync(verify(requestFor("c"), { replay }), refusal("ServiceUnavailable"));
  t.true((error as VerificationError).retryable);
  await t.throwsAsync(verify(requestFor("a"), { replay }), refusal("AccessDenied"));
  const later = signedAs(plain, { date: "20150830T125101Z" });
  t.is((await verify(later, { replay, ...at(901) })).payload, "verified");
});

test("a clock that goes back brings no signature back", async (t) => {
  const replay = new ReplayGuard();
  await verify(requestFor("a"), { replay });
  await verify(signedAs(plain, { date: "20150830T125101Z" }), { replay, ...at(901) });
  t.is(replay.size, 1);
  await t.throwsAsync(verify(requestFor("a"), { replay }), refusal("AccessDenied"));
});

test("options are checked by name", (t) => {
  for (const maxEntries of [0, -1, 1.5, Number.NaN, 2 ** 32, "1", null]) {
    t.throws(() => new ReplayGuard({ maxEntries } as never), { instanceOf: BRSValidationError });
  }
  t.throws(() => new ReplayGuard({ max: 1 } as never), { instanceOf: BRSValidationError, message: /"max"/ });
});

test("verifiers that accept signatures for different times do not share a guard", async (t) => {
  const replay = new ReplayGuard();
  await verify(requestFor("a"), { replay, maxSkew: 60 });
  // With the next request the guard forgets the first, which another verifier would still accept.
  await verify(signedAs({ ...plain, target: "/b" }, { date: "20150830T123800Z" }), { replay, maxSkew: 60, ...at(120) });
  t.is(replay.size, 1);
  for (const change of [{}, { maxSkew: 900 }, { maxSkew: 30 }]) {
    await t.throwsAsync(verify(requestFor("a"), { replay, ...change, ...at(120) }), {
      instanceOf: BRSValidationError,
      message: /"maxSkew" must be 60 .* found (?:900|30)/,
    });
  }
});
