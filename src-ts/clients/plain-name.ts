/** Names of users in one short line. */
import { cut } from "../errors.js";

/** A name as it is, or in quotation marks where it could pass for more than a name. */
export function plainName(name: string): string {
  return /^[\w$.-]{1,60}$/.test(name) ? name : JSON.stringify(cut(name, 60));
}
