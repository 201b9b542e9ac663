/** The texts behind a signature, safe to print. */
import { fromNative } from "../errors.js";
import { native } from "../native.js";
import { escapeQuery } from "./escape.js";
import type { Frame } from "./frame.js";
import type { PreparedExplanation } from "./prepared.js";

/**
 * What was computed on the way to a signature.
 *
 * The enumerable texts may be logged: the session token stands in them as `<token, N bytes>`, and of the result the
 * signature is all that is shown. The texts as they were really hashed are `exactCanonicalRequest` and `exactResult`,
 * which printing and `JSON.stringify` leave out.
 */
export interface Explanation {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
  readonly signedHeaders: readonly string[];
  /** The canonical request with the session token in it: its SHA-256 is the last line of the string to sign. */
  readonly exactCanonicalRequest: string;
  /** The value of `authorization`, or the presigned URL. */
  readonly exactResult: string;
}

export function explainFrame(
  frame: Frame,
  body: Uint8Array | undefined,
  sessionToken: string | undefined,
): Explanation {
  let texts: string[];
  try {
    texts = native.explain(frame.bytes, body);
  } catch (error) {
    throw fromNative(error);
  }
  const [canonicalRequest = "", stringToSign = "", signature = "", signedHeaders = "", result = ""] = texts;
  return explanationOf({ canonicalRequest, stringToSign, signature, signedHeaders }, result, sessionToken);
}

/** An explanation that may be printed, of exact texts. */
export function explanationOf(
  exact: PreparedExplanation,
  result: string,
  sessionToken: string | undefined,
): Explanation {
  const { canonicalRequest, stringToSign, signature, signedHeaders } = exact;
  const explanation = {
    canonicalRequest: withoutToken(canonicalRequest, sessionToken),
    stringToSign,
    signature,
    signedHeaders: signedHeaders.split(";"),
  };
  return Object.defineProperties(explanation, {
    exactCanonicalRequest: { value: canonicalRequest },
    exactResult: { value: result },
  }) as typeof explanation & Pick<Explanation, "exactCanonicalRequest" | "exactResult">;
}

/** The text with the token, plain or percent-encoded, replaced by its length. */
function withoutToken(text: string, sessionToken: string | undefined): string {
  if (sessionToken === undefined) return text;
  const shown = `<token, ${sessionToken.length} bytes>`;
  return text.replaceAll(sessionToken, shown).replaceAll(escapeQuery(sessionToken), shown);
}
