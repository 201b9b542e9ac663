/** What aws4 takes and gives: the options of `http.request`, and what tells how they are signed. */
import type { OutgoingHttpHeaders } from "node:http";
import type { CredentialSource } from "../../refresh/credential-source.js";

export interface Aws4Request {
  /** Default: made of service and region. */
  host?: string | null | undefined;
  hostname?: string | null | undefined;
  port?: number | string | null | undefined;
  /** With the query; default `/`. */
  path?: string | null | undefined;
  /** Default GET, or POST where there is a body. */
  method?: string | undefined;
  headers?: OutgoingHttpHeaders | undefined;
  body?: string | Uint8Array | undefined;
  /** Default: what the host names. */
  service?: string | undefined;
  /** Default: what the host names, else us-east-1. */
  region?: string | undefined;
  /** Puts the signature into the query instead of the headers. */
  signQuery?: boolean | undefined;
  /** Adds no headers but Host and Authorization. */
  doNotModifyHeaders?: boolean | undefined;
  /** Encodes the path once, not twice: for services that read it as S3 does. */
  doNotEncodePath?: boolean | undefined;
  /** By lower-case names: stay unsigned. */
  extraHeadersToIgnore?: Readonly<Record<string, unknown>> | undefined;
  /** By lower-case names: are signed although aws4 leaves them out. */
  extraHeadersToInclude?: Readonly<Record<string, unknown>> | undefined;
}

/** What is there after signing. */
export interface Aws4Signed extends Aws4Request {
  headers: OutgoingHttpHeaders;
  path: string;
}

/** Keys as aws4 takes them: what is missing comes from the environment. */
export interface Aws4Keys {
  accessKeyId?: string | undefined;
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
}

/** Keys, or a session or provider function whose current credentials sign. */
export type Aws4Credentials = Aws4Keys | CredentialSource;
