/** The two calls of Cognito identity pools that give credentials, over JSON 1.1; nobody signs them. */
import type { TemporaryCredentials } from "../strategies/strategy.js";
import { type Field, fieldsIn } from "./answer-fields.js";
import { resolveCognitoEndpoint } from "./endpoints.js";
import { parseJsonAnswer, readJsonError } from "./json-protocol.js";
import { type CallOptions, ServiceCaller } from "./service-caller.js";
import { UnreadableAnswer } from "./service-error.js";
import { checkCallerOptions, type StsOptions } from "./sts-options.js";

/** Options of the client, as those of STS; the region is that of the identity pool. */
export interface CognitoOptions extends Omit<StsOptions, "credentials" | "region"> {
  readonly region: string;
}

/** Tokens of identity providers, by the names that Cognito knows the providers by. */
export type Logins = Readonly<Record<string, string>>;

/** Parameters of GetId, in AWS's own spelling. */
export interface GetIdParameters {
  readonly IdentityPoolId: string;
  readonly AccountId?: string | undefined;
  readonly Logins?: Logins | undefined;
}

/** Parameters of GetCredentialsForIdentity. */
export interface IdentityCredentialsParameters {
  readonly IdentityId: string;
  readonly Logins?: Logins | undefined;
  readonly CustomRoleArn?: string | undefined;
}

/** The name users know the options by. */
const PREFIX = "cognitoClientConfig";

/** A client of Cognito identity pools; retries, clock and errors are those of the STS client. */
export class CognitoIdentityClient {
  readonly #url: URL;
  readonly #caller: ServiceCaller;

  constructor(options: CognitoOptions) {
    this.#caller = new ServiceCaller(checkCallerOptions(options, PREFIX));
    this.#url = resolveCognitoEndpoint(options, PREFIX);
  }

  /** The identity of a user in a pool; without logins a new guest each time. */
  getId(parameters: GetIdParameters, options?: CallOptions): Promise<string> {
    return this.#call("GetId", parameters, (field) => field("IdentityId"), options);
  }

  /** Credentials of the role that the pool gives to an identity. */
  getCredentialsForIdentity(
    parameters: IdentityCredentialsParameters,
    options?: CallOptions,
  ): Promise<TemporaryCredentials> {
    return this.#call(
      "GetCredentialsForIdentity",
      parameters,
      (field) => ({
        accessKeyId: field("Credentials/AccessKeyId"),
        secretAccessKey: field("Credentials/SecretKey"),
        sessionToken: field("Credentials/SessionToken"),
        expiration: expirationIn(field),
      }),
      options,
    );
  }

  /** Ends the connections kept open; later calls reject with ERR_CLOSED. */
  close(): void {
    this.#caller.close();
  }

  #call<Result>(
    action: string,
    parameters: { readonly Logins?: Logins | undefined },
    read: (field: Field) => Result,
    options?: CallOptions,
  ): Promise<Result> {
    return this.#caller.call(
      {
        operation: `Cognito ${action}`,
        method: "POST",
        url: this.#url,
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSCognitoIdentityService.${action}`,
          "user-agent": "aws-refresh-session",
        },
        body: JSON.stringify(parameters),
        secrets: Object.values(parameters.Logins ?? {}),
        unsigned: true,
        advice: ADVICE,
        passing: TOKEN_CODES,
        readError: readJsonError,
        read: ({ body }) => read(fieldsIn(parseJsonAnswer(body))),
      },
      options,
    );
  }
}

/** The next refresh comes with other tokens. */
const TOKEN_CODES: ReadonlySet<string> = new Set(["NotAuthorizedException", "ExternalServiceException"]);

const ADVICE: Readonly<Record<string, string>> = {
  NotAuthorizedException:
    "check that the tokens of the logins have not expired, that their providers are those of the pool, and without logins " +
    "that it takes guests",
  ResourceNotFoundException: "check the id and the region of the identity pool",
  InvalidIdentityPoolConfigurationException: "the pool has no role for such identities, or may not assume it",
};

/** In seconds since the epoch, with fractions. */
function expirationIn(field: Field): Date {
  const expiration = new Date(Number(field("Credentials/Expiration")) * 1_000);
  if (Number.isNaN(expiration.getTime())) throw new UnreadableAnswer("a Credentials/Expiration that is no time");
  return expiration;
}
