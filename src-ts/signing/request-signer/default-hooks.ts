/** The hooks that botocore's clients come with: operations that are never signed, auth types of operations, and preferred schemes. */
import { BRSValidationError, masked, shown } from "../../errors.js";
import { resolveAuthSchemePreference } from "./auth-schemes.js";
import type { RequestContext } from "./request-context.js";
import type { ChooseSignerEvent, SigningEvents } from "./signing-events.js";

export interface DefaultSigningHooksOptions {
  /** Auth schemes in order of preference: "sigv4a", "sigv4", "httpBearerAuth", "noAuth". Counts where the request has `authOptions`. */
  authSchemePreference?: readonly string[] | undefined;
  /** Region set of v4a, such as "us-east-1,eu-*"; the default is the request's region, else "*". */
  sigv4aSigningRegionSet?: string | undefined;
}

/** Who calls these has no credentials yet. */
const NEVER_SIGNED = [
  "choose-signer.cognito-identity.GetId",
  "choose-signer.cognito-identity.GetOpenIdToken",
  "choose-signer.cognito-identity.UnlinkIdentity",
  "choose-signer.cognito-identity.GetCredentialsForIdentity",
  "choose-signer.sts.AssumeRoleWithSAML",
  "choose-signer.sts.AssumeRoleWithWebIdentity",
] as const;

/** Signing names whose paths are signed as they are. */
const S3_NAMES: ReadonlySet<string> = new Set(["s3", "s3-outposts", "s3-object-lambda", "s3express"]);

const NAMES: readonly string[] = ["authSchemePreference", "sigv4aSigningRegionSet"] satisfies Array<
  keyof DefaultSigningHooksOptions
>;

/**
 * Registers the hooks of botocore's clients, in its order.
 *
 * - Six operations of Cognito and STS stay unsigned.
 * - `context.authType` becomes a signature version: "v4" and "v4a" those of S3 for its signing names, "v4-unsigned-body" a v4
 *   with an unsigned payload.
 * - `context.authOptions`, the auth traits of the service, are chosen from by preference.
 * - An unsigned request to S3 says that its checksum is in the trailer, and a presigned SynthesizeSpeech of Polly has no
 *   content type.
 *
 * @returns a function that removes them
 *
 * @example
 * ```ts
 * import { registerDefaultSigningHooks, SigningEvents } from "aws-refresh-session/signing";
 *
 * const events = new SigningEvents();
 * registerDefaultSigningHooks(events, { authSchemePreference: ["sigv4a"] });
 * ```
 */
export function registerDefaultSigningHooks(
  events: Pick<SigningEvents, "on">,
  options: DefaultSigningHooksOptions = {},
): () => void {
  if (typeof events?.on !== "function") {
    throw new BRSValidationError(`"events" must be a SigningEvents, found ${masked(events)}`, { param: "events" });
  }
  const { authSchemePreference: preference = [], sigv4aSigningRegionSet: regionSet } = checked(options);
  const removals = [
    ...NEVER_SIGNED.map((pattern) =>
      events.on(pattern, (event) => {
        event.signatureVersion = "none";
      }),
    ),
    events.on("choose-signer", (event) => chooseForOperation(event, regionSet)),
    events.on("choose-signer", (event) => {
      const { authOptions } = event.context;
      if (preference.length === 0 || authOptions === undefined || authOptions.length === 0) return;
      const version = resolveAuthSchemePreference(preference, authOptions);
      if (version === "v4a") setRegionSet(event, regionSet);
      // What the signer does anyway is no choice: the version of the request, if it has one, stands.
      if (version !== event.requestSigner.signatureVersion) event.signatureVersion = version;
    }),
    events.on("before-sign.s3", ({ request, signatureVersion }) => {
      if (signatureVersion !== "none" || request.context.checksum?.requestAlgorithm?.in !== "trailer") return;
      request.headers.set("X-Amz-Content-SHA256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    }),
    events.on("before-sign.polly.SynthesizeSpeech", ({ request, signingType }) => {
      if (signingType === "presign-url") request.headers.delete("Content-Type");
    }),
  ];
  return () => {
    for (const remove of removals) remove();
  };
}

function chooseForOperation(event: ChooseSignerEvent, regionSet: string | undefined): void {
  const { context, signingName = "" } = event;
  const { authType } = context;
  if (!authType) return;
  if (authType === "none" || authType === "bearer") {
    event.signatureVersion = authType;
    return;
  }
  if (context.unsignedPayload || authType === "v4-unsigned-body") context.payloadSigningEnabled = false;
  if (!authType.startsWith("v4")) return;
  if (authType === "v4-s3express") {
    event.signatureVersion = authType;
    return;
  }
  const version = authType === "v4a" ? "v4a" : "v4";
  if (version === "v4a") setRegionSet(event, regionSet);
  event.signatureVersion = S3_NAMES.has(signingName) ? `s3${version}` : version;
}

function setRegionSet({ context, signingName }: ChooseSignerEvent, regionSet: string | undefined): void {
  const signing: NonNullable<RequestContext["signing"]> = { ...context.signing };
  signing.region = regionSet || signing.region || "*";
  if (signingName !== undefined) signing.signingName = signingName;
  context.signing = signing;
}

function checked(options: DefaultSigningHooksOptions): DefaultSigningHooksOptions {
  if (typeof options !== "object" || options === null) {
    throw new BRSValidationError(`these hooks take an object of options, found ${masked(options)}`, {
      param: "options",
    });
  }
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue;
    throw new BRSValidationError(`"${name}" is not an option of these hooks; they take ${NAMES.join(", ")}`, {
      param: name,
    });
  }
  const { authSchemePreference: preference, sigv4aSigningRegionSet: regionSet } = options;
  if (
    preference !== undefined &&
    !(Array.isArray(preference) && preference.every((each) => typeof each === "string"))
  ) {
    throw new BRSValidationError(`"authSchemePreference" must be a list of strings, found ${shown(preference)}`, {
      param: "authSchemePreference",
    });
  }
  if (regionSet !== undefined && typeof regionSet !== "string") {
    throw new BRSValidationError(`"sigv4aSigningRegionSet" must be a string, found ${shown(regionSet)}`, {
      param: "sigv4aSigningRegionSet",
    });
  }
  return options;
}
