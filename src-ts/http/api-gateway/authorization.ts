/** Signs requests by the rules of API Gateway, or tells what would be signed. */
import { BRSConfigurationError, CredentialsNotReadyError } from "../../errors.js";
import { amzDate, millisOf } from "../../signing/amz-date.js";
import { type Explanation, explanationOf } from "../../signing/explain.js";
import {
  authorizationText,
  explainPrepared,
  heldTriple,
  onceReady,
  type PreparedRequest,
  type PreparedSignature,
  readyTriple,
  type SigningScope,
  signPrepared,
  type Triple,
} from "../../signing/prepared.js";
import { signingMillis } from "../../signing/presigning/options.js";
import type { SignedHeaders } from "../../signing/signer-calls.js";
import { headerValue } from "../headers/sent-headers.js";
import type { OutgoingRequest } from "../outgoing-request.js";
import type { ResolvedApiGatewayOptions } from "./options.js";
import { type HashedPayload, hashedInTurns, hashedPayload } from "./payload.js";
import { regionOfHost } from "./region.js";
import { ALSO_SIGNED, ruledHeaders } from "./rules.js";
import { targetOf } from "./target.js";

const SERVICE = "execute-api";

/** A request with everything that will be signed, and what is left to set on it. */
interface Ready {
  readonly scope: SigningScope;
  readonly millis: number;
  readonly request: PreparedRequest;
  readonly set: SignedHeaders;
}

export async function authorizationHeaders(
  settings: ResolvedApiGatewayOptions,
  request: OutgoingRequest,
  signingDate: Date | undefined,
): Promise<SignedHeaders> {
  const { credentials } = settings;
  const payload = await hashedInTurns(request.body);
  return onceReady(credentials, () => {
    const triple = heldTriple(credentials);
    return signed(triple, readied(settings, request, signingDate, triple, payload));
  });
}

/**
 * As {@link authorizationHeaders}, at once.
 *
 * @throws CredentialsNotReadyError when a refresh has to be awaited first
 */
export function authorizationNow(
  settings: ResolvedApiGatewayOptions,
  request: OutgoingRequest,
  signingDate: Date | undefined,
): SignedHeaders {
  const triple = readyTriple(settings.credentials);
  return signed(triple, readied(settings, request, signingDate, triple, hashedPayload(request.body)));
}

function signed(triple: Triple, ready: Ready): SignedHeaders {
  const made = signPrepared(triple, ready.scope, ready.millis, ready.request);
  return { authorization: authorization(ready, triple, made), ...ready.set };
}

/** @throws CredentialsNotReadyError while no credentials are held */
export function explainAuthorization(settings: ResolvedApiGatewayOptions, request: OutgoingRequest): Explanation {
  const triple = heldTriple(settings.credentials);
  // Expired credentials explain as well as others; only without any there is nothing to tell.
  if (triple.version === 0) {
    throw new CredentialsNotReadyError("no credentials are held yet to explain with: await sign() first");
  }
  const ready = readied(settings, request, undefined, triple, hashedPayload(request.body));
  const exact = explainPrepared(triple, ready.scope, ready.millis, ready.request);
  const result = authorization(ready, triple, exact);
  return explanationOf(exact, result, triple.sessionToken);
}

function readied(
  { region: given, algorithm, clock, credentials, replaces }: ResolvedApiGatewayOptions,
  request: OutgoingRequest,
  signingDate: Date | undefined,
  { sessionToken }: Triple,
  payload: HashedPayload,
): Ready {
  const target = targetOf(request.url);
  const millis = millisOf(signingDate) ?? signingMillis(clock, credentials);
  const ownHost = headerValue(request.headers, "host");
  const region = given ?? regionFrom(ownHost ?? target.host, target.host);
  const { set, all } = ruledHeaders(request, {
    replaces,
    host: target.host,
    payloadHash: payload.hash,
    payloadLength: payload.length,
    millis,
    sessionToken,
    regionSet: algorithm === "sigv4a" ? region : undefined,
  });
  return {
    scope: {
      region,
      service: SERVICE,
      dialect: "aws",
      algorithm,
      doubleEncodePath: true,
      normalizePath: true,
      signableHeaders: ALSO_SIGNED,
    },
    millis,
    request: {
      method: request.method,
      path: target.path,
      query: target.query,
      headers: all,
      payload: { hash: payload.hash },
    },
    set,
  };
}

/** Of the hosts of a request: the one that it names, and the one that it is sent to. */
function regionFrom(named: string, host: string): string {
  const region = regionOfHost(named) ?? regionOfHost(host);
  if (region !== undefined) return region;
  throw new BRSConfigurationError(
    `"region" is missing: the session has none, and the host "${named}" does not name the region of its API as ` +
      "id.execute-api.REGION.amazonaws.com does; give it to ApiGateway or to the session",
    { param: "region" },
  );
}

function authorization({ scope, millis }: Ready, triple: Triple, made: PreparedSignature): string {
  const { algorithm, region } = scope;
  const [name, place] =
    algorithm === "sigv4a" ? ["AWS4-ECDSA-P256-SHA256", SERVICE] : ["AWS4-HMAC-SHA256", `${region}/${SERVICE}`];
  const credential = `${triple.accessKeyId}/${amzDate(millis).slice(0, 8)}/${place}/aws4_request`;
  return authorizationText(name, credential, made);
}
