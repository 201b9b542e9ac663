/** Sends a request exactly as given: `fetch` and `new URL` would tidy up the path and the query that were signed. */
import http from "node:http";
import https from "node:https";

export interface RawRequest {
  readonly method: string;
  /** Scheme, host, path and query as they go over the wire. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For https: the authority to trust, and a certificate to show, as PEM. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
}

export interface RawResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export function send({ method, url, headers = {}, body, tls }: RawRequest): Promise<RawResponse> {
  const parts = /^https?:\/\/([^/:]+):(\d+)(\/.*)$/.exec(url);
  if (parts === null) throw new Error(`not a full loopback URL: ${url}`);
  const [, host, port, path] = parts;
  return new Promise((resolve, reject) => {
    const client = tls === undefined ? http : https;
    const request = client.request({ method, host, port, path, headers, agent: false, ...tls }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The error code in an XML answer, or `undefined`. */
export const errorCode = (response: RawResponse): string | undefined => element(response.body, "Code");

/** The text of the first element of that name. */
export function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** A path whose segments hold nothing that any server might escape in another way. */
export const escapedPath = (path: string): string =>
  path
    .split("/")
    .map((segment) =>
      encodeURIComponent(segment).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join("/");
