/** Which session tokens signing wrote into the headers of a request: those are replaced, one of the caller stays. */
import type { AwsRequest } from "./aws-request.js";

/** By request: the token that was written last, by the name of its header. */
const written = new WeakMap<AwsRequest, ReadonlyMap<string, string>>();

/** Removes what an earlier signature wrote: the next one may be of credentials with another token, or with none. */
export function dropWrittenTokens(request: AwsRequest): void {
  for (const [name, token] of written.get(request) ?? []) {
    if (request.headers.get(name) === token) request.headers.delete(name);
  }
  written.delete(request);
}

export function rememberToken(request: AwsRequest, name: string, token: string): void {
  written.set(request, new Map([[name, token]]));
}

/** A copy has the same headers, and what was written there is not its caller's either. */
export function inheritTokens(from: AwsRequest, to: AwsRequest): void {
  const tokens = written.get(from);
  if (tokens !== undefined) written.set(to, tokens);
}
