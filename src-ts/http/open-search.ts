/** Signs what the client of OpenSearch sends. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";

// biome-ignore lint/suspicious/noExplicitAny: a stand-in
export type ConnectionClass = new (...args: any[]) => object;

export function signedConnection<Base extends ConnectionClass>(_signing: HttpSigning, _base: Base): Base {
  throw new SigningError("not built");
}
