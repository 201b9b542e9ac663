/** The options of `http.request` for a URL, spelled as the URL is. */
import { SigningError } from "../../errors.js";
import type { Aws4Request } from "./types.js";

/** Scheme, user information, host, port, and the rest up to a fragment. */
const PARTS = /^(https?:)\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?([^#]*)/i;

export function requestOfUrl(url: string): Aws4Request {
  const [, protocol, , host, port, rest] = PARTS.exec(url) ?? [];
  if (protocol === undefined || !host) {
    throw new SigningError("the URL of a request must be absolute, with http: or https: and a host", {
      code: "ERR_SIGN_URL",
      param: "url",
    });
  }
  const hostname = host.toLowerCase();
  const parts = {
    protocol: protocol.toLowerCase(),
    host: port ? `${hostname}:${port}` : hostname,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    ...(port && { port }),
    path: rest?.startsWith("/") ? rest : `/${rest}`,
  };
  return parts;
}
