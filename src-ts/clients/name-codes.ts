/** Short codes for names in texts: what crosses to the core and is hashed there is then mostly values. */
import { quoted } from "./well-formed.js";

/** Beyond these a name stands as it is, so that data used as names cannot fill the memory. */
const MOST_CODES = 4096;
export const LONGEST_NAME = 128;

const codes = new Map<string, string>();

/**
 * How a name stands in every text of this thread: once it has a code it always has, and once it stands as it is it always does. Codes
 * end in a point, and what is quoted begins with a length and a colon, or with a quotation mark.
 */
export function nameCode(name: string): string {
  if (name.length > LONGEST_NAME) return quoted("", name);
  let code = codes.get(name);
  if (code === undefined) {
    if (codes.size >= MOST_CODES) return quoted("", name);
    code = `${codes.size.toString(36)}.`;
    codes.set(name, code);
  }
  return code;
}
