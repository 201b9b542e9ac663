/** Signs what undici's dispatchers send. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";

// biome-ignore lint/suspicious/noExplicitAny: a stand-in
export type UndiciInterceptor = (dispatch: any) => any;

export function undiciInterceptor(_signing: HttpSigning): UndiciInterceptor {
  throw new SigningError("not built");
}
