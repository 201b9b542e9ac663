/** Reads fields of an answer by name; one that is missing, or is not what it should be, makes the answer unreadable. */
import { types } from "node:util";
import { isRecord } from "../strategies/option-checks.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";
import { XmlAnswer } from "./query-protocol.js";
import { UnreadableAnswer } from "./service-error.js";

/** Reads one field; a field that is not optional and absent or empty makes the answer unreadable. */
export interface Field {
  (path: string): string;
  (path: string, required: false): string | undefined;
}

/** The fields of an answer below one element. @throws UnreadableAnswer when it is no XML. */
export function fieldsOf(body: string, root: string): Field {
  let xml: XmlAnswer;
  try {
    xml = new XmlAnswer(body);
  } catch {
    // The parser's own message is not passed on: it may quote the answer.
    throw new UnreadableAnswer("something that is no XML", "ERR_XML");
  }
  return fieldBy((path) => xml.at(`${root}/${path}`));
}

/** The fields of an answer that is an object, by their path; numbers and dates as texts. */
export function fieldsIn(answer: unknown): Field {
  return fieldBy((path) => {
    let value = answer;
    for (const name of path.split("/")) value = ownOf(value, name);
    if (value === undefined || value === null) return undefined;
    if (types.isDate(value)) return dateText(value);
    // An object would become a text that is none of the answer's, or none at all.
    if (typeof value === "object") throw new UnreadableAnswer(`a ${path} that is no text`);
    return String(value);
  });
}

function ownOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** An invalid Date has no ISO form; its text is none either, which the reader of the field finds out. */
function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? String(date) : date.toISOString();
}

function fieldBy(look: (path: string) => string | undefined): Field {
  return ((path: string, required = true) => {
    const text = look(path);
    if (required && (text === undefined || text === "")) throw new UnreadableAnswer(`no ${path} in it`);
    return text;
  }) as Field;
}

/** The `Credentials` of an answer, of the account in the ARN of whom they speak as. */
export function credentialsIn(field: Field, arn?: string): TemporaryCredentials {
  const expiration = new Date(field("Credentials/Expiration"));
  if (Number.isNaN(expiration.getTime())) throw new UnreadableAnswer("a Credentials/Expiration that is no date");
  const accountId = arn?.split(":")[4];
  return {
    accessKeyId: field("Credentials/AccessKeyId"),
    secretAccessKey: field("Credentials/SecretAccessKey"),
    sessionToken: field("Credentials/SessionToken"),
    expiration,
    ...(accountId ? { accountId } : {}),
  };
}
