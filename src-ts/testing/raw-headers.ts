/** Looks into the headers of a request as they came. */

/** The first value of a header, by its name in lower case, out of names and values as Node lists them. */
export function rawHeader(rawHeaders: readonly string[], name: string): string | undefined {
  const at = rawHeaders.findIndex((found, index) => index % 2 === 0 && found.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}
