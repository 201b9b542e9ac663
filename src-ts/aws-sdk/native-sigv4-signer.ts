/** The signers of the SDK's auth schemes on the native core: they sign with the identity that the client has resolved. */
import { masked, SigningError } from "../errors.js";
import { hasLargeBody, payloadInSlices } from "./canonical-input.js";
import { learnFromAnswer, learnFromError, signingTime } from "./clock-skew.js";
import { signedInHeaders } from "./header-signature.js";
import { inRegionSet, occasionOf } from "./occasion.js";
import type {
  SdkHttpAuthScheme,
  SdkHttpRequest,
  SdkHttpSigner,
  SdkIdentity,
  SdkSigningProperties,
} from "./sdk-types.js";
import { heldSignatory, tripleOf } from "./signatory.js";
import { ALL_REGIONS, SignatureV4 } from "./signature-v4.js";
import { isSettled, placed, type SigningPlace, settleScope } from "./signing-place.js";

/** What keeps the clock of a client right: the handlers of the signer that was there before. */
export type ClockKeeper = Pick<SdkHttpSigner, "errorHandler" | "successHandler">;

const rethrown = () => (error: unknown) => {
  throw error;
};

const OWN_KEEPER: ClockKeeper = {
  errorHandler: (signingProperties) => (error) => {
    learnFromError(error, signingProperties as unknown as SdkSigningProperties);
    throw error;
  },
  successHandler: (httpResponse, signingProperties) =>
    learnFromAnswer(httpResponse, signingProperties as unknown as SdkSigningProperties),
};

/** Seconds that the URL of a web socket is valid, as the SDK presigns it. */
const SOCKET_LIFETIME = 60;

/** Notes on the properties of a call that it was signed: by its next attempt the identity resolved for it may be stale. */
const ATTEMPTED = Symbol("attempted");

/**
 * Signs for the auth scheme `aws.auth#sigv4` of an SDK v3 client; {@link withNativeSigning} installs it, and clients that are
 * made with `httpAuthSchemes` of their own take it there.
 *
 * Signs with the identity that the client resolved for the call, where the SDK's signer asks the provider once more; further
 * attempts of a call ask again, so that a refresh reaches them, and so do clients with `cacheMiddleware`, whose calls share what
 * was resolved. Corrects the client's `systemClockOffset` as the SDK does.
 * Keeps no state of its own: one instance serves any number of clients.
 *
 * @example
 * ```ts
 * import { NativeSigV4Signer } from "aws-refresh-session/aws-sdk";
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 *
 * const schemeId = "aws.auth#sigv4";
 * const dynamodb = new DynamoDBClient({
 *   region: "eu-west-1",
 *   httpAuthSchemes: [{ schemeId, identityProvider: (config) => config.getIdentityProvider(schemeId), signer: new NativeSigV4Signer() }],
 * });
 * ```
 */
export class NativeSigV4Signer implements SdkHttpSigner {
  // As properties: the SDK calls them without their object.
  readonly errorHandler: NonNullable<SdkHttpSigner["errorHandler"]>;
  readonly successHandler: NonNullable<SdkHttpSigner["successHandler"]>;

  /** `keeper` is for a client that has a signer already, whose handlers then go on keeping the clock in its version's way. */
  constructor(keeper: ClockKeeper = OWN_KEEPER) {
    this.errorHandler = keeper.errorHandler ?? rethrown;
    this.successHandler = keeper.successHandler ?? (() => {});
  }

  /** A copy of the request with the signature in its headers, or in the URL of a web socket. */
  async sign(
    httpRequest: SdkHttpRequest,
    identity: object,
    signingProperties: Record<string, unknown>,
  ): Promise<SdkHttpRequest> {
    const properties = checkedProperties(httpRequest, signingProperties);
    const { config, context } = properties;
    if (!isSettled(config)) await settleScope(config, context.endpointV2?.properties?.authSchemes?.[0]);
    const regionSet = this.signsForRegionSet ? await config.sigv4aSigningRegionSet?.() : undefined;
    const { disableClockSkewCorrection } = config;
    // Versions that do not know it leave what the user gave as it is.
    const isOff = typeof disableClockSkewCorrection === "function" && (await disableClockSkewCorrection()) === true;
    const large = hasLargeBody(httpRequest) ? await payloadInSlices(httpRequest) : undefined;
    // With cached middlewares calls at the same time share one context: the identity in it may be that of another caller.
    const mayBeStale = properties[ATTEMPTED] === true || config.cacheMiddleware === true;
    const current = (mayBeStale ? await this.#renewed(properties, identity) : identity) as SdkIdentity;
    properties[ATTEMPTED] = true;
    const place = this.signsForRegionSet ? placeInRegionSet(properties, regionSet) : placeOf(properties);
    const signingDate = new Date(signingTime(properties, isOff));
    if (httpRequest.protocol === "wss:" || httpRequest.protocol === "ws:") {
      return presignedSocket(httpRequest, current, place, signingDate);
    }
    const occasion = occasionOf(tripleOf(heldSignatory(config, current)), place, { signingDate });
    const isAsymmetric = this.signsForRegionSet || place.region === ALL_REGIONS;
    const signedFor = isAsymmetric ? inRegionSet(occasion) : occasion;
    return signedInHeaders(httpRequest, signedFor, {}, { appliesChecksum: true, large });
  }

  /** What the provider of this signer's scheme answers now: the client's credentials, unless the scheme has a provider of its own. */
  async #renewed({ config, context }: SdkSigningProperties, identity: object): Promise<object> {
    const option = context.__smithy_context?.selectedHttpAuthScheme?.httpAuthOption;
    const isOurs = ({ schemeId, signer }: SdkHttpAuthScheme) =>
      signer === this && (option?.schemeId === undefined || option.schemeId === schemeId);
    const provider = config.httpAuthSchemes?.find(isOurs)?.identityProvider({
      getIdentityProvider: () => config.credentials,
    });
    // Where the scheme is not known, the identity of the call stays: that of another provider may be somebody else's.
    return typeof provider === "function" ? provider(option?.identityProperties ?? {}) : identity;
  }

  /** @internal */
  protected get signsForRegionSet(): boolean {
    return false;
  }
}

/**
 * Signs for the auth scheme `aws.auth#sigv4a`: multi-region access points of S3, global endpoints of EventBridge. As
 * {@link NativeSigV4Signer}, and needs no other package.
 */
export class NativeSigV4aSigner extends NativeSigV4Signer {
  /** @internal */
  protected override get signsForRegionSet(): boolean {
    return true;
  }
}

type Properties = SdkSigningProperties & { [ATTEMPTED]?: boolean };

function checkedProperties(request: SdkHttpRequest, properties: Record<string, unknown>): Properties {
  const { config, context } = Object(properties) as Properties;
  const { headers } = Object(request) as Partial<SdkHttpRequest>;
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  if (isObject(headers) && isObject(config) && isObject(context)) return properties as unknown as Properties;
  const param = !isObject(headers) ? "httpRequest" : isObject(config) ? "context" : "config";
  const found = param === "httpRequest" ? request : Object(properties)[param];
  throw new SigningError(
    `a signer of auth schemes takes a request and the signing properties of an SDK client; "${param}" is ${masked(found)}`,
    { code: "ERR_SIGN_REQUEST", param },
  );
}

function placeOf({ config, context, signingRegion, signingName }: SdkSigningProperties): SigningPlace {
  const { authSchemes } = context;
  // An endpoint that offers both is signed for in the region of the second.
  const second = authSchemes?.[0]?.name === "sigv4a" && authSchemes[1]?.name === "sigv4" ? authSchemes[1] : undefined;
  return placed(config, second?.signingRegion ?? signingRegion, second?.signingName ?? signingName);
}

function placeInRegionSet(
  { config, signingRegion, signingRegionSet, signingName }: SdkSigningProperties,
  configured: readonly string[] | undefined,
): SigningPlace {
  const regions = configured ?? signingRegionSet;
  return placed(config, regions === undefined ? signingRegion : regions.join(","), signingName);
}

/** As the SDK presigns it: nothing but the host is signed, and the body follows in messages. */
async function presignedSocket(
  request: SdkHttpRequest,
  credentials: SdkIdentity,
  { service, region, escapesPath }: SigningPlace,
  signingDate: Date,
): Promise<SdkHttpRequest> {
  const signer = new SignatureV4({ service, region, credentials, uriEscapePath: escapesPath });
  const unsignableHeaders = new Set(Object.keys(request.headers).filter((name) => name !== "host"));
  const options = { signingDate, expiresIn: SOCKET_LIFETIME, unsignableHeaders };
  return { ...(await signer.presign({ ...request, body: "" }, options)), body: request.body };
}
