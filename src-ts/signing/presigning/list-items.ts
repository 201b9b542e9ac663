/** What may stand in a list to be presigned, and how keys below a base become URLs. */
import { masked, SigningError } from "../../errors.js";
import { escapePath } from "../escape.js";
import type { SignableRequest } from "../request.js";
import type { Item } from "./presign-batch.js";

/** A URL, a request, or with `base` an object key. */
export type ListItem = string | URL | SignableRequest;

export interface ListOptions {
  /**
   * Makes every string of the list an object key: it is percent-encoded, `/` excepted, and appended to this URL, which ends in
   * "/": `https://bucket.s3.eu-west-1.amazonaws.com/`.
   */
  base?: string | URL;
}

/** Turns what a list holds into what is signed. What cannot be signed becomes the error that its index is told with. */
export function itemReader({ base }: ListOptions): (item: ListItem) => Item {
  if (base === undefined) return (item) => (item instanceof URL ? item.href : item);
  const prefix = validBase(base);
  return (item) => {
    if (typeof item !== "string") return item instanceof URL ? item.href : item;
    if (item === "" || /\p{Surrogate}/u.test(item)) {
      // An empty key would presign the bucket itself, which lists it.
      const found = item === "" ? "empty" : "not well-formed Unicode";
      return new SigningError(`an object key must be text, but this one is ${found}`, {
        code: "ERR_SIGN_KEY",
        param: "key",
      });
    }
    return prefix + escapePath(item);
  };
}

function validBase(base: unknown): string {
  const href = base instanceof URL ? base.href : base;
  if (typeof href === "string" && /^https?:\/\/[^/?#\s]+\/(?:[^?#\s]*\/)?$/i.test(href)) return href;
  // Not shown: a URL may be a secret.
  throw new SigningError(
    `"base" must be an absolute URL without query that ends in "/", such as "https://bucket.s3.eu-west-1.amazonaws.com/", ` +
      `found ${masked(base)}`,
    { code: "ERR_SIGN_URL", param: "base" },
  );
}
