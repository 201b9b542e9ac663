/** Refusals in the forms in which AWS answers them: XML as S3 does, JSON as API Gateway and most services do. */
import { type BRSError, VerificationError } from "../../errors.js";

/** "xml" as S3 answers, "json" as API Gateway does. */
export type ErrorForm = "xml" | "json";

export interface ErrorAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the receiver's own faults are called to the outside. */
const INTERNAL = {
  code: "InternalFailure",
  message: "We encountered an internal error. Please try again.",
  statusCode: 500,
};

/** The answer to an error. What is no refusal, and whatever a refusal of our own making (5xx) says of its cause, stays inside. */
export function errorAnswer(error: unknown, form: ErrorForm, resource = ""): ErrorAnswer {
  const isRefusal = error instanceof VerificationError && (error.statusCode ?? 403) !== 500;
  const known = isRefusal ? (error as BRSError) : INTERNAL;
  const { code, message, statusCode = 403 } = known;
  const path = resource.split("?", 1)[0] ?? "";
  const body =
    form === "xml"
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escaped(message)}</Message><Resource>${escaped(path)}</Resource></Error>`
      : JSON.stringify({ __type: code, message });
  return {
    statusCode,
    headers: {
      "content-type": form === "xml" ? "application/xml" : "application/json",
      "content-length": String(Buffer.byteLength(body)),
      ...(form === "json" ? { "x-amzn-errortype": code } : {}),
    },
    body,
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text for XML; what XML cannot hold at all becomes a question mark. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (character) => ("\t\n\r".includes(character) ? character : "?"));
