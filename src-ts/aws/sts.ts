/** The STS calls that the package makes by itself, over its own signer. */
import { asRefreshable } from "../refresh/credential-source.js";
import { encodeQuery, QUERY_CONTENT_TYPE, type QueryValue } from "./query-protocol.js";
import { type CallOptions, ServiceCaller } from "./service-caller.js";
import type {
  AssumedRole,
  AssumeRoleParameters,
  CallerIdentity,
  FederatedUser,
  FederationTokenParameters,
  SamlParameters,
  SamlRole,
  SessionTokenParameters,
  StsOperations,
  VendedCredentials,
  WebIdentityParameters,
  WebIdentityRole,
} from "./sts-calls.js";
import { checkStsOptions, type StsOptions } from "./sts-options.js";
import { credentialsIn, type Field, fieldsOf } from "./xml-fields.js";

export type { CallOptions } from "./service-caller.js";
export type * from "./sts-calls.js";
export type { StsOptions } from "./sts-options.js";

const API_VERSION = "2011-06-15";

/** What differs between the operations, beyond their parameters. */
interface Operation<Result> {
  readonly parameters: object;
  /** Parameters that must not appear in an error. */
  readonly secrets?: ReadonlyArray<string | undefined>;
  readonly once?: boolean;
  /** Proven by a token among the parameters, which nobody signs. */
  readonly unsigned?: boolean;
  readonly advice?: Readonly<Record<string, string>>;
  read(field: Field): Result;
}

/**
 * A client of STS.
 *
 * Every option is checked at construction. One client may be used by many callers at once; its connections are kept for
 * the next call until `close()`. Failures are retried as `retry.ts` says, at most `maxAttempts` times; a request that
 * carries a TokenCode is sent exactly once, since the code is used up whether or not the answer arrives.
 *
 * A client without credentials makes the unsigned calls, AssumeRoleWithWebIdentity and AssumeRoleWithSAML; they are sent
 * unsigned even when there are credentials.
 *
 * Calls reject with BRSRequestError when STS answered with an error (`details.awsCode` is its own code), with
 * BRSConnectionError when no answer came, or with whatever the source of the credentials rejects with.
 *
 * Time: the Date header of answers over TLS or from this machine sets the offset of the clock that signs (a difference up
 * to two seconds or above 24 hours changes nothing). A request refused for its time is signed anew by the server's time and
 * sent again at once.
 */
export class StsClient implements StsOperations {
  readonly #url: URL;
  readonly #caller: ServiceCaller;

  constructor(options: StsOptions) {
    const checked = checkStsOptions(options);
    const { credentials, endpoint } = checked;
    this.#url = endpoint.url;
    this.#caller = new ServiceCaller(
      checked,
      credentials && {
        service: "sts",
        region: endpoint.signingRegion,
        credentials: asRefreshable(credentials, "stsClientConfig.credentials"),
      },
    );
  }

  /** Milliseconds that STS's clock is ahead of ours, as far as its answers have shown. */
  get clockOffset(): number {
    return this.#caller.clockOffset;
  }

  async assumeRole(parameters: AssumeRoleParameters, options?: CallOptions): Promise<AssumedRole> {
    const { TokenCode, ExternalId, Policy, ProvidedContexts = [] } = parameters;
    const assertions = ProvidedContexts.map(({ ContextAssertion }) => ContextAssertion);
    const secrets = [TokenCode, ExternalId, Policy, ...assertions];
    const once = TokenCode !== undefined;
    return this.#call("AssumeRole", { parameters, secrets, once, read: readRole }, options);
  }

  async assumeRoleWithWebIdentity(parameters: WebIdentityParameters, options?: CallOptions): Promise<WebIdentityRole> {
    const { WebIdentityToken, Policy } = parameters;
    return this.#call(
      "AssumeRoleWithWebIdentity",
      {
        parameters,
        secrets: [WebIdentityToken, Policy],
        unsigned: true,
        advice: WEB_IDENTITY_ADVICE,
        read: (field) => ({
          ...readRole(field),
          subject: field("SubjectFromWebIdentityToken", false),
          provider: field("Provider", false),
          audience: field("Audience", false),
        }),
      },
      options,
    );
  }

  async assumeRoleWithSAML(parameters: SamlParameters, options?: CallOptions): Promise<SamlRole> {
    const { SAMLAssertion, Policy } = parameters;
    return this.#call(
      "AssumeRoleWithSAML",
      {
        parameters,
        secrets: [SAMLAssertion, Policy],
        unsigned: true,
        advice: SAML_ADVICE,
        read: (field) => ({
          ...readRole(field),
          subject: field("Subject", false),
          subjectType: field("SubjectType", false),
          issuer: field("Issuer", false),
          audience: field("Audience", false),
          nameQualifier: field("NameQualifier", false),
        }),
      },
      options,
    );
  }

  async getSessionToken(parameters: SessionTokenParameters = {}, options?: CallOptions): Promise<VendedCredentials> {
    const { TokenCode } = parameters;
    return this.#call(
      "GetSessionToken",
      {
        parameters,
        secrets: [TokenCode],
        once: TokenCode !== undefined,
        read: (field) => ({ credentials: credentialsIn(field) }),
      },
      options,
    );
  }

  async getFederationToken(parameters: FederationTokenParameters, options?: CallOptions): Promise<FederatedUser> {
    return this.#call(
      "GetFederationToken",
      {
        parameters,
        secrets: [parameters.Policy],
        read: (field) => {
          const federatedUserArn = field("FederatedUser/Arn", false);
          return {
            credentials: credentialsIn(field, federatedUserArn),
            federatedUserArn,
            federatedUserId: field("FederatedUser/FederatedUserId", false),
            packedPolicySize: percentage(field),
          };
        },
      },
      options,
    );
  }

  async getCallerIdentity(options?: CallOptions): Promise<CallerIdentity> {
    return this.#call(
      "GetCallerIdentity",
      {
        parameters: {},
        read: (field) => ({ Account: field("Account"), Arn: field("Arn"), UserId: field("UserId") }),
      },
      options,
    );
  }

  close(): void {
    this.#caller.close();
  }

  #call<Result>(action: string, operation: Operation<Result>, options?: CallOptions): Promise<Result> {
    const { parameters, secrets = [], once = false, unsigned = false, advice = {}, read } = operation;
    return this.#caller.call(
      {
        operation: `STS ${action}`,
        method: "POST",
        url: this.#url,
        headers: { "content-type": QUERY_CONTENT_TYPE, "user-agent": "aws-refresh-session" },
        body: encodeQuery(action, API_VERSION, parameters as Readonly<Record<string, QueryValue>>),
        secrets: secrets.filter((text) => text !== undefined),
        once,
        unsigned,
        advice,
        // The token is another at the next refresh; keys are not.
        ...(unsigned && { passing: TOKEN_CODES }),
        read: ({ body }) => read(fieldsOf(body, `${action}Response/${action}Result`)),
      },
      options,
    );
  }
}

/** Codes of STS that say that a token was refused. */
const TOKEN_CODES: ReadonlySet<string> = new Set(["ExpiredTokenException", "InvalidIdentityToken"]);

const WEB_IDENTITY_ADVICE: Readonly<Record<string, string>> = {
  AccessDenied: "check the trust policy of the role: its provider, and its conditions on audience and subject",
  ExpiredTokenException: "the web identity token has expired; whoever issues it must renew it",
  InvalidIdentityToken:
    "check that the token is whole, and that its issuer is an identity provider of the role's account",
  IDPRejectedClaim: "the identity provider no longer takes the token; sign in again",
};

const SAML_ADVICE: Readonly<Record<string, string>> = {
  AccessDenied: "check the trust policy of the role and the Role attribute of the assertion",
  ExpiredTokenException: "an assertion must be used within five minutes of its issue; ask for a new one",
  InvalidIdentityToken: "check that the assertion is the whole answer of the identity provider in base64",
};

function readRole(field: Field): AssumedRole {
  const assumedRoleArn = field("AssumedRoleUser/Arn", false);
  return {
    credentials: credentialsIn(field, assumedRoleArn),
    assumedRoleArn,
    sourceIdentity: field("SourceIdentity", false),
    packedPolicySize: percentage(field),
  };
}

function percentage(field: Field): number | undefined {
  const text = field("PackedPolicySize", false);
  return text === undefined ? undefined : Number(text);
}
