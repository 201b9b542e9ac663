/** Takes the URL of a request apart as it is sent: host as clients write it, path and query as they are spelled. */
import { SigningError } from "../../errors.js";
import { splitUrl } from "../../signing/request-signer/url-parts.js";

export interface Target {
  /** In lower case and punycode, without the port that its scheme has by default. */
  readonly host: string;
  /** As it stands in the URL; may be empty. */
  readonly path: string;
  /** As it stands in the URL, without "?"; may be empty. */
  readonly query: string;
}

/**
 * The fragment is dropped: it never leaves the client.
 *
 * @throws SigningError (ERR_SIGN_URL) for what clients refuse, or send differently from one another
 */
export function targetOf(url: string): Target {
  // Controls would vanish, or end the request line.
  if (/\p{Cc}/u.test(url)) throw refused("holds a control character: percent-encode it");
  const { scheme, authority, path, query } = splitUrl(url);
  const origin = `${scheme}://${authority}`;
  if ((scheme !== "https" && scheme !== "http") || !URL.canParse(origin)) {
    throw refused("must be absolute, such as https://id.execute-api.eu-west-1.amazonaws.com/stage/path");
  }
  if (authority.includes("@")) throw refused(`must not hold user information ("user:password@")`);
  if (authority.includes("\\") || path.includes("\\")) {
    throw refused("holds a backslash before its query: write it as %5C");
  }
  return { host: new URL(origin).host, path, query };
}

/** The URL itself is not shown: its query may be a secret. */
function refused(problem: string): SigningError {
  return new SigningError(`"url" ${problem}`, { code: "ERR_SIGN_URL", param: "url" });
}
