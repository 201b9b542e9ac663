/** The Cognito identity pools of a test endpoint: GetId and GetCredentialsForIdentity over JSON 1.1, with AWS's errors. */
import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../defaults.js";
import { BRSError } from "../errors.js";
import { jsonAnswer, type ServiceAnswer, ServiceRefusal } from "./answering.js";
import type { ReceivedRequest } from "./authentication.js";
import { type CredentialVendor, TEST_ACCOUNT } from "./credential-vendor.js";
import { type ErrorFault, FaultQueue } from "./faults.js";
import { LastRequests } from "./last-requests.js";
import { rawHeader } from "./raw-headers.js";
import { readClaims } from "./sts-actions.js";

const TARGET = "AWSCognitoIdentityService.";
const LIFETIME = 3_600;

export interface CognitoServiceOptions {
  readonly vendor: CredentialVendor;
  readonly clock: Clock;
  readonly credentialLifetime?: number | undefined;
}

/** What was asked for. */
interface Input {
  readonly IdentityPoolId?: unknown;
  readonly IdentityId?: unknown;
  readonly Logins?: Readonly<Record<string, unknown>>;
  readonly CustomRoleArn?: unknown;
}

/** Every well-formed pool exists, has guests, and takes the tokens of every provider until they expire. */
export class CognitoService extends FaultQueue {
  readonly #options: CognitoServiceOptions;
  readonly #requests = new LastRequests<Readonly<Record<string, unknown>>>();
  /** Identities by the logins that they belong to; none for guests. */
  readonly #identities = new Map<string, ReadonlySet<string>>();
  /** Counted when a request has arrived whole, whatever becomes of it. */
  readonly counts = { GetId: 0, GetCredentialsForIdentity: 0, vended: 0 };

  /** @internal */
  constructor(options: CognitoServiceOptions) {
    super();
    this.#options = options;
  }

  /** The last hundred requests with their Action, faulty ones included. */
  get requests(): ReadonlyArray<Readonly<Record<string, unknown>>> {
    return this.#requests.list();
  }

  /** Forgets all identities, as if their pools had been made anew. */
  forgetIdentities(): void {
    this.#identities.clear();
  }

  /** @internal Whether a request is for this service. */
  static accepts(rawHeaders: readonly string[]): boolean {
    return actionOf(rawHeaders) !== undefined;
  }

  /** @internal */
  note({ rawHeaders, body }: ReceivedRequest): void {
    const action = actionOf(rawHeaders) ?? "";
    this.#requests.add({ Action: action, ...inputOf(body) });
    if (action === "GetId" || action === "GetCredentialsForIdentity") this.counts[action]++;
  }

  /** @internal */
  async answer({ rawHeaders, body }: ReceivedRequest): Promise<ServiceAnswer> {
    try {
      const input = inputOf(body);
      const action = actionOf(rawHeaders);
      if (action === "GetId") return json(200, { IdentityId: this.#getId(input) });
      if (action === "GetCredentialsForIdentity") return json(200, this.#getCredentials(input));
      throw new ServiceRefusal(`Unknown operation ${action}`, { code: "UnknownOperationException" });
    } catch (error) {
      if (!(error instanceof BRSError)) throw error;
      const { code, message } = error;
      return this.refusal({ statusCode: 400, code, message });
    }
  }

  /** @internal */
  refusal({ statusCode, code, message = "" }: ErrorFault): ServiceAnswer {
    return json(statusCode, { __type: code, message });
  }

  #getId({ IdentityPoolId, Logins }: Input): string {
    if (typeof IdentityPoolId !== "string" || !/^[\w-]+:[\da-f-]+$/.test(IdentityPoolId)) {
      throw invalid("Value at 'identityPoolId' failed to satisfy constraint: [\\w-]+:[0-9a-f-]+");
    }
    const users = this.#usersIn(Logins);
    const id = `${IdentityPoolId.split(":", 1)[0]}:${users.size === 0 ? randomUUID() : uuidOf([...users].sort().join())}`;
    this.#identities.set(id, users);
    return id;
  }

  #getCredentials({ IdentityId, Logins, CustomRoleArn }: Input) {
    const users = this.#identities.get(String(IdentityId));
    if (users === undefined) {
      throw new ServiceRefusal(`Identity '${IdentityId}' not found.`, { code: "ResourceNotFoundException" });
    }
    const shown = this.#usersIn(Logins);
    if (users.size > 0 && shown.size === 0) throw unauthorized(`Access to Identity '${IdentityId}' is forbidden.`);
    if (![...shown].every((user) => users.has(user))) {
      throw unauthorized(
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      );
    }
    const { vendor, credentialLifetime = LIFETIME } = this.#options;
    const custom = typeof CustomRoleArn === "string" ? CustomRoleArn.split(/[:/]/) : undefined;
    const role = {
      partition: custom?.[1] ?? "aws",
      account: custom?.[4] ?? TEST_ACCOUNT,
      name: custom?.at(-1) ?? (users.size === 0 ? "Cognito_Unauth_Role" : "Cognito_Auth_Role"),
    };
    const vended = vendor.vend(vendor.roleSession(role, "CognitoIdentityCredentials"), credentialLifetime);
    this.counts.vended++;
    return {
      IdentityId,
      Credentials: {
        AccessKeyId: vended.accessKeyId,
        SecretKey: vended.secretAccessKey,
        SessionToken: vended.sessionToken,
        Expiration: vended.expiration.getTime() / 1_000,
      },
    };
  }

  /** The users that tokens belong to, each as provider and subject. */
  #usersIn(logins: Input["Logins"] = {}): ReadonlySet<string> {
    const now = this.#options.clock();
    return new Set(
      Object.entries(logins).map(([provider, token]) => {
        try {
          return `${provider}:${readClaims(String(token), now).sub}`;
        } catch (error) {
          throw unauthorized(`Invalid login token. ${(error as Error).message}`);
        }
      }),
    );
  }
}

function actionOf(rawHeaders: readonly string[]): string | undefined {
  const target = rawHeader(rawHeaders, "x-amz-target") ?? "";
  return target.startsWith(TARGET) ? target.slice(TARGET.length) : undefined;
}

function inputOf(body: Buffer): Input {
  try {
    return Object(JSON.parse(body.toString("utf8")));
  } catch {
    return {};
  }
}

/** The same user is the same identity each time. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

const json = (statusCode: number, content: unknown): ServiceAnswer =>
  jsonAnswer(statusCode, content, { "content-type": "application/x-amz-json-1.1" });

function invalid(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "InvalidParameterException" });
}

function unauthorized(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "NotAuthorizedException" });
}
