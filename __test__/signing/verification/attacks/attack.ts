/** What a row of the table of attacks is, and the ways to alter a request. */
import type { ReceivedRequest, VerifyOptions } from "aws-refresh-session/signing";
import { presignedAs, signedAs } from "../../reference.js";
import { plain } from "../../refusals.js";

/** A row of the table. */
export interface Attack {
  readonly name: string;
  /** What is accepted. */
  readonly honest: ReceivedRequest;
  readonly attack: (honest: ReceivedRequest) => ReceivedRequest;
  readonly code: string;
  readonly statusCode?: number;
  readonly options?: Partial<VerifyOptions>;
  /** Options under which the attack arrives, when it is sent to another server or at another time. */
  readonly later?: Partial<VerifyOptions>;
}

export const withTarget = (change: (target: string) => string) => (request: ReceivedRequest) => ({
  ...request,
  target: change(request.target),
});
export const withRaw = (change: (rawHeaders: readonly string[]) => string[]) => (request: ReceivedRequest) => ({
  ...request,
  rawHeaders: change(request.rawHeaders),
});
export const adding = (...headers: string[]) => withRaw((rawHeaders) => [...rawHeaders, ...headers]);
export const replacing = (from: string | RegExp, to: string) =>
  withRaw((rawHeaders) => rawHeaders.map((text) => text.replace(from, to)));
export const instead = (request: ReceivedRequest) => () => request;

/** A request with a signature in its headers, and one with a signature in its query. */
export const header = signedAs(plain);
export const query = presignedAs(plain);
