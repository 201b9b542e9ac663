/** Text within text: with its length before it, so that no content can pass for structure. */

/** `isWellFormed` of Node 20, which the TypeScript library of this target does not know. */
interface UnicodeText {
  isWellFormed(): boolean;
}

/**
 * The text behind a tag. A text with a lone surrogate is escaped, since on its way to the core each of them would become
 * U+FFFD, and two texts one.
 */
export function quoted(tag: string, text: string): string {
  return (text as unknown as UnicodeText).isWellFormed()
    ? `${tag}${text.length}:${text}`
    : `${tag}${JSON.stringify(text)}`;
}
