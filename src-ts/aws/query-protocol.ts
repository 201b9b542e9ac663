/** The Query protocol of AWS: parameters to a form body, and the XML answer to named values. */
import { native } from "../native.js";

/** What a parameter may be; lists become `.member.N`, objects `.Key`, `undefined` is left out. */
export type QueryValue =
  | string
  | number
  | boolean
  | undefined
  | readonly QueryValue[]
  | { readonly [name: string]: QueryValue };

export const QUERY_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8";

// encodeURIComponent leaves !'()* as they are; AWS's own clients escape everything but the unreserved characters.
function formEscape(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

function append(pairs: string[], name: string, value: QueryValue): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    // An empty list is sent as its bare name: the service then reads an empty list, not an absent one.
    if (value.length === 0) pairs.push(`${formEscape(name)}=`);
    value.forEach((item: QueryValue, index) => {
      append(pairs, `${name}.member.${index + 1}`, item);
    });
  } else if (typeof value === "object") {
    for (const [key, item] of Object.entries(value)) append(pairs, `${name}.${key}`, item);
  } else {
    pairs.push(`${formEscape(name)}=${formEscape(String(value))}`);
  }
}

/**
 * The form body of one call.
 *
 * @example
 * encodeQuery("AssumeRole", "2011-06-15", { RoleArn: "arn:aws:iam::1:role/r", Tags: [{ Key: "team", Value: "a" }] });
 * // Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws...&Tags.member.1.Key=team&Tags.member.1.Value=a
 */
export function encodeQuery(action: string, version: string, parameters: Readonly<Record<string, QueryValue>>): string {
  const pairs = [`Action=${formEscape(action)}`, `Version=${formEscape(version)}`];
  for (const [name, value] of Object.entries(parameters)) append(pairs, name, value);
  return pairs.join("&");
}

/** An XML answer as the texts of its leaf elements by their path, such as `AssumeRoleResponse/AssumeRoleResult/...`. */
export class XmlAnswer {
  readonly #texts = new Map<string, string>();

  /** @throws an error with code ERR_XML when the text is no XML, or declares a document type. */
  constructor(xml: string) {
    const leaves = native.parseXml(xml);
    for (let index = 0; index + 1 < leaves.length; index += 2) {
      const path = leaves[index] as string;
      // Of elements that repeat the first counts; none of the answers read here repeats one.
      if (!this.#texts.has(path)) this.#texts.set(path, leaves[index + 1] as string);
    }
  }

  /** Text of the leaf with exactly this path. */
  at(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** Text of the first leaf whose path ends with these elements, whatever the service wraps them in. */
  ending(path: string): string | undefined {
    for (const [found, text] of this.#texts) {
      if (found === path || found.endsWith(`/${path}`)) return text;
    }
    return undefined;
  }
}
