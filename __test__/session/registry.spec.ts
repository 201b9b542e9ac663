/** Tests of the registry of methods; ava runs each file in a process of its own, so what is registered stays here. */
import test from "ava";
import {
  BRSConfigurationError,
  BRSValidationError,
  RefreshableSession,
  type RefreshStrategy,
  STSRefreshableSession,
} from "aws-refresh-session";

const strategy = (method: string, accessKeyId = "AKID"): RefreshStrategy => ({
  method,
  refresh: async () => ({
    accessKeyId,
    secretAccessKey: "secret",
    expiration: new Date("2100-01-01T00:00:00Z"),
  }),
});

const BUILT_IN = [
  "chain",
  "cognito",
  "custom",
  "federation-token",
  "iot",
  "saml",
  "session-token",
  "sts",
  "web-identity",
];

test.serial("the package brings its methods", (t) => {
  t.deepEqual(RefreshableSession.getAvailableMethods(), BUILT_IN);
});

test.serial("a registered method is opened like the others", async (t) => {
  const given: unknown[] = [];
  RefreshableSession.register("vault", (options) => {
    given.push(options);
    return strategy("vault", String(options.mount));
  });
  t.deepEqual(RefreshableSession.getAvailableMethods(), [...BUILT_IN, "vault"].sort());
  const session = new RefreshableSession({ method: "vault", mount: "aws", advisoryTimeout: 700 });
  t.true(session instanceof RefreshableSession);
  t.is(session.refreshMethod, "vault");
  t.is(session.advisoryTimeout, 700);
  t.is((await session.refreshableCredentials()).accessKeyId, "aws");
  t.deepEqual(given, [{ method: "vault", mount: "aws", advisoryTimeout: 700 }]);
  t.is(session.getCredentials().method, "vault");
});

test.serial("the common options of a registered method are checked", (t) => {
  RefreshableSession.register("checked", () => strategy("checked"));
  t.throws(() => new RefreshableSession({ method: "checked", advisoryTimeout: -1 }), {
    instanceOf: BRSValidationError,
    message: /^advisoryTimeout /,
  });
});

test.serial("its identity is that of the strategy", async (t) => {
  RefreshableSession.register("named", () => ({
    ...strategy("named"),
    getIdentity: async () => ({ method: "named", source: "here" }),
  }));
  const session = new RefreshableSession({ method: "named" });
  t.deepEqual(await session.whoami(), { method: "named", source: "here" });
});

test.serial("close() closes the strategy, once", (t) => {
  let closed = 0;
  RefreshableSession.register("closing", () => ({ ...strategy("closing"), close: () => void closed++ }));
  const session = new RefreshableSession({ method: "closing" });
  session.close();
  session.close();
  t.is(closed, 1);
});

test.serial("a taken name throws unless it is to be replaced", (t) => {
  RefreshableSession.register("twice", () => strategy("twice", "first"));
  const error = t.throws(() => RefreshableSession.register("twice", () => strategy("twice")), {
    instanceOf: BRSConfigurationError,
  });
  t.is(error?.param, "method");
  t.regex(error?.message ?? "", /"twice" exists already.*replace: true/);
  t.throws(() => RefreshableSession.register("sts", () => strategy("sts")), { instanceOf: BRSConfigurationError });
  t.throws(() => RefreshableSession.register("twice", () => strategy("twice"), { replace: false }), {
    instanceOf: BRSConfigurationError,
  });
  t.notThrows(() => RefreshableSession.register("twice", () => strategy("twice"), { replace: true }));
});

test.serial("bad arguments are refused at once", (t) => {
  const register = RefreshableSession.register as (...args: unknown[]) => void;
  for (const [param, ...args] of [
    ["method", "", () => {}],
    ["method", 7, () => {}],
    ["method", undefined, () => {}],
    ["strategyFactory", "a", {}],
    ["strategyFactory", "a"],
    ["options", "a", () => {}, true],
    ["options.overwrite", "a", () => {}, { overwrite: true }],
    ["options.replace", "a", () => {}, { replace: "yes" }],
  ] as Array<[string, ...unknown[]]>) {
    const error = t.throws(() => register(...args), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
  }
  t.false(RefreshableSession.getAvailableMethods().includes("a"));
});

test.serial("a factory that makes no strategy is blamed when a session is opened", (t) => {
  for (const made of [undefined, null, {}, Promise.resolve(strategy("late")), () => {}]) {
    RefreshableSession.register("broken", () => made as never, { replace: true });
    t.throws(() => new RefreshableSession({ method: "broken" }), {
      instanceOf: BRSConfigurationError,
      message: /^the strategy factory of method "broken" must return an object with a refresh function/,
    });
  }
});

test.serial("an error of the factory leaves the constructor as it is", (t) => {
  const error = new Error("mount is missing");
  RefreshableSession.register(
    "throwing",
    () => {
      throw error;
    },
    { replace: true },
  );
  t.is(
    t.throws(() => new RefreshableSession({ method: "throwing" })),
    error,
  );
});

test.serial("the built-in classes stay what they are when their method is replaced", (t) => {
  const assumeRole = { RoleArn: "arn:aws:iam::123456789012:role/reports" };
  RefreshableSession.register("sts", () => strategy("mine"), { replace: true });
  t.is(new RefreshableSession({ assumeRole }).refreshMethod, "mine");
  t.is(new STSRefreshableSession({ assumeRole }).refreshMethod, "sts-assume-role");
});
