/** Names and texts of users in one short line. */

export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}

/** A name as it is, or in quotation marks where it could pass for more than a name. */
export function plainName(name: string): string {
  return /^[\w$.-]{1,60}$/.test(name) ? name : JSON.stringify(cut(name, 60));
}
