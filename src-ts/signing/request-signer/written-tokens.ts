/** Which session tokens signing wrote into the headers of a request: those are replaced, one of the caller stays. */
import type { AwsRequest } from "./aws-request.js";

/** By request: the token that was written last, by the name of its header. */
const written = new WeakMap<AwsRequest, ReadonlyMap<string, string>>();

/**
 * Removes what an earlier signature wrote: the next one may be of credentials with another token, or with none.
 *
 * @param kept a header that stays, to be written over in its place
 */
export function dropWrittenTokens(request: AwsRequest, kept?: string): void {
  for (const name of written.get(request)?.keys() ?? []) {
    if (name !== kept && isWritten(request, name)) request.headers.delete(name);
  }
}

/** Whether a header has the token that signing wrote there. */
export function isWritten(request: AwsRequest, name: string): boolean {
  const token = written.get(request)?.get(name);
  return token !== undefined && request.headers.get(name) === token;
}

export function rememberToken(request: AwsRequest, name: string, token: string): void {
  written.set(request, new Map([[name, token]]));
}

/** A copy has the same headers, and what was written there is not its caller's either. */
export function inheritTokens(from: AwsRequest, to: AwsRequest): void {
  const tokens = written.get(from);
  if (tokens !== undefined) written.set(to, tokens);
}
