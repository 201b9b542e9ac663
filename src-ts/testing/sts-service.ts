/** The STS of a test endpoint: AssumeRole and GetCallerIdentity over the Query protocol, in AWS's own XML. */
import { randomUUID } from "node:crypto";
import { BRSError, VerificationError } from "../errors.js";
import type { Authenticate, ReceivedRequest } from "./authentication.js";
import type { CredentialVendor, KnownCredentials } from "./credential-vendor.js";
import { type ErrorFault, FaultQueue } from "./faults.js";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
const VERSION = "2011-06-15";
const DEFAULT_LIFETIME = 3_600;
const KEPT_REQUESTS = 100;

/** A service's answer, before it is written. */
export interface ServiceAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error of the service itself, after the signature was found right. */
class ServiceRefusal extends BRSError {}

/** What a caller asked for and with which parameters. */
type Parameters = Readonly<Record<string, string>>;

/** Statuses of STS's errors that are not 403. */
const STATUS: Readonly<Record<string, number>> = {
  IncompleteSignature: 400,
  InvalidAction: 400,
  RequestExpired: 400,
  ValidationError: 400,
  InternalFailure: 500,
  RequestEntityTooLarge: 413,
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function elements(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
    .join("");
}

function xmlAnswer(statusCode: number, requestId: string, body: string): ServiceAnswer {
  return { statusCode, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

export interface StsServiceOptions {
  readonly vendor: CredentialVendor;
  readonly authenticate: Authenticate;
  readonly credentialLifetime?: number | undefined;
  readonly externalId?: string | undefined;
}

/** The STS side of a test endpoint: what it was asked, and what it shall do wrong. */
export class StsService extends FaultQueue {
  readonly #options: StsServiceOptions;
  readonly #requests: Parameters[] = [];
  /** Counted when a request has arrived whole, whatever becomes of it. */
  readonly counts = { assumeRole: 0, getCallerIdentity: 0, vended: 0, refused: 0 };

  /** @internal */
  constructor(options: StsServiceOptions) {
    super();
    this.#options = options;
  }

  /** The parameters of the last hundred requests, as they came, faulty ones included. */
  get requests(): readonly Parameters[] {
    return [...this.#requests];
  }

  /** @internal */
  note(request: ReceivedRequest): void {
    const parameters = parametersOf(request);
    this.#requests.push(parameters);
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.shift();
    if (parameters.Action === "AssumeRole") this.counts.assumeRole++;
    if (parameters.Action === "GetCallerIdentity") this.counts.getCallerIdentity++;
  }

  /** @internal */
  async answer(request: ReceivedRequest): Promise<ServiceAnswer> {
    try {
      const { sender } = await this.#options.authenticate(request, "sts");
      const parameters = parametersOf(request);
      const action = parameters.Action ?? "";
      if (parameters.Version !== VERSION) throw noSuchAction(action, parameters.Version);
      if (action === "AssumeRole") return this.#assumeRole(parameters, sender);
      if (action === "GetCallerIdentity") return getCallerIdentity(sender);
      throw noSuchAction(action, VERSION);
    } catch (error) {
      if (!(error instanceof VerificationError || error instanceof ServiceRefusal)) throw error;
      this.counts.refused++;
      const { code, message } = error;
      return this.refusal({ statusCode: STATUS[code] ?? 403, code, message });
    }
  }

  /** @internal */
  refusal({ statusCode, code, message = "" }: ErrorFault): ServiceAnswer {
    const requestId = randomUUID();
    const type = statusCode >= 500 ? "Receiver" : "Sender";
    return xmlAnswer(
      statusCode,
      requestId,
      `<ErrorResponse xmlns="${NAMESPACE}"><Error>${elements({ Type: type, Code: code, Message: message })}</Error>` +
        `<RequestId>${requestId}</RequestId></ErrorResponse>`,
    );
  }

  #assumeRole(parameters: Parameters, sender: KnownCredentials): ServiceAnswer {
    const { vendor, externalId, credentialLifetime } = this.#options;
    const { RoleArn = "", RoleSessionName = "", ExternalId, DurationSeconds, SourceIdentity } = parameters;
    const role = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]{1,64})$/.exec(RoleArn);
    if (role === null) throw invalid(`${RoleArn || "RoleArn"} is invalid`);
    if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) throw invalid("RoleSessionName has 2 to 64 of [\\w+=,.@-]");
    const requested = DurationSeconds === undefined ? DEFAULT_LIFETIME : Number(DurationSeconds);
    if (!(requested > 0 && requested <= 43_200)) throw invalid("DurationSeconds is a number from 1 to 43200");
    if (externalId !== undefined && ExternalId !== externalId) {
      throw new ServiceRefusal(
        `User: ${sender.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
        { code: "AccessDenied" },
      );
    }
    const [, partition = "", account = "", name = ""] = role;
    const lifetime = credentialLifetime ?? requested;
    const vended = vendor.assume({ partition, account, name }, RoleSessionName, lifetime);
    this.counts.vended++;
    const credentials = elements({
      AccessKeyId: vended.accessKeyId,
      SecretAccessKey: vended.secretAccessKey,
      SessionToken: vended.sessionToken,
      Expiration: vended.expiration.toISOString(),
    });
    const user = elements({ AssumedRoleId: vended.principal.userId, Arn: vended.principal.arn });
    return result(
      "AssumeRole",
      `<Credentials>${credentials}</Credentials><AssumedRoleUser>${user}</AssumedRoleUser>` +
        (SourceIdentity === undefined ? "" : elements({ SourceIdentity })),
    );
  }
}

function getCallerIdentity({ principal }: KnownCredentials): ServiceAnswer {
  const { arn, userId, account } = principal;
  return result("GetCallerIdentity", elements({ Arn: arn, UserId: userId, Account: account }));
}

function result(action: string, content: string): ServiceAnswer {
  const requestId = randomUUID();
  return xmlAnswer(
    200,
    requestId,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${content}</${action}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

function invalid(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "ValidationError" });
}

function noSuchAction(action: string, version = ""): ServiceRefusal {
  return new ServiceRefusal(`Could not find operation ${action} for version ${version}`, { code: "InvalidAction" });
}

/** From the body of a POST, from the query otherwise (a presigned GetCallerIdentity). */
function parametersOf({ method, target, body }: ReceivedRequest): Parameters {
  const text = method === "POST" ? body.toString("utf8") : target.slice(target.indexOf("?") + 1);
  return Object.fromEntries(new URLSearchParams(text));
}
