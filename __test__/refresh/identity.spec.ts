/** Identities as they are handed out: plain data to pass on, that nobody can change and nobody prints by accident. */
import { inspect } from "node:util";
import test from "ava";
import type { TemporaryCredentials } from "aws-refresh-session";
import { frozenIdentity } from "../../dist/refresh/identity.js";

const END = "2030-01-01T01:00:00.000Z";
const source = (): Required<TemporaryCredentials> => ({
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "example-secret",
  sessionToken: "example-token",
  expiration: new Date(END),
  accountId: "123456789012",
});

test("it has the parts of its source, and can be spread", (t) => {
  const identity = frozenIdentity(source());
  t.deepEqual({ ...identity }, source());
  t.deepEqual(Object.assign({}, identity), source());
  t.deepEqual(Object.keys(identity).sort(), Object.keys(source()).sort());
  t.deepEqual(structuredClone({ ...identity }), source());
  const { secretAccessKey, ...rest } = identity;
  t.is(secretAccessKey, "example-secret");
  t.false("secretAccessKey" in rest);
  t.is(Object.getPrototypeOf(identity), Object.prototype);
});

test("it can be turned into JSON and back", (t) => {
  t.deepEqual(JSON.parse(JSON.stringify(frozenIdentity(source()))), { ...source(), expiration: END });
});

test("printing it shows key id and end, never secret or token", (t) => {
  const identity = frozenIdentity(source());
  for (const text of [
    inspect(identity),
    inspect(identity, { depth: 10, showHidden: true, getters: true }),
    inspect({ nested: { deeper: [identity] } }, { depth: 10 }),
    inspect(new Map([["key", identity]]), { depth: 10 }),
    inspect(new Error("with an identity", { cause: identity })),
    inspect(Object.assign(new Error("with an identity"), { identity }), { depth: 10 }),
    String(identity),
    `${identity}`,
  ]) {
    t.notRegex(text, /example-secret|example-token/);
  }
  const text = inspect(identity);
  t.regex(text, /accessKeyId: 'AKIDEXAMPLE'/);
  t.regex(text, /secretAccessKey: '<masked>'/);
  t.regex(text, /sessionToken: '<masked>'/);
  t.regex(text, /expiration: 2030-01-01T01:00:00\.000Z/);
});

test("printing one without token and end does not make them up", (t) => {
  const text = inspect(frozenIdentity({ accessKeyId: "AKID", secretAccessKey: "example-secret" }));
  t.is(text, "{ accessKeyId: 'AKID', secretAccessKey: '<masked>' }");
});

test("nobody can change it", (t) => {
  const identity = frozenIdentity(source());
  t.true(Object.isFrozen(identity));
  for (const name of Object.keys(identity) as Array<keyof TemporaryCredentials>) {
    t.throws(() => Object.assign(identity, { [name]: "another" }), { instanceOf: TypeError });
    t.throws(() => delete identity[name], { instanceOf: TypeError });
  }
  t.throws(() => Object.assign(identity, { more: 1 }), { instanceOf: TypeError });
  t.throws(() => Object.defineProperty(identity, inspect.custom, { value: () => "" }), { instanceOf: TypeError });
});

test("SDK clients can write down in it how they came by it, and nobody else meets that", (t) => {
  const identity: TemporaryCredentials & { readonly $source?: Record<string, string> } = frozenIdentity(source());
  // As they do it, in every version.
  if (identity.$source) identity.$source.CREDENTIALS_CODE = "e";
  t.deepEqual(identity.$source, { CREDENTIALS_CODE: "e" });
  t.deepEqual({ ...identity }, source());
  t.notRegex(inspect(identity, { showHidden: true }), /source/);
});

test("its source can be changed without effect, the date too", (t) => {
  const given = source();
  const identity = frozenIdentity(given);
  given.secretAccessKey = "another";
  given.expiration.setTime(0);
  t.deepEqual({ ...identity }, source());
});

test("absent parts stay absent, and an empty token is none", (t) => {
  for (const sessionToken of [undefined, "", null]) {
    const given = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken } as never;
    t.deepEqual(Object.keys(frozenIdentity(given)), ["accessKeyId", "secretAccessKey"]);
  }
});

test("nothing else of its source comes along", (t) => {
  const given = { ...source(), credentialScope: "x", password: "hidden", toJSON: () => ({}), [Symbol("s")]: 1 };
  const identity = frozenIdentity(given);
  t.deepEqual({ ...identity }, source());
  t.deepEqual(Object.getOwnPropertySymbols(identity), [inspect.custom]);
});

test("a source may be of a class, with getters", (t) => {
  class Credentials {
    get accessKeyId() {
      return "AKIDEXAMPLE";
    }
    get secretAccessKey() {
      return "example-secret";
    }
  }
  t.deepEqual(
    { ...frozenIdentity(new Credentials()) },
    { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example-secret" },
  );
});
