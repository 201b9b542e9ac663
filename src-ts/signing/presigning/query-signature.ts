/** A query that carries its signature, in botocore's order: what tokens and the URLs of websockets are made of. */
import { amzDate } from "../amz-date.js";
import { escapeQuery } from "../escape.js";
import { signPrepared, type Triple } from "../prepared.js";

export interface QueryToSign {
  readonly service: string;
  readonly region: string;
  /** As it will be sent as `host`. */
  readonly host: string;
  readonly path: string;
  readonly parameters: Iterable<readonly [name: string, value: string]>;
  /** Seconds. */
  readonly expiresIn: number;
  /** IoT wants the token after the signature, and not covered by it. */
  readonly tokenAfterSignature?: boolean;
}

export interface SignedQuery {
  readonly query: string;
  readonly signature: string;
}

/** Signs a GET without a body at `signingDate`, milliseconds since the epoch. */
export function signQuery(triple: Triple, request: QueryToSign, signingDate: number): SignedQuery {
  const { service, region, host, path, parameters, expiresIn, tokenAfterSignature = false } = request;
  const date = amzDate(signingDate);
  const pairs: (readonly [string, string])[] = [
    ...parameters,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${triple.accessKeyId}/${date.slice(0, 8)}/${region}/${service}/aws4_request`],
    ["X-Amz-Date", date],
    ["X-Amz-Expires", String(expiresIn)],
    ["X-Amz-SignedHeaders", "host"],
  ];
  const token = triple.sessionToken === undefined ? "" : written([["X-Amz-Security-Token", triple.sessionToken]]);
  const signed = token === "" || tokenAfterSignature ? written(pairs) : `${written(pairs)}&${token}`;
  const { signature } = signPrepared(
    triple,
    { service, region, dialect: "aws", doubleEncodePath: false, normalizePath: false },
    signingDate,
    { method: "GET", path, query: signed, headers: [["host", host]], payload: "" },
  );
  const late = token !== "" && tokenAfterSignature ? `&${token}` : "";
  return { query: `${signed}&X-Amz-Signature=${signature}${late}`, signature };
}

const written = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`).join("&");
