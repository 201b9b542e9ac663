/** Ends what its user no longer has: what goes wrong then is nobody's failure, so it is told as a process warning. */
import { shown } from "../errors.js";
import { warn } from "../warnings.js";
import type { SdkClient, SdkRequestHandler } from "./sdk-client.js";

/** @param what names the call, as in "destroy() of a client that left its cache" */
export function endQuietly(what: string, end: () => void): void {
  try {
    end();
  } catch (error) {
    warn("BRS_CLIENT_DESTROY_FAILED", `${what} threw: ${error instanceof Error ? error.message : shown(error)}`);
  }
}

/** Ends the connections that clients shared. */
export function endConnections(requestHandler: SdkRequestHandler): void {
  endQuietly("destroy() of requestHandler", () => requestHandler.destroy?.());
}

/** Destroys clients that nobody got. */
export function destroyAll(clients: readonly SdkClient[]): void {
  for (const client of clients) endQuietly("destroy() of a client that nobody got", () => client.destroy());
}
