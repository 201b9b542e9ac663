/** Signs the options of a request of node:http or node:https. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";

export type NodeRequestOptions = object;

export function nodeRequestOptions<Options extends NodeRequestOptions>(
  _signing: HttpSigning,
  _options: Options,
): Promise<Options> {
  throw new SigningError("not built");
}
