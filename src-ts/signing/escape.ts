/** Percent-encoding of what is put into URLs here: everything but the unreserved characters, as UTF-8 and in upper case. */

const ESCAPED_TOO = /[!'()*]/g;
const escapeOne = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** A name or value of a query. The text must be well-formed. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text).replace(ESCAPED_TOO, escapeOne);
}

/** A path whose slashes stay, such as an object key. The text must be well-formed. */
export function escapePath(path: string): string {
  // Most keys need nothing, and looking is much cheaper than encoding.
  return /[^\w.~/-]/.test(path) ? escapeQuery(path).replaceAll("%2F", "/") : path;
}
