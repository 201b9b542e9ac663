/** Turns a request that was signed into the request that a server reads from the wire. */
import type { ReceivedRequest } from "aws-refresh-session/signing";
import { partsOf } from "./examples.js";

/** A request whose headers are pairs, or an object of strings. */
export interface SentRequest {
  readonly method?: string;
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
}

/** What Node tells of received bytes: each of them one character. */
export const wireText = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** What HTTP clients do to a path or a query before they send it. */
export const sendable = (text: string): string =>
  text.replace(/[^\x21-\x7e]|["<>`{}]/gu, (character) => encodeURIComponent(character));

export function received({ method = "GET", url, headers = {}, body = "" }: SentRequest): ReceivedRequest {
  const href = typeof url === "string" ? url : url.href;
  const { origin, path, query } = partsOf(href);
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  const hasHost = pairs.some(([name]) => name.toLowerCase() === "host");
  const host = /^https?:\/\/(.*?)(?::443|:80)?$/i.exec(origin)?.[1]?.toLowerCase() ?? "";
  return {
    method,
    target: sendable((path === "" ? "/" : path) + (query === "" ? "" : `?${query}`)),
    rawHeaders: (hasHost ? pairs : [["Host", host], ...pairs]).flat().map(wireText),
    body,
  };
}
