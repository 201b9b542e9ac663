/** What an SDK client sends for a command, without what is random in it. */
import type { HttpRequest } from "@smithy/core/protocols";
import { StandInHandler } from "./stand-in-handler.js";

/** What the test needs of a client of any service. */
export interface Client {
  send(command: never): Promise<unknown>;
  destroy(): void;
  readonly middlewareStack: { addRelativeTo(middleware: never, options: never): void };
}

/** The invocation id is random, and signed. */
const withSameInvocation = (next: (args: { request: HttpRequest }) => unknown) => (args: { request: HttpRequest }) => {
  args.request.headers["amz-sdk-invocation-id"] = "0123abcd-4567-89ef-0123-456789abcdef";
  return next(args);
};
const SAME_INVOCATION = { relation: "before", toMiddleware: "httpSigningMiddleware", name: "sameInvocation" };

/** A body may be a stream, which is no value to compare. */
export const comparable = ({ body, ...rest }: HttpRequest): object => ({
  ...rest,
  body: typeof body === "string" ? body : typeof body,
});

/** Makes a client give all its invocations one id. */
export function fixInvocation(client: Pick<Client, "middlewareStack">): void {
  client.middlewareStack.addRelativeTo(withSameInvocation as never, SAME_INVOCATION as never);
}

export async function sentBy(make: (more: object) => Client, command: object, more: object): Promise<HttpRequest[]> {
  const requestHandler = new StandInHandler();
  const client = make({ requestHandler, maxAttempts: 1, ...more });
  fixInvocation(client);
  // The answer is a stand-in: what the client makes of it does not matter.
  await client.send(command as never).catch(() => {});
  client.destroy();
  return requestHandler.sent as HttpRequest[];
}
