/** Readers get whole triples only: the old one or the new one, and never what a source got wrong. */
import { inspect } from "node:util";
import test from "ava";
import { BRSCredentialError, CredentialsNotReadyError, type TemporaryCredentials } from "aws-refresh-session";
import { fifty, frozenOutcome, HOUR, heard, open, openHeld, outcome, START, triple, turn } from "./counting-source.js";

test("readers during refreshes see one triple or the other, never a mix", async (t) => {
  const { credentials, source, time } = open({ lifetime: 40, advisoryTimeout: 20, mandatoryTimeout: 10 });
  let reads = 0;
  let mixed = 0;
  const seen = new Set<number>();
  const look = ({ accessKeyId, secretAccessKey, sessionToken, accountId, expiration }: TemporaryCredentials) => {
    const n = Number(accessKeyId.slice(4));
    const parts = [secretAccessKey, sessionToken, Number(accountId)];
    reads++;
    seen.add(n);
    if (parts[0] !== `secret${n}` || parts[1] !== `token${n}` || parts[2] !== n) mixed++;
    if (expiration === undefined) mixed++;
    // The end that is told apart belongs to the triple that is told apart.
    if (accessKeyId === credentials.frozen.accessKeyId && credentials.expiration?.getTime() !== expiration?.getTime())
      mixed++;
  };
  const reader = async (id: number) => {
    for (let round = 0; round < 60; round++) {
      look(await credentials.getFrozenCredentials());
      if (!credentials.refreshNeeded()) look(credentials.frozen);
      if ((id + round) % 7 === 0) look(await credentials.refresh({ force: true }));
      if (id === 0) time.advance(5);
      await turn();
    }
  };
  await Promise.all(fifty(reader));
  t.is(mixed, 0);
  t.true(reads > 50 * 60, `${reads} reads`);
  t.true(seen.size > 10 && source.calls >= seen.size, `${seen.size} triples of ${source.calls}`);
});

test("what a strategy does to its answer afterwards changes nothing", async (t) => {
  const { credentials, source } = open();
  const answer = triple(1, START + HOUR * 1000);
  source.answerNext(() => answer);
  await credentials.getFrozenCredentials();
  answer.secretAccessKey = "another";
  answer.expiration.setTime(START);
  t.is(credentials.frozen.secretAccessKey, "secret1");
  t.is(credentials.expiration?.getTime(), START + HOUR * 1000);
  t.is(credentials.frozen.expiration?.getTime(), START + HOUR * 1000);
  t.false(credentials.refreshNeeded());
});

const malformed: ReadonlyArray<
  readonly [what: string, change: (due: TemporaryCredentials) => unknown, param?: string]
> = [
  ["undefined", () => undefined, "credentials"],
  ["null", () => null, "credentials"],
  ["a number", () => 42, "credentials"],
  ["text", () => "AKIDTEXT:a-secret-in-text", "credentials"],
  ["an empty object", () => ({}), "accessKeyId"],
  ["a list", () => [], "accessKeyId"],
  ["no key id", ({ accessKeyId: _, ...rest }) => rest, "accessKeyId"],
  ["an empty key id", (due) => ({ ...due, accessKeyId: "" }), "accessKeyId"],
  ["a key id that is no text", (due) => ({ ...due, accessKeyId: 7 }), "accessKeyId"],
  ["no secret", ({ secretAccessKey: _, ...rest }) => rest, "secretAccessKey"],
  ["an empty secret", (due) => ({ ...due, secretAccessKey: "" }), "secretAccessKey"],
  ["a secret that is no text", (due) => ({ ...due, secretAccessKey: Buffer.from("secret") }), "secretAccessKey"],
  ["a token that is no text", (due) => ({ ...due, sessionToken: 7 }), "sessionToken"],
  ["an account id that is no text", (due) => ({ ...due, accountId: 123456789012 }), "accountId"],
  ["an expiration as text", (due) => ({ ...due, expiration: "2031-01-01T00:00:00Z" }), "expiration"],
  ["an expiration as a number", (due) => ({ ...due, expiration: START + HOUR * 1000 }), "expiration"],
  ["an expiration of null", (due) => ({ ...due, expiration: null }), "expiration"],
  ["an invalid date", (due) => ({ ...due, expiration: new Date("garbage") }), "expiration"],
  ["an expired set", (due) => ({ ...due, expiration: new Date(START) })],
  ["a key id with a line feed", (due) => ({ ...due, accessKeyId: "AKID\nX" })],
  ["a key id with a slash", (due) => ({ ...due, accessKeyId: "AKID/20300101" })],
  ["a key id with a comma", (due) => ({ ...due, accessKeyId: "AKID, SignedHeaders=host" })],
  ["a token with a line feed", (due) => ({ ...due, sessionToken: "token\r\nx-injected: 1" })],
  ["a token with NUL", (due) => ({ ...due, sessionToken: "token\0" })],
  ["a token that is not ASCII", (due) => ({ ...due, sessionToken: "tökén" })],
];

for (const [what, change, param] of malformed) {
  test(`an answer with ${what} leaves the held triple usable, and is an error where nothing is held`, async (t) => {
    const { credentials, source } = await openHeld(800);
    const told = heard(credentials);
    source.answerNext(change);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    await turn();
    t.is(source.calls, 2);
    t.is(told.length, 1);
    const error = told[0] as BRSCredentialError;
    t.true(error instanceof BRSCredentialError);
    if (param !== undefined) t.is(error.param, param);
    t.true(error.retryable, "the next answer may be right");
    t.notRegex(`${error.message} ${inspect(error)}`, /a-secret|secret2|token2|tökén|x-injected/);
    // Neither part of the new one is anywhere.
    t.deepEqual({ ...credentials.frozen }, triple(1, START + HOUR * 1000));
    t.is(credentials.expiration?.getTime(), START + HOUR * 1000);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);

    const empty = open();
    empty.source.answerNext(change);
    await t.throwsAsync(empty.credentials.getFrozenCredentials(), { instanceOf: BRSCredentialError });
    t.is(empty.credentials.expiration, undefined);
    t.throws(() => empty.credentials.frozen, { instanceOf: CredentialsNotReadyError });
    t.is(await outcome(empty.credentials.getFrozenCredentials()), 2);
  });

  test(`static-stability serves the held triple in spite of an answer with ${what}`, async (t) => {
    const { credentials, source } = await openHeld(-60, { refreshPolicy: "static-stability" });
    source.answerNext(change);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    t.is(frozenOutcome(credentials), 1);
    t.is(source.calls, 2);
  });
}

test("a set that ends at this very moment is expired; one that ends a millisecond later is not", async (t) => {
  const { credentials, source } = open();
  source.answerNext((due) => ({ ...due, expiration: new Date(START) }));
  await t.throwsAsync(credentials.getFrozenCredentials(), { code: "ERR_CREDENTIALS_EXPIRED" });
  source.answerNext((due) => ({ ...due, expiration: new Date(START + 1) }));
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
});

test("a token that is empty or null is none", async (t) => {
  for (const sessionToken of ["", null, undefined]) {
    const { credentials, source } = open();
    source.answerNext((due) => ({ ...due, sessionToken }));
    t.false("sessionToken" in (await credentials.getFrozenCredentials()));
  }
});
