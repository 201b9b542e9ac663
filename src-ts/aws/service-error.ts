/** An error answer of an AWS service as a BRSRequestError, with every secret of the request taken out of its words. */
import { BRSRequestError } from "../errors.js";
import { XmlAnswer } from "./query-protocol.js";
import { isTransient } from "./retry.js";
import type { HttpAnswer } from "./transport.js";

const MAX_MESSAGE_LENGTH = 1_000;

/** What a failing call was, for its error. */
export interface CallFacts {
  readonly operation: string;
  readonly endpoint: string;
  readonly attempt: number;
  /** Texts that must not appear: services quote what they were sent, a canonical request with its token included. */
  readonly secrets: readonly string[];
  /** How the service writes its errors; default: as XML. */
  readonly readError?: ErrorReader;
  /** What to do about a code of this operation, where that differs from what signed calls need. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Codes that another refresh may not meet, since it comes with another token. */
  readonly passing?: ReadonlySet<string>;
}

/** What an error answer says of itself, unchecked. */
export interface SaidError {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly requestId?: string | undefined;
}

export type ErrorReader = (answer: HttpAnswer) => SaidError;

/** A 2xx answer that is not what was asked for; `message` completes "the service answered 200 with". */
export class UnreadableAnswer extends Error {
  /** Code of the error that callers get. */
  readonly code: string;

  constructor(what: string, code: string = BRSRequestError.code) {
    super(what);
    this.code = code;
  }
}

/**
 * Takes every secret out of a text: as it is, and as it looks URL-encoded or inside JSON.
 *
 * Short secrets go too, at the price of an odd-looking message.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    JSON.stringify(secret).slice(1, -1),
  ]);
  // Longest first, so that no part of a longer secret is left over when it contains a shorter one.
  for (const form of [...new Set(forms)].sort((a, b) => b.length - a.length)) {
    if (form.length > 1) clean = clean.replaceAll(form, "<redacted>");
  }
  return clean;
}

/** Without line ends and signs that a terminal would obey: the text is that of whoever answered. */
export function plainLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}

function oneLine(text: string): string {
  const line = plainLine(text);
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH)}...` : line;
}

/** Names and ids are short and plain; anything else in their place is not passed on. */
function plain(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.:-]{1,128}$/.test(text) ? text : undefined;
}

/** Reads an error of the protocols Query, EC2 and restXml. */
export const readXmlError: ErrorReader = ({ body }) => {
  let xml: XmlAnswer;
  try {
    xml = new XmlAnswer(body);
  } catch {
    return { code: undefined, message: undefined };
  }
  return {
    code: xml.ending("Error/Code"),
    message: xml.ending("Error/Message"),
    requestId: xml.ending("RequestId") ?? xml.ending("RequestID"),
  };
};

const ADVICE: Readonly<Record<string, string>> = {
  AccessDenied:
    "check the trust policy of the role, SerialNumber if it wants MFA, and the permissions of the source credentials",
  ExpiredToken: "the source credentials have expired; renew them",
  ExpiredTokenException: "the source credentials have expired; renew them",
  InvalidClientTokenId: "check the access key and session token of the source credentials",
  SignatureDoesNotMatch: "check the secret access key of the source credentials",
  RegionDisabledException: "activate STS in that region for the account, or use another region",
};

/** An error answer, read. */
export interface ServiceFailure {
  readonly error: BRSRequestError;
  /** The request was refused for its time, and the clock is right now. */
  readonly mended: boolean;
}

/** Reads an answer whose status is not 2xx. `canMend` says whether a clock that was wrong has just been set right. */
export function serviceFailure(
  answer: HttpAnswer,
  facts: CallFacts,
  canMend: (awsCode: string | undefined, message: string) => boolean,
): ServiceFailure {
  const { operation, endpoint, attempt, secrets, readError = readXmlError } = facts;
  const said = readError(answer);
  const awsCode = plain(withoutSecrets(said.code ?? "", secrets));
  const requestId = plain(said.requestId) ?? plain(header(answer, "x-amzn-requestid"));
  const message = oneLine(withoutSecrets(said.message ?? "", secrets));
  const mended = canMend(awsCode, message);
  const words = [awsCode, message].filter(Boolean).join(": ") || "with no error that can be read";
  const advice = mended
    ? "the local clock is wrong by as much as the answer's Date says; the next attempt is signed by that"
    : adviceFor(awsCode, message, facts);
  const error = new BRSRequestError(
    `${operation}: ${endpoint} answered ${answer.statusCode} ${words}${advice ? ` (${advice})` : ""}`,
    {
      statusCode: answer.statusCode,
      details: { operation, endpoint, attempt, ...(awsCode && { awsCode }), ...(requestId && { requestId }) },
      retryable: mended || isTransient(answer.statusCode, awsCode) || facts.passing?.has(awsCode ?? "") === true,
    },
  );
  return { error, mended };
}

function adviceFor(awsCode: string | undefined, message: string, facts: CallFacts): string | undefined {
  if (awsCode === undefined) return undefined;
  if (/role chaining/i.test(message)) {
    return "a role that another role's session assumes has one hour at most: DurationSeconds of 3600 or less";
  }
  if (/MultiFactorAuthentication/.test(message)) {
    return "check the code, SerialNumber, and that device and AWS have the same time; a code serves once";
  }
  // Own entries alone: the code is the server's to choose, and may be "constructor".
  const tables = [facts.advice ?? {}, ADVICE];
  return tables.find((advice) => Object.hasOwn(advice, awsCode))?.[awsCode];
}

function header(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The error of a 2xx answer that cannot be read. The next call may well get a right one. */
export function unreadableAnswer(answer: HttpAnswer, facts: CallFacts, found: UnreadableAnswer): BRSRequestError {
  const { operation, endpoint, attempt } = facts;
  const service = operation.split(" ", 1)[0];
  return new BRSRequestError(
    `${operation}: ${endpoint} answered ${answer.statusCode} with ${found.message}; ` +
      `check that the endpoint is ${service} and that no proxy answers in its place`,
    {
      code: found.code,
      statusCode: answer.statusCode,
      details: { operation, endpoint, attempt },
      retryable: true,
    },
  );
}
