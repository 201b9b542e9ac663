/** Numbers for functions and objects that count by identity in a key. */

const texts = new WeakMap<object, string>();
let last = 0;

/** `#` and a number that the object has for its whole life, and that no other object ever gets. */
export function identity(value: object): string {
  let text = texts.get(value);
  if (text === undefined) {
    last += 1;
    text = `#${last};`;
    texts.set(value, text);
  }
  return text;
}

/** The same, if the object has been counted by identity; it is from then on, whatever becomes of its members. */
export function knownIdentity(value: object): string | undefined {
  return texts.get(value);
}
