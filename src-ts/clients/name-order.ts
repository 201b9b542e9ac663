/** The order of an object's names, found without sorting: a tree of the sequences of names seen so far, which also keeps texts. */
import { MOST_MEMBERS } from "./member-kinds.js";
import { LONGEST_NAME, nameCode } from "./name-codes.js";
import { isSecretName } from "./secret-names.js";
import { UnkeyableError } from "./unkeyable-error.js";

/** Beyond these the tree keeps nothing, so that data used as names cannot fill the memory. */
const LONGEST_SEQUENCE = 128;
const MOST_PLACES = 4096;

/** What no value of a config equals. */
export const NOTHING: unknown = Object.freeze({});

/**
 * One place in the tree: a name, after the names that came before it. What `configText` last read there is kept with it, so
 * that the text of a config like the last one need not be built again.
 */
export class NamePlace {
  readonly name: string;
  readonly secret: boolean;
  /** The name as it stands in a text. */
  readonly prefix: string;
  /** The last value, where it is a short primitive that is not secret; else NOTHING. */
  value: unknown = NOTHING;
  /** Whose defaults that value is known not to be among. */
  owner = "";
  /** The text of the last value. */
  part = "";
  /** Prefix and part; empty where the name counts as absent. */
  segment = "";
  /** When the segment last changed. */
  changed = 0;
  /** The text of the last object that ended here, and when it was built. */
  text: string | undefined;
  textAt = 0;
  first: NamePlace | undefined;
  /** How many names lead here. */
  readonly length: number;
  readonly #before: NamePlace | undefined;
  #others: Map<string, NamePlace> | undefined;
  #order: readonly NamePlace[] | undefined;

  constructor(name: string, before: NamePlace | undefined) {
    this.name = name;
    this.#before = before;
    this.length = before === undefined ? 0 : before.length + 1;
    this.secret = isSecretName(name);
    this.prefix = nameCode(name);
  }

  /** The place of the name that follows. */
  next(name: string): NamePlace {
    if (this.first?.name === name) return this.first;
    return this.#others?.get(name) ?? this.#grow(name);
  }

  #grow(name: string): NamePlace {
    if (this.length >= MOST_MEMBERS) throw new UnkeyableError();
    const place = new NamePlace(name, this);
    if (name.length > LONGEST_NAME || place.length > LONGEST_SEQUENCE) return place;
    if (++places > MOST_PLACES) {
      // Walks under way go on in the old tree.
      roots = [];
      places = 0;
    }
    if (this.first === undefined) {
      this.first = place;
    } else {
      this.#others ??= new Map();
      this.#others.set(name, place);
    }
    return place;
  }

  /** The places from the root to here, sorted by name. */
  get order(): readonly NamePlace[] {
    if (this.#order !== undefined) return this.#order;
    const order: NamePlace[] = [];
    for (let place: NamePlace = this; place.#before !== undefined; place = place.#before) order.push(place);
    order.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#order = order;
    return order;
  }
}

let roots: NamePlace[] = [];
let places = 0;

/** Where the sequences of objects at this depth begin. Each depth has its own, since an object is read while its parent is. */
export function rootAt(depth: number): NamePlace {
  let root = roots[depth];
  if (root === undefined) {
    root = new NamePlace("", undefined);
    while (roots.length < depth) roots.push(new NamePlace("", undefined));
    roots[depth] = root;
  }
  return root;
}
