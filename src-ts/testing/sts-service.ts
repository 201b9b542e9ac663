/** The STS of a test endpoint: its actions over the Query protocol, in AWS's own XML. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../defaults.js";
import { VerificationError } from "../errors.js";
import { type ServiceAnswer, ServiceRefusal } from "./answering.js";
import type { Authenticate, ReceivedRequest } from "./authentication.js";
import type { CredentialVendor } from "./credential-vendor.js";
import { type ErrorFault, FaultQueue } from "./faults.js";
import { LastRequests } from "./last-requests.js";
import type { MfaDevice } from "./mfa-device.js";
import { type ActionContext, type Content, type Parameters, SIGNED_ACTIONS, UNSIGNED_ACTIONS } from "./sts-actions.js";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
const VERSION = "2011-06-15";

/** Statuses of STS's errors that are not 403. */
const STATUS: Readonly<Record<string, number>> = {
  ExpiredTokenException: 400,
  IncompleteSignature: 400,
  InvalidAction: 400,
  InvalidIdentityToken: 400,
  RequestExpired: 400,
  ValidationError: 400,
  InternalFailure: 500,
  RequestEntityTooLarge: 413,
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function elements(content: Content): string {
  return Object.entries(content)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner = ""]) => `<${name}>${typeof inner === "string" ? escapeXml(inner) : elements(inner)}</${name}>`)
    .join("");
}

function xmlAnswer(statusCode: number, requestId: string, body: string): ServiceAnswer {
  return { statusCode, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

export interface StsServiceOptions {
  readonly vendor: CredentialVendor;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly credentialLifetime?: number | undefined;
  readonly externalId?: string | undefined;
  readonly mfa?: MfaDevice | undefined;
}

/** The STS side of a test endpoint: what it was asked, and what it shall do wrong. */
export class StsService extends FaultQueue {
  readonly #options: StsServiceOptions;
  readonly #requests = new LastRequests<Parameters>();
  /** Counted when a request has arrived whole, whatever becomes of it. */
  readonly calls = new Map<string, number>();
  readonly counts = { vended: 0, refused: 0 };

  /** @internal */
  constructor(options: StsServiceOptions) {
    super();
    this.#options = options;
  }

  /** The parameters of the last hundred requests, as they came, faulty ones included. */
  get requests(): readonly Parameters[] {
    return this.#requests.list();
  }

  /** @internal */
  note(request: ReceivedRequest): void {
    const parameters = parametersOf(request);
    this.#requests.add(parameters);
    const { Action = "" } = parameters;
    this.calls.set(Action, (this.calls.get(Action) ?? 0) + 1);
  }

  /** @internal */
  async answer(request: ReceivedRequest): Promise<ServiceAnswer> {
    try {
      const parameters = parametersOf(request);
      const { Action = "", Version } = parameters;
      const content = await this.#perform(Action, Version, parameters, request);
      if (content.Credentials !== undefined) this.counts.vended++;
      return result(Action, content);
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

  async #perform(
    action: string,
    version: string | undefined,
    parameters: Parameters,
    request: ReceivedRequest,
  ): Promise<Content> {
    const { vendor, authenticate, clock, credentialLifetime, externalId, mfa } = this.#options;
    const context: ActionContext = { vendor, now: clock(), credentialLifetime, externalId, mfa };
    const unsigned = version === VERSION ? own(UNSIGNED_ACTIONS, action) : undefined;
    if (unsigned !== undefined) return unsigned(parameters, context);
    const { sender } = await authenticate(request, "sts");
    const signed = version === VERSION ? own(SIGNED_ACTIONS, action) : undefined;
    if (signed !== undefined) return signed(parameters, context, sender);
    throw new ServiceRefusal(`Could not find operation ${action} for version ${version ?? ""}`, {
      code: "InvalidAction",
    });
  }
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function result(action: string, content: Content): ServiceAnswer {
  const requestId = randomUUID();
  return xmlAnswer(
    200,
    requestId,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${elements(content)}</${action}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

/** From the body of a POST, from the query otherwise (a presigned GetCallerIdentity). */
function parametersOf({ method, target, body }: ReceivedRequest): Parameters {
  const text = method === "POST" ? body.toString("utf8") : target.slice(target.indexOf("?") + 1);
  return Object.fromEntries(new URLSearchParams(text));
}
