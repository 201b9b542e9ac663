/** Authorization of AppSync's real-time WebSocket by IAM: headers of requests that are signed, but travel inside the socket. */
import type { Clock } from "../../defaults.js";
import { masked } from "../../errors.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import { amzDate } from "../amz-date.js";
import { checkNames } from "../option-names.js";
import { authorizationText, currentTriple, signPrepared } from "../prepared.js";
import { checkClock, checkRegion, checkWellFormed, refused, signingMillis } from "../presigning/options.js";

export interface AppSyncOptions {
  /** The GraphQL endpoint of the API: `https://abc.appsync-api.eu-west-1.amazonaws.com/graphql`, or one on a domain of yours. */
  endpoint: string | URL;
  region: string;
  credentials: CredentialSource;
  clock?: Clock;
}

/** What goes with a request of the socket; secret for as long as the service accepts the signature. */
export type AppSyncAuthorization = Record<string, string>;

export interface AppSyncConnection {
  /** For clients that cannot choose subprotocols freely: the authorization stands in its query. */
  url: string;
  /** Of `url`. */
  protocols: string[];
  /** The same without the authorization, which then goes into `headerProtocols`: it stays out of logs of URLs. */
  plainUrl: string;
  headerProtocols: string[];
  authorization: AppSyncAuthorization;
}

export interface AppSyncSubscription {
  /** Name of the subscription, unique in its connection. */
  id: string;
  query: string;
  variables?: Readonly<Record<string, unknown>>;
}

export interface AppSyncStartMessage {
  id: string;
  type: "start";
  payload: { data: string; extensions: { authorization: AppSyncAuthorization } };
}

const NAMES = ["endpoint", "region", "credentials", "clock"];
const PROTOCOL = "graphql-ws";

/**
 * How to open AppSync's real-time WebSocket with IAM.
 *
 * Source: "Building a real-time WebSocket client" in the AWS AppSync developer guide. The service accepts the signature for about
 * five minutes, so this is called for each connection.
 *
 * Rejects with BRSValidationError that names the option, or with the failure of a refresh.
 *
 * @example
 * ```ts
 * import { appSyncRealtimeConnection, appSyncRealtimeStart } from "aws-refresh-session/signing";
 *
 * const api = {
 *   endpoint: "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 * };
 * const { url, protocols } = await appSyncRealtimeConnection(api);
 * // const socket = new WebSocket(url, protocols);
 * const start = await appSyncRealtimeStart({ id: "1", query: "subscription { onOrder { id } }" }, api);
 * // socket.send(JSON.stringify(start));
 * ```
 */
export async function appSyncRealtimeConnection(options: AppSyncOptions): Promise<AppSyncConnection> {
  const endpoint = checkOptions(options, "appSyncRealtimeConnection");
  const authorization = await authorize(endpoint, `${endpoint.pathname}/connect`, "{}", options);
  const plainUrl = realtimeUrl(endpoint);
  const json = JSON.stringify(authorization);
  const header = encodeURIComponent(Buffer.from(json).toString("base64"));
  return {
    // "e30=" is {} in base64.
    url: `${plainUrl}?header=${header}&payload=${encodeURIComponent("e30=")}`,
    protocols: [PROTOCOL],
    plainUrl,
    headerProtocols: [PROTOCOL, `header-${Buffer.from(json).toString("base64url")}`],
    authorization,
  };
}

/** The message that begins a subscription, with the authorization that the service wants for each of them. */
export async function appSyncRealtimeStart(
  subscription: AppSyncSubscription,
  options: AppSyncOptions,
): Promise<AppSyncStartMessage> {
  const endpoint = checkOptions(options, "appSyncRealtimeStart");
  checkNames(subscription, "a subscription", ["id", "query", "variables"]);
  const id = checkWellFormed(subscription.id, "id", "the name of the subscription");
  const query = checkWellFormed(subscription.query, "query", "a GraphQL document");
  const { variables = {} } = subscription;
  if (typeof variables !== "object" || variables === null) throw refused("variables", "an object", variables);
  const data = `{"query":${JSON.stringify(query)},"variables":${jsonOf(variables)}}`;
  const authorization = await authorize(endpoint, endpoint.pathname, data, options);
  return { id, type: "start", payload: { data, extensions: { authorization } } };
}

function jsonOf(variables: object): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(variables);
  } catch {
    // A bigint, or an object that holds itself.
  }
  if (json === undefined) throw refused("variables", "an object that can be written as JSON", masked(variables));
  return json;
}

function checkOptions(options: AppSyncOptions, caller: string): URL {
  checkNames(options, caller, NAMES);
  checkRegion(options.region);
  checkClock(options.clock);
  const text = String(options.endpoint);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isEndpoint =
    url?.protocol === "https:" && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url === undefined || !isEndpoint || url.pathname === "/" || url.pathname.endsWith("/")) {
    throw refused(
      "endpoint",
      'a GraphQL endpoint such as "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"',
      withoutSecrets(text),
    );
  }
  return url;
}

/** What stands before an "@" may be a password, and a query a signature. */
function withoutSecrets(text: string): string {
  return /[@?#]/.test(text) ? masked(text) : text;
}

/** AppSync's own domains have a second host for the socket; on a domain of the user's it is another path. */
function realtimeUrl({ host, pathname }: URL): string {
  const own = host.replace(".appsync-api.", ".appsync-realtime-api.");
  return own === host ? `wss://${host}${pathname}/realtime` : `wss://${own}${pathname}`;
}

/** The signed headers of a POST to the API that is never sent as one. */
async function authorize(
  endpoint: URL,
  path: string,
  body: string,
  { region, credentials: source, clock }: AppSyncOptions,
): Promise<AppSyncAuthorization> {
  const credentials = asRefreshable(source);
  const triple = await currentTriple(credentials);
  const now = signingMillis(clock, credentials);
  const date = amzDate(now);
  const headers: AppSyncAuthorization = {
    accept: "application/json, text/javascript",
    "content-encoding": "amz-1.0",
    "content-type": "application/json; charset=UTF-8",
    host: endpoint.host,
    "x-amz-date": date,
    ...(triple.sessionToken !== undefined && { "x-amz-security-token": triple.sessionToken }),
  };
  const signed = signPrepared(
    triple,
    { service: "appsync", region, dialect: "aws", doubleEncodePath: true, normalizePath: true },
    now,
    { method: "POST", path, query: "", headers: Object.entries(headers), payload: body },
  );
  const scope = `${triple.accessKeyId}/${date.slice(0, 8)}/${region}/appsync/aws4_request`;
  headers.Authorization = authorizationText("AWS4-HMAC-SHA256", scope, signed);
  return headers;
}
