/** Reads the credentials that a user's callable or provider function answered, in any of the three spellings AWS users know. */
import { BRSCredentialError, masked } from "../errors.js";
import { EXPIRATION_FORM, parseExpiration } from "./expiration.js";
import { isRecord } from "./option-checks.js";
import type { TemporaryCredentials } from "./strategy.js";

/** The spelling of boto3-refresh-session. */
export interface BotoCredentialResult {
  access_key: string;
  secret_key: string;
  token: string | null;
  expiry_time: Date | string;
  account_id?: string;
}

/** The spelling of the AWS SDK for JavaScript. */
export interface SdkCredentialResult {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
  expiration: Date | string;
  accountId?: string;
}

/** The spelling of STS, as found in `Credentials` of its answers. */
export interface StsCredentialResult {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string | null;
  Expiration: Date | string;
  AccountId?: string;
}

/** What a callable may answer; a whole answer of an STS operation will do, too. A token of null means that there is none. */
export type CredentialResult =
  | BotoCredentialResult
  | SdkCredentialResult
  | StsCredentialResult
  | { Credentials: StsCredentialResult };

type Spelling = Readonly<Record<keyof TemporaryCredentials, string>>;

const BOTO: Spelling = {
  accessKeyId: "access_key",
  secretAccessKey: "secret_key",
  sessionToken: "token",
  expiration: "expiry_time",
  accountId: "account_id",
};
const SDK: Spelling = {
  accessKeyId: "accessKeyId",
  secretAccessKey: "secretAccessKey",
  sessionToken: "sessionToken",
  expiration: "expiration",
  accountId: "accountId",
};
const STS: Spelling = {
  accessKeyId: "AccessKeyId",
  secretAccessKey: "SecretAccessKey",
  sessionToken: "SessionToken",
  expiration: "Expiration",
  accountId: "AccountId",
};

export interface CredentialResultOptions {
  /** Who answered, as the subject of an error message: `customCredentialsMethod`. */
  source: string;
  /** Whether token and expiration must be there; false for providers that may hand out long-lived credentials. */
  complete: boolean;
  /** Epoch milliseconds; a set that has ended by then is refused. */
  now: number;
}

/**
 * Turns an answer into credentials, or throws a BRSCredentialError that says what is wrong with it.
 *
 * `details.missing` of the error holds the absent names, sorted, in the spelling that the answer used most; `param` is the
 * name of the one field that is wrong. Both kinds are retryable: the next answer may be right.
 */
export function readCredentialResult(answer: unknown, options: CredentialResultOptions): TemporaryCredentials {
  const { source, complete, now } = options;
  const fields = isRecord(answer) && isRecord(answer.Credentials) ? answer.Credentials : answer;
  if (!isRecord(fields)) {
    // Text may be a secret that was returned alone, so only its length is told.
    const found = Array.isArray(fields) ? "an array" : typeof fields === "string" ? masked(fields) : String(fields);
    throw fault(`${source} answered ${found} instead of credentials`);
  }
  const spelling = spellingOf(fields);
  const required = complete
    ? [spelling.accessKeyId, spelling.secretAccessKey, spelling.sessionToken, spelling.expiration]
    : [spelling.accessKeyId, spelling.secretAccessKey];
  const missing = required.filter((name) => fields[name] === undefined).sort();
  if (missing.length > 0) {
    throw new BRSCredentialError(`${source} answered without ${missing.join(", ")}; ${EXPECTED}`, {
      details: { missing },
      retryable: true,
    });
  }
  const text = (field: keyof TemporaryCredentials): string =>
    readText(source, spelling[field], fields[spelling[field]], field === "secretAccessKey");
  const credentials: TemporaryCredentials = {
    accessKeyId: text("accessKeyId"),
    secretAccessKey: text("secretAccessKey"),
  };
  const given = (field: keyof TemporaryCredentials): boolean => !ABSENT.includes(fields[spelling[field]]);
  if (given("sessionToken")) credentials.sessionToken = text("sessionToken");
  if (given("accountId")) credentials.accountId = text("accountId");
  if (complete || given("expiration")) {
    credentials.expiration = readExpiration(source, spelling.expiration, fields[spelling.expiration], now);
  }
  return credentials;
}

const EXPECTED =
  "give { accessKeyId, secretAccessKey, sessionToken, expiration } or the same in the spelling of boto or of STS";

const ABSENT: readonly unknown[] = [undefined, null, ""];

function fault(message: string, param?: string): BRSCredentialError {
  const text = param === undefined ? `${message}; ${EXPECTED}` : message;
  return new BRSCredentialError(text, { retryable: true, ...(param !== undefined && { param }) });
}

/** The spelling of which most names are there; of an answer with none, boto's. */
function spellingOf(fields: Record<string, unknown>): Spelling {
  const count = (spelling: Spelling) => Object.values(spelling).filter((name) => fields[name] !== undefined).length;
  return [BOTO, SDK, STS].reduce((best, next) => (count(next) > count(best) ? next : best));
}

function readText(source: string, name: string, value: unknown, anyByte = false): string {
  // CR, LF and NUL would end a header. A secret is never sent, so it may hold any byte.
  if (typeof value === "string" && value !== "" && (anyByte || !/[\0\r\n]/.test(value))) return value;
  throw fault(`${source} answered ${name} as ${masked(value)}, but it must be text of one line`, name);
}

function readExpiration(source: string, name: string, value: unknown, now: number): Date {
  const expiration = parseExpiration(value);
  if (expiration === undefined) {
    throw fault(`${source} answered ${name} ${describe(value)}, but it must be ${EXPIRATION_FORM}`, name);
  }
  if (expiration.getTime() <= now) {
    throw fault(`${source} answered credentials that ended at ${expiration.toISOString()} (${name})`, name);
  }
  return expiration;
}

function describe(value: unknown): string {
  // A token put into the wrong field must not be quoted, so only what looks like a date is.
  if (typeof value === "string" && value.length <= 40 && /^[\d\s:.,+\-TZ]+$/.test(value)) return `"${value}"`;
  if (value instanceof Date) return "as an invalid Date";
  return typeof value === "number" ? `as the number ${value}` : `as ${masked(value)}`;
}
