/** Signs URLs that were filled from a template: each in one native call, or hundreds in one. */
import { CredentialsNotReadyError, fromNative } from "../../errors.js";
import { native } from "../../native.js";
import { amzDate } from "../../signing/amz-date.js";
import { escapeQuery } from "../../signing/escape.js";
import { DIALECTS, UNSIGNED_PAYLOAD } from "../../signing/flags.js";
import { HEADER, type Stamp, writeRequest } from "../../signing/frame.js";
import type { Triple } from "../../signing/prepared.js";
import { seedFrame } from "../../signing/streams/chain-seed.js";
import type { FilledTemplate, UrlTemplate } from "./url-template.js";

/** What every URL of one call is signed with. */
export interface SigningMoment {
  readonly triple: Triple;
  /** Milliseconds since the epoch. */
  readonly millis: number;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface Scope {
  readonly region: string;
  readonly service: string;
}

/** By smithy's rules; that the payload is not signed travels in the query, as the SDK has it. */
const FLAGS = DIALECTS.smithy | UNSIGNED_PAYLOAD;
/** Room for what the core adds to a URL, besides the token. */
const ANSWER = 2048;
/** Above all answers that are signatures and no advice to refresh. */
const ADVISED = 1 << 30;
const DIGITS = 64;
/** Characters of one answer in a batch: what joins the URL to the parameters, then the signature. */
const RECORD = 1 + DIGITS;

/** The parameters of the last signature: they change with the second, the triple and the scope. */
let last:
  | {
      readonly version: number;
      readonly date: string;
      readonly expiresIn: number;
      readonly scope: Scope;
      readonly text: string;
    }
  | undefined;

/** The parameters before the signature, in the order of their names. */
function parametersOf({ triple, millis, expiresIn }: SigningMoment, scope: Scope): string {
  const date = amzDate(millis);
  if (
    last?.version === triple.version &&
    last.date === date &&
    last.expiresIn === expiresIn &&
    last.scope.region === scope.region &&
    last.scope.service === scope.service
  ) {
    return last.text;
  }
  const { accessKeyId, sessionToken, version } = triple;
  const credential = `${accessKeyId}/${date.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`;
  const token = sessionToken === undefined ? "" : `&X-Amz-Security-Token=${escapeQuery(sessionToken)}`;
  const text =
    `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=${escapeQuery(credential)}` +
    `&X-Amz-Date=${date}&X-Amz-Expires=${expiresIn}${token}&X-Amz-Signature=`;
  last = { version, date, expiresIn, scope, text };
  return text;
}

function stampOf({ triple, millis, expiresIn }: SigningMoment): Stamp {
  const { handle, version, now } = triple;
  return { handle, version, now, signingDate: millis, flags: FLAGS, expiresIn };
}

const toSign = ({ location, tail }: FilledTemplate): string =>
  tail === "" ? location : `${location}?${tail.slice(1)}`;

const prefixOf = ({ region, service }: Scope): string => `${region}\n${service}\n\n`;

function written(filled: FilledTemplate, template: UrlTemplate, parameters: string, signature: string): string {
  const names = template.signsHostAlone ? "host" : escapeQuery(template.signedHeaders);
  return `${filled.location}${parameters}${signature}&X-Amz-SignedHeaders=${names}${filled.tail}`;
}

/**
 * The presigned URL. Nothing may be awaited since its triple was taken.
 *
 * @throws CredentialsNotReadyError when the triple is not the current one any more
 */
export function signFilled(template: UrlTemplate, filled: FilledTemplate, scope: Scope, moment: SigningMoment): string {
  const { method } = template;
  const url = toSign(filled);
  const room = ANSWER + 3 * (moment.triple.sessionToken?.length ?? 0);
  const { frame } = writeRequest(prefixOf(scope), { method, url, headers: filled.headers }, stampOf(moment), room);
  let answer: number;
  try {
    answer = native.presign(frame.bytes, undefined);
  } catch (error) {
    throw fromNative(error);
  }
  if (answer < 0)
    throw new CredentialsNotReadyError("the credentials changed while a URL was being presigned: do it again");
  // The answer is a URL in another order, with the signature at its end.
  const end = HEADER + (answer >= ADVISED ? answer - ADVISED : answer);
  return written(filled, template, parametersOf(moment, scope), frame.bytes.toString("latin1", end - DIGITS, end));
}

/** A filled template of a GET request that signs its host alone. */
export interface BatchLine {
  readonly template: UrlTemplate;
  readonly filled: FilledTemplate;
}

/**
 * The presigned URLs of a batch, in order, with one triple and one date. Nothing may be awaited since the triple was taken.
 *
 * @param onPool whether a thread of the pool signs them, so that the event loop goes on
 */
export async function signBatch(
  lines: readonly BatchLine[],
  scope: Scope,
  moment: SigningMoment,
  onPool: boolean,
): Promise<string[]> {
  const parameters = parametersOf(moment, scope);
  const settings = seedFrame({ prefix: prefixOf(scope), stamp: stampOf(moment) });
  let text = "";
  for (const { filled } of lines) text += `${toSign(filled)}\n`;
  const urls = Buffer.from(text.slice(0, -1));
  const answer = await (onPool ? native.presignBatchLater : native.presignBatch)(settings, urls, 0);
  const signatures = answer.toString("latin1");
  let record = signatures.indexOf("\n") + 1;
  const signed: string[] = [];
  for (const { template, filled } of lines) {
    signed.push(written(filled, template, parameters, signatures.slice(record + 1, record + RECORD)));
    record += RECORD;
  }
  return signed;
}
