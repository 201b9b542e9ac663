/** Signs what axios sends. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";

export interface AxiosLike {
  interceptors: object;
}

export function signAxios<Instance extends AxiosLike>(_signing: HttpSigning, _instance: Instance): Instance {
  throw new SigningError("not built");
}
