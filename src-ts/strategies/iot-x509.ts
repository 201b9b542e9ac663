/** Method "iot": credentials of a role from AWS IoT Core, for a device that has a certificate. */
import { fieldsIn } from "../aws/answer-fields.js";
import { parseJsonAnswer, readJsonError } from "../aws/json-protocol.js";
import { ServiceCaller, type ServiceCallerOptions } from "../aws/service-caller.js";
import { UnreadableAnswer } from "../aws/service-error.js";
import type { HttpAnswer } from "../aws/transport.js";
import { EXPIRATION_FORM, parseExpiration } from "./expiration.js";
import type { RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";

/** What the credentials provider is asked for. */
export interface IotRoleRequest {
  /** The root of the credentials provider. */
  readonly url: URL;
  readonly roleAlias: string;
  readonly thingName: string | undefined;
  readonly durationSeconds: number | undefined;
}

/** What to do about the errors of the service. */
const ADVICE: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "check that the certificate is registered and active, that a policy of it allows iot:AssumeRoleWithCertificate on the " +
    "role alias, that thingName is attached to it, and that the endpoint is that of your account",
  ResourceNotFoundException: "check roleAlias, and that the endpoint is of the region it is in",
  InvalidRequestException: "check the role behind the alias: its trust policy and its maximum session duration",
};

/**
 * Asks the credentials provider of AWS IoT Core at each refresh: one GET with the certificate of that moment.
 *
 * Source: "Authorizing direct calls to AWS services using AWS IoT Core credential provider" in the AWS IoT Core developer guide.
 */
export class IotX509Strategy implements RefreshStrategy {
  readonly method = "iot";
  readonly #caller: ServiceCaller;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, roleAlias, thingName, durationSeconds }: IotRoleRequest, options: ServiceCallerOptions) {
    this.#caller = new ServiceCaller(options);
    this.#url = new URL(`role-aliases/${encodeURIComponent(roleAlias)}/credentials`, url);
    this.#headers = {
      accept: "application/json",
      "user-agent": "aws-refresh-session",
      ...(thingName !== undefined && { "x-amzn-iot-thingname": thingName }),
      ...(durationSeconds !== undefined && { "x-amzn-iot-credential-duration-seconds": String(durationSeconds) }),
    };
  }

  refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    return this.#caller.call(
      {
        operation: "IoT GetCredentials",
        method: "GET",
        url: this.#url,
        headers: this.#headers,
        body: "",
        unsigned: true,
        secrets: [],
        readError: readJsonError,
        advice: ADVICE,
        read: readCredentials,
      },
      context,
    );
  }

  close(): void {
    this.#caller.close();
  }
}

function readCredentials({ body }: HttpAnswer): TemporaryCredentials {
  const field = fieldsIn(parseJsonAnswer(body));
  const text = (name: string): string => {
    const value = field(`credentials/${name}`);
    // These would end a header. The value is not shown: it may be a secret in the wrong place.
    if (/[\0\r\n]/.test(value)) throw new UnreadableAnswer(`a credentials/${name} that is no text of one line`);
    return value;
  };
  const expiration = parseExpiration(text("expiration"));
  if (expiration === undefined) throw new UnreadableAnswer(`a credentials/expiration that is not ${EXPIRATION_FORM}`);
  return {
    accessKeyId: text("accessKeyId"),
    secretAccessKey: text("secretAccessKey"),
    sessionToken: text("sessionToken"),
    expiration,
  };
}
