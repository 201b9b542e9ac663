/** The typed events by themselves: who is told, in which order, and that a listener can break nothing. */
import test from "ava";
import { BRSValidationError } from "aws-refresh-session";
import { AwsRequest, RequestSigner } from "aws-refresh-session/signing";
import { SessionEvents } from "../../dist/refresh/events.js";
import { warningsDuring } from "../support/warnings.js";
import { turn } from "./counting-source.js";

const error = new Error("out of order");
const tell = (events: SessionEvents) => events.emit("refreshError", { error });

/** A listener that writes its name down. */
function recorder() {
  const told: string[] = [];
  return { told, named: (name: string) => () => void told.push(name) };
}

test("listeners are called at once, in the order in which they were added", (t) => {
  const events = new SessionEvents();
  const { told, named } = recorder();
  for (const name of ["one", "two", "three"]) events.on("refreshError", named(name));
  tell(events);
  t.deepEqual(told, ["one", "two", "three"]);
});

test("a listener gets the event, and only of the name it asked for", (t) => {
  const events = new SessionEvents();
  const got: unknown[] = [];
  events.on("refreshError", (event) => got.push(event));
  const expiration = new Date(0);
  events.emit("expired", { expiration });
  events.emit("refresh", { credentials: { accessKeyId: "AKID", secretAccessKey: "secret" } });
  t.deepEqual(got, []);
  const event = { error };
  events.emit("refreshError", event);
  t.is(got[0], event);
});

test("an event without listeners is nothing", (t) => {
  t.notThrows(() => tell(new SessionEvents()));
  t.notThrows(() => new SessionEvents().off("expired", () => {}));
});

test("once is told once, also when it is told again from within", (t) => {
  const events = new SessionEvents();
  let calls = 0;
  events.once("refreshError", () => {
    calls++;
    tell(events);
  });
  tell(events);
  tell(events);
  t.is(calls, 1);
});

test("a listener is removed by off, and by the function that adding it returned", (t) => {
  const events = new SessionEvents();
  const { told, named } = recorder();
  const on = named("on");
  const once = named("once");
  events.on("refreshError", on);
  events.once("refreshError", once);
  events.off("refreshError", on);
  events.off("refreshError", once);
  events.on("refreshError", on)();
  const remove = events.once("refreshError", once);
  remove();
  remove();
  tell(events);
  t.deepEqual(told, []);
});

test("off of another name or another function removes nothing", (t) => {
  const events = new SessionEvents();
  const { told, named } = recorder();
  const listener = named("listener");
  events.on("refreshError", listener);
  events.off("refresh", listener as never);
  events.off("refreshError", () => {});
  tell(events);
  t.deepEqual(told, ["listener"]);
});

test("a listener added twice is one listener", (t) => {
  const events = new SessionEvents();
  const { told, named } = recorder();
  const listener = named("listener");
  events.on("refreshError", listener);
  events.on("refreshError", listener);
  tell(events);
  t.deepEqual(told, ["listener"]);
  events.off("refreshError", listener);
  tell(events);
  t.deepEqual(told, ["listener"]);
});

test("a listener added for good and for once stays, in either order", (t) => {
  const { told, named } = recorder();
  for (const order of [
    ["on", "once"],
    ["once", "on"],
  ] as const) {
    const events = new SessionEvents();
    const listener = named(order.join(" "));
    for (const add of order) events[add]("refreshError", listener);
    tell(events);
    tell(events);
  }
  t.deepEqual(told, ["on once", "on once", "once on", "once on"]);
});

test("listeners added or removed while an event is told count from the next one", (t) => {
  const events = new SessionEvents();
  const { told, named } = recorder();
  const last = named("last");
  events.on("refreshError", () => {
    events.on("refreshError", named("new"));
    events.off("refreshError", last);
  });
  events.on("refreshError", last);
  tell(events);
  t.deepEqual(told, ["last"]);
  tell(events);
  t.deepEqual(told, ["last", "new"]);
});

test("two objects of events have listeners of their own", (t) => {
  const { told, named } = recorder();
  const events = new SessionEvents();
  events.on("refreshError", named("listener"));
  tell(new SessionEvents());
  t.deepEqual(told, []);
});

test.serial("a listener that throws is told as a warning with a code; the others still run", async (t) => {
  const warnings = warningsDuring(t);
  const thrown = [new Error("broken"), "a text", null, undefined, Symbol("a symbol"), Object.create(null), () => {}];
  const events = new SessionEvents();
  const { told, named } = recorder();
  for (const [index, what] of thrown.entries()) {
    events.once("refreshError", () => {
      throw what;
    });
    events.on("refreshError", named(String(index)));
  }
  t.notThrows(() => tell(events));
  t.is(told.length, thrown.length);
  await turn();
  t.is(warnings.length, thrown.length);
  for (const { code, name, message } of warnings) {
    t.is(code, "BRS_LISTENER_THREW");
    t.is(name, "BRSWarning");
    t.regex(message, /^a listener of "refreshError" threw: /);
  }
  t.regex(warnings[0]?.message ?? "", /broken$/);
  t.regex(warnings[1]?.message ?? "", /a text/);
});

test("hooks of request signing are taken too, for a RequestSigner", async (t) => {
  const events = new SessionEvents();
  const { told, named } = recorder();
  events.on("refreshError", named("refreshError"));
  events.on("before-sign.s3.*", ({ request, operationName }) => {
    told.push(operationName);
    request.headers.set("x-amz-meta-by", "hook");
  });
  const leave = events.on("before-sign.s3.PutObject", named("left"));
  leave();
  events.on("choose-signer.s3.ListBuckets", (event) => {
    event.signatureVersion = "none";
  });
  const signer = new RequestSigner({
    serviceId: "S3",
    region: "us-east-1",
    signingName: "s3",
    signatureVersion: "s3v4",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    events,
  });
  const request = () => new AwsRequest({ method: "GET", url: "https://bucket.s3.amazonaws.com/" });
  const [signed, unsigned] = [request(), request()];
  await signer.sign("PutObject", signed);
  await signer.sign("ListBuckets", unsigned);
  t.deepEqual(told, ["PutObject", "ListBuckets"]);
  t.regex(signed.headers.get("authorization") ?? "", /x-amz-meta-by/);
  t.is(unsigned.headers.get("authorization"), undefined);
});

test("a hook that throws ends the signature, since it could not do its work", async (t) => {
  const events = new SessionEvents();
  events.on("before-sign", () => {
    throw error;
  });
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const names = { serviceId: "STS", signingName: "sts", region: "us-east-1", signatureVersion: "v4" };
  const signer = new RequestSigner({ ...names, credentials, events });
  const request = new AwsRequest({ method: "GET", url: "https://sts.amazonaws.com/" });
  t.is(await t.throwsAsync(signer.sign("GetCallerIdentity", request)), error);
});

test("a name that nothing is told by, and what is no function, are refused", (t) => {
  const events = new SessionEvents();
  const unknown = t.throws(() => events.on("refreshed" as "refresh", () => {}), { instanceOf: BRSValidationError });
  t.is(unknown?.message, `name must be one of "refresh", "refreshError", "expired", but is 'refreshed'`);
  t.throws(() => events.once("error" as "expired", () => {}), { instanceOf: BRSValidationError });
  t.is(t.throws(() => events.on("refresh", "log" as never), { instanceOf: BRSValidationError })?.param, "listener");
});
