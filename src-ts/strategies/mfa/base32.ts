/** Base32 of RFC 4648, as authenticator secrets are written. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Reads it without regard to case, spaces, hyphens and padding; undefined when it is something else. */
export function decodeBase32(text: string): Buffer | undefined {
  const padded = text.replace(/[\s-]/g, "");
  // No pattern: one for the end would be tried at each sign of what only looks like padding.
  let end = padded.length;
  while (padded[end - 1] === "=") end--;
  const symbols = padded.slice(0, end).toUpperCase();
  // Five bits a symbol: with other lengths the last one would carry no part of a byte.
  if (![0, 2, 4, 5, 7].includes(symbols.length % 8)) return undefined;
  const bytes = Buffer.alloc(Math.floor((symbols.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const symbol of symbols) {
    const value = ALPHABET.indexOf(symbol);
    if (value < 0) return undefined;
    bits = ((bits << 5) | value) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[length++] = (bits >> held) & 0xff;
    }
  }
  return bytes;
}
