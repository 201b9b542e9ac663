/** What of an error reaches the other threads of a shared cell. */
import test from "ava";
import {
  BRSConfigurationError,
  BRSConnectionError,
  BRSCredentialError,
  BRSError,
  BRSRequestError,
  BRSValidationError,
} from "aws-refresh-session";
import { failureFrom, failureText } from "../../dist/refresh/shared-failure.js";

const crossed = (error: Error) => failureFrom(failureText(error));

test("errors of this package keep their class and fields, but neither cause nor value that is no data", (t) => {
  const options = { code: "ERR_X", statusCode: 403, details: { awsCode: "AccessDenied" }, param: "p", retryable: true };
  for (const ErrorClass of [BRSError, BRSCredentialError, BRSConnectionError, BRSRequestError, BRSConfigurationError]) {
    const error = new ErrorClass("what happened", { ...options, cause: new Error("below"), value: 5n });
    const found = crossed(error) as BRSError;
    t.is(found.constructor, ErrorClass);
    t.is(found.name, ErrorClass.name);
    t.is(found.message, "what happened");
    t.like(found, options);
    t.is(found.cause, undefined);
    t.is(found.value, undefined);
  }
  t.is((crossed(new BRSValidationError("m", { value: "shown" })) as BRSError).value, "shown");
  t.is((crossed(new BRSCredentialError("m")) as BRSError).code, "ERR_CREDENTIALS");
});

test("errors of the language keep their class, others their name", (t) => {
  t.is(crossed(new TypeError("no")).constructor, TypeError);
  t.is(crossed(new RangeError("no")).constructor, RangeError);
  class VaultError extends Error {
    override name = "VaultError";
    code = "SEALED";
    retryable = false;
  }
  const found = crossed(new VaultError("no"));
  t.true(found instanceof Error);
  t.is(String(found), "VaultError: no");
  t.like(found, { code: "SEALED", retryable: false });
  t.deepEqual(Object.keys(crossed(new Error("plain"))), []);
});

test("what cannot be told is left out", (t) => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const error = Object.assign(new Error("no"), { details: circle, code: () => {}, value: Symbol("s"), secret: "hush" });
  t.false(failureText(error).includes("hush"));
  t.deepEqual(Object.keys(crossed(error)), []);
  // A name that is an export of ours, but no class of errors.
  for (const name of ["masked", "toString", "__proto__", "Signer"]) {
    t.is(String(crossed(Object.assign(new Error("no"), { name }))), `${name}: no`);
  }
});

test("an error that cannot be read crosses all the same: others wait for it", (t) => {
  const unreadable = Object.defineProperties(new TypeError("no"), {
    code: {
      get() {
        throw new Error("of the getter");
      },
    },
    details: { value: { toJSON: () => BigInt(1) } },
    message: { value: 1n },
  });
  const found = crossed(unreadable);
  t.is(found.constructor, TypeError);
  t.is(found.message, "the refresh failed with an error that cannot be read");
});
