/** What an `ApiGateway` can be told, in its two forms, and the check of every field. */
import { type Clock, systemClock } from "../../defaults.js";
import { BRSConfigurationError } from "../../errors.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { checkClock, checkRegion } from "../../signing/presigning/options.js";
import { regionSetOf } from "../../signing/signer-options.js";
import { checkAlternatives, checkNames, checkOneOf, checkRecord, checkText } from "../../strategies/option-checks.js";
import { checkBufferLimit, DEFAULT_BUFFER_LIMIT } from "../bodies/buffer-limit.js";
import { replacedHeaders } from "./rules.js";

/** What both forms take. */
export interface ApiGatewaySettings {
  /** Longest stream, in bytes, that is read into memory to be signed; default 10 MiB, the limit of API Gateway. */
  bufferLimit?: number;
  /** "sigv4a" signs for a set of regions, as APIs want it that are routed among several regions behind one domain. */
  algorithm?: "sigv4" | "sigv4a";
  /** Milliseconds since the epoch; the default is the time of the credentials. */
  clock?: Clock;
}

/** Explicit keys. */
export interface ApiGatewayKeys extends ApiGatewaySettings {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  /** Of the API. For "sigv4a" the regions that may accept the signature: names, `*` for any part of one. */
  region: string | readonly string[];
  session?: never;
}

/** A session, whose refreshes reach every request at once. */
export interface ApiGatewaySession extends ApiGatewaySettings {
  /** Or a provider function, such as `fromChain()` gives. */
  session: CredentialSource & { readonly region?: string | undefined };
  /** Of the API; default: the session's, else the one that the host of the API names. */
  region?: string | readonly string[] | undefined;
  accessKeyId?: never;
  secretAccessKey?: never;
  sessionToken?: never;
}

export type ApiGatewayOptions = ApiGatewayKeys | ApiGatewaySession;

export interface ResolvedApiGatewayOptions {
  readonly credentials: RefreshableCredentials;
  /** For "sigv4a" the regions, separated by commas; undefined where the host has to name it. */
  readonly region: string | undefined;
  readonly algorithm: "sigv4" | "sigv4a";
  /** Lower-case names of headers that the user's requests lose. */
  readonly replaces: ReadonlySet<string>;
  readonly bufferLimit: number;
  /** As it was given. */
  readonly clock: Clock | undefined;
  readonly localClock: Clock;
}

const KEYS = ["accessKeyId", "secretAccessKey", "sessionToken"] as const;
const NAMES = [...KEYS, "session", "region", "bufferLimit", "algorithm", "clock"] as const;

export function resolveApiGatewayOptions(options: ApiGatewayOptions): ResolvedApiGatewayOptions {
  const given = checkRecord("options", options, "{ session } or { accessKeyId, secretAccessKey, region }");
  checkNames("", given, NAMES);
  const { session, region, bufferLimit = DEFAULT_BUFFER_LIMIT, algorithm = "sigv4", clock } = options;
  checkOneOf("algorithm", algorithm, ["sigv4", "sigv4a"]);
  checkClock(clock);
  const ownKey = KEYS.find((name) => given[name] !== undefined) ?? "accessKeyId";
  checkAlternatives({ [ownKey]: given[ownKey], session }, { needed: true });
  const chosen = session === undefined ? region : (region ?? regionOf(session));
  if (session === undefined && chosen === undefined) {
    throw new BRSConfigurationError(`"region" is needed beside keys: the region of the API, such as "eu-west-1"`, {
      param: "region",
    });
  }
  const check = algorithm === "sigv4a" ? regionSetOf : checkRegion;
  return {
    credentials: session === undefined ? asRefreshable(checkedKeys(options)) : asRefreshable(session, "session"),
    region: chosen === undefined ? undefined : check(chosen),
    algorithm,
    replaces: replacedHeaders(algorithm),
    bufferLimit: checkBufferLimit(bufferLimit),
    clock,
    localClock: clock ?? systemClock,
  };
}

function regionOf(session: ApiGatewaySession["session"]): string | undefined {
  return (session as { region?: string } | null)?.region;
}

/** Of the keys nothing is shown: people mistake one for the other. */
function checkedKeys({ accessKeyId, secretAccessKey, sessionToken }: ApiGatewayOptions) {
  const rule = { expected: "a text that is not empty", secret: true };
  const token = { expected: "a text, or left out for lasting keys", min: 0, secret: true };
  return {
    accessKeyId: checkText("accessKeyId", accessKeyId, rule),
    secretAccessKey: checkText("secretAccessKey", secretAccessKey, rule),
    ...(sessionToken !== undefined && { sessionToken: checkText("sessionToken", sessionToken, token) }),
  };
}
