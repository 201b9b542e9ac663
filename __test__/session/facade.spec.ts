/** Tests of the facade: which class a session is of, and how methods are chosen. */
import test from "ava";
import {
  BRSValidationError,
  CustomRefreshableSession,
  RefreshableSession,
  STSRefreshableSession,
} from "aws-refresh-session";

const assumeRole = { RoleArn: "arn:aws:iam::123456789012:role/reports" };
const customCredentialsMethod = () => ({
  access_key: "AKID",
  secret_key: "secret",
  token: "token",
  expiry_time: "2100-01-01T00:00:00Z",
});

test("new RefreshableSession gives the class of the method", (t) => {
  const sts = new RefreshableSession({ method: "sts", assumeRole });
  t.is(Object.getPrototypeOf(sts), STSRefreshableSession.prototype);
  t.true(sts instanceof RefreshableSession);
  const custom = new RefreshableSession({ method: "custom", customCredentialsMethod });
  t.is(Object.getPrototypeOf(custom), CustomRefreshableSession.prototype);
  t.true(custom instanceof RefreshableSession);
  t.false(custom instanceof STSRefreshableSession);
});

test("the method is sts when left out", (t) => {
  t.true(new RefreshableSession({ assumeRole }) instanceof STSRefreshableSession);
  t.true(new RefreshableSession({ method: undefined, assumeRole } as never) instanceof STSRefreshableSession);
});

test("the classes fix their method", (t) => {
  t.is(new STSRefreshableSession({ assumeRole }).refreshMethod, "sts-assume-role");
  t.is(new CustomRefreshableSession({ customCredentialsMethod }).refreshMethod, "custom");
  t.notThrows(() => new CustomRefreshableSession({ method: "custom", customCredentialsMethod }));
  const error = t.throws(() => new STSRefreshableSession({ method: "custom", assumeRole } as never), {
    instanceOf: BRSValidationError,
  });
  t.is(error?.param, "method");
  t.regex(error?.message ?? "", /must be "sts"/);
});

for (const method of ["", "ecs", "STS", 1, null, [], { method: "sts", TokenCode: "654321" }, "__proto__"]) {
  test(`refuses method ${JSON.stringify(method)}`, (t) => {
    const error = t.throws(() => new RefreshableSession({ method, assumeRole } as never), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, "method");
    t.regex(error?.message ?? "", /"custom", .*"sts"/);
    t.notRegex(error?.message ?? "", /654321/);
  });
}

test("a class of a user keeps its own", (t) => {
  class Reports extends STSRefreshableSession {
    constructor() {
      super({ assumeRole });
    }
  }
  const session = new Reports();
  t.is(Object.getPrototypeOf(session), Reports.prototype);
  t.is(session.refreshMethod, "sts-assume-role");
});

test("create resolves with the class of the method once credentials are there", async (t) => {
  const session = await RefreshableSession.create({ method: "custom", customCredentialsMethod });
  t.true(session instanceof CustomRefreshableSession);
  t.is(session.getCredentials().frozen.accessKeyId, "AKID");
  t.true((await CustomRefreshableSession.create({ customCredentialsMethod })) instanceof CustomRefreshableSession);
});

test("create of a class of a user gives that class", async (t) => {
  class Vault extends CustomRefreshableSession {}
  t.true((await Vault.create({ customCredentialsMethod })) instanceof Vault);
});

test("create rejects with the error of the first refresh, and with bad options", async (t) => {
  const error = new Error("sealed");
  const customCredentialsMethod = () => Promise.reject(error);
  t.is(await t.throwsAsync(RefreshableSession.create({ method: "custom", customCredentialsMethod })), error);
  await t.throwsAsync(async () => RefreshableSession.create({ method: "custom" } as never), {
    instanceOf: BRSValidationError,
  });
});

test("create leaves the wait when its signal aborts, and closes the session", async (t) => {
  const leaving = new AbortController();
  const reason = new Error("no longer wanted");
  let refreshSignal: AbortSignal | undefined;
  const creating = RefreshableSession.create(
    {
      method: "custom",
      customCredentialsMethod: (_args, { signal }) => {
        refreshSignal = signal;
        setImmediate(() => leaving.abort(reason));
        return new Promise<never>(() => {});
      },
    },
    { signal: leaving.signal },
  );
  t.is(await t.throwsAsync(creating), reason);
  t.true(refreshSignal?.aborted);
});

test("create does not open anything for a signal that has aborted", async (t) => {
  const reason = new Error("too late");
  const customCredentialsMethod = () => t.fail("called") as never;
  const creating = RefreshableSession.create(
    { method: "custom", customCredentialsMethod },
    { signal: AbortSignal.abort(reason) },
  );
  t.is(await t.throwsAsync(creating), reason);
});
