/** Tests of the strategy of method "custom". */
import vm from "node:vm";
import test from "ava";
import { BRSCredentialError } from "aws-refresh-session";
import { CustomStrategy } from "../../dist/strategies/custom.js";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const answer = { access_key: "AKID", secret_key: "secret", token: "token", expiry_time: "2030-01-01T01:00:00Z" };

const open = (callable: (...args: never[]) => unknown, args: object = {}) =>
  new CustomStrategy(callable as never, args, () => NOW);
const refresh = (callable: (...args: never[]) => unknown) =>
  open(callable).refresh({ signal: new AbortController().signal });

test("calls a plain function", async (t) => {
  t.is((await refresh(() => answer)).accessKeyId, "AKID");
});

test("awaits an async function and a foreign thenable", async (t) => {
  t.is((await refresh(async () => answer)).accessKeyId, "AKID");
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested.
  t.is((await refresh(() => ({ then: (resolve: (value: unknown) => void) => resolve(answer) }))).accessKeyId, "AKID");
});

test("passes the very object of arguments, and the signal of the refresh", async (t) => {
  const args = { role: "reports" };
  const { signal } = new AbortController();
  const seen: unknown[] = [];
  const strategy = open((...given: unknown[]) => {
    seen.push(...given);
    return answer;
  }, args);
  await strategy.refresh({ signal });
  t.is(seen.length, 2);
  t.is(seen[0], args);
  t.is((seen[1] as { signal: AbortSignal }).signal, signal);
});

test("an error of the function reaches the caller as it is", async (t) => {
  class VaultError extends Error {
    readonly status = 503;
  }
  const error = new VaultError("sealed");
  const thrown = () => {
    throw error;
  };
  t.is(await t.throwsAsync(refresh(thrown)), error);
  t.is(await t.throwsAsync(refresh(() => Promise.reject(error))), error);
});

test("an error of another realm reaches the caller as it is", async (t) => {
  const error: unknown = vm.runInNewContext("new TypeError('elsewhere')");
  t.false(error instanceof Error);
  try {
    await refresh(() => Promise.reject(error));
    t.fail();
  } catch (caught) {
    t.is(caught, error);
  }
});

test("anything else thrown becomes the cause of a BRSCredentialError", async (t) => {
  const error = await t.throwsAsync(
    refresh(() => Promise.reject("no way")),
    { instanceOf: BRSCredentialError },
  );
  t.is(error?.cause, "no way");
  t.notRegex(error?.message ?? "", /no way/);
});

test("a wrong answer is blamed on the option", async (t) => {
  await t.throwsAsync(
    refresh(() => null),
    { instanceOf: BRSCredentialError, message: /^customCredentialsMethod answered null/ },
  );
});

test("a coroutine that answers an ended set is refused by the clock of the session", async (t) => {
  await t.throwsAsync(
    refresh(async () => ({ ...answer, expiry_time: new Date(NOW) })),
    { instanceOf: BRSCredentialError, message: /ended at 2030-01-01T00:00:00.000Z/ },
  );
});

test("its identity is the name of the function, without a call", async (t) => {
  function fromVault() {
    t.fail("called");
  }
  t.deepEqual(await open(fromVault).getIdentity(), { method: "custom", source: "fromVault" });
  t.deepEqual(await open(() => t.fail("called")).getIdentity(), { method: "custom", source: "anonymous" });
});
