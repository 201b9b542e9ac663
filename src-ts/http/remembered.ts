/** Keeps what was made of a text, for texts that come again and again. */

/** More different ones are forgotten all at once. */
const MOST = 1_000;

/** A function that makes the same as `make`, once for each spelling; what `make` throws is not kept. */
export function remembered<Made>(make: (text: string) => Made): (text: string) => Made {
  const made = new Map<string, Made>();
  return (text) => {
    let known = made.get(text);
    if (known === undefined) {
      known = make(text);
      if (made.size === MOST) made.clear();
      made.set(text, known);
    }
    return known;
  };
}
