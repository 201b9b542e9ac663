/** What becomes of a user's headers on the wire: those that a client refuses or changes, and the bytes of values. */
import { SigningError } from "../../errors.js";
import type { HeaderPair } from "./sent-headers.js";

/** All that undici does something about; what else stands there it refuses, or leaves out in silence. */
const CONNECTION = /^(?:close|keep-alive)$/i;
const ASCII = /^[\t\x20-\x7e]*$/;

/** Headers that undici, and so the fetch of Node, refuses to send in any form. */
const REFUSED_BY_UNDICI: ReadonlySet<string> = new Set(["expect", "keep-alive", "transfer-encoding", "upgrade"]);

/** Refuses what undici refuses, by its lower-case name, before it is signed. */
export function checkUndiciHeader(client: string, name: string, value: unknown): void {
  if (REFUSED_BY_UNDICI.has(name)) throw unsendable(client, name, "which refuses it: leave it out");
  if (name === "connection" && !(typeof value === "string" && CONNECTION.test(value))) {
    throw unsendable(client, name, `which takes "close" or "keep-alive" there`);
  }
}

/** The error of a header that a client would not send as it was given; `why` goes on after the client's name. */
export function unsendable(client: string, name: string, why: string): SigningError {
  return new SigningError(`the header "${name}" cannot be sent by ${client}, ${why}`, {
    code: "ERR_SIGN_HEADER",
    param: name,
  });
}

/** The text whose UTF-8 these characters are, one for each byte; undefined where they are no UTF-8. */
export function textOfBytes(value: string): string | undefined {
  const text = Buffer.from(value, "latin1").toString();
  return Buffer.from(text).toString("latin1") === value ? text : undefined;
}

/**
 * A value as a server reads it. Clients write each character as one byte, and signatures cover UTF-8: so what is written has to
 * be UTF-8 by itself.
 *
 * @throws SigningError (ERR_SIGN_HEADER) for other bytes, which no signature can cover
 */
export function valueOnWire(client: string, name: string, value: string): string {
  if (ASCII.test(value)) return value;
  const text = textOfBytes(value);
  if (text !== undefined) return text;
  throw unsendable(
    client,
    name,
    `which writes one byte for each character: give Buffer.from(value).toString("latin1")`,
  );
}

/** Headers as a server reads them, see {@link valueOnWire}. */
export function pairsOnWire(client: string, pairs: readonly HeaderPair[]): HeaderPair[] {
  return pairs.map(([name, value]) => [name, valueOnWire(client, name, value)]);
}

/**
 * The body as it is given to node:http: that writes the head in the encoding of a body that is text, UTF-8, and one byte for
 * each character only beside bytes.
 */
export function sentBeside<Body>(pairs: readonly HeaderPair[], body: Body): Body | Buffer {
  return typeof body === "string" && !pairs.every(([, value]) => ASCII.test(value)) ? Buffer.from(body) : body;
}
