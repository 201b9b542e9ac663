/** A valid request to spoil, and the verifier of all tests of refusals. */
import test from "ava";
import {
  type ReceivedRequest,
  VerificationError,
  type VerifyOptions,
  verifyRequest,
} from "aws-refresh-session/signing";
import { clock, KEYS } from "./examples.js";

export const host = "example.amazonaws.com";
export const plain: ReceivedRequest = { method: "GET", target: "/a?b=c", rawHeaders: ["Host", host], body: "" };
export const withHeaders = (...rawHeaders: string[]): ReceivedRequest => ({
  ...plain,
  rawHeaders: ["Host", host, ...rawHeaders],
});

export const verify = (request: ReceivedRequest, change: Partial<VerifyOptions> = {}) =>
  verifyRequest(request, {
    service: "service",
    region: "us-east-1",
    hosts: [host],
    clock,
    getCredentials: () => KEYS,
    ...change,
  });

export const refusal = (code: string) => ({ instanceOf: VerificationError, code });

/** Registers a test that a request is refused. */
export function refuses(
  title: string,
  code: string,
  request: ReceivedRequest,
  change: Partial<VerifyOptions> = {},
): void {
  test(`${title}: ${code}`, async (t) => {
    await t.throwsAsync(verify(request, change), refusal(code));
  });
}
