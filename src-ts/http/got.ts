/** Signs what got sends. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";

export interface GotExtension {
  hooks: object;
}

export function gotExtension(_signing: HttpSigning): GotExtension {
  throw new SigningError("not built");
}
