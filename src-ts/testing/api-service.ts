/** The API of a test endpoint: answers every path with who signed the request, or refuses it. */
import { VerificationError } from "../errors.js";
import { jsonAnswer, type ServiceAnswer } from "./answering.js";
import type { Authenticate, ReceivedRequest } from "./authentication.js";
import { type ErrorFault, FaultQueue } from "./faults.js";

export interface ApiServiceOptions {
  readonly authenticate: Authenticate;
  readonly service: string;
}

/** The API side of a test endpoint: how many requests it verified and refused, and what it shall do wrong. */
export class ApiService extends FaultQueue {
  readonly #options: ApiServiceOptions;
  readonly counts = { verified: 0, refused: 0 };

  /** @internal */
  constructor(options: ApiServiceOptions) {
    super();
    this.#options = options;
  }

  /** @internal */
  async answer(request: ReceivedRequest): Promise<ServiceAnswer> {
    try {
      const { sender, region, service, signedHeaders } = await this.#options.authenticate(
        request,
        this.#options.service,
      );
      this.counts.verified++;
      const { arn: principal, account } = sender.principal;
      return jsonAnswer(200, {
        accessKeyId: sender.accessKeyId,
        principal,
        account,
        method: request.method,
        path: request.target.replace(/\?.*$/s, ""),
        region,
        service,
        signedHeaders,
      });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      this.counts.refused++;
      return this.refusal({ statusCode: 403, code: error.code, message: error.message });
    }
  }

  /** @internal */
  refusal({ statusCode, code, message = "" }: ErrorFault): ServiceAnswer {
    return jsonAnswer(statusCode, { __type: code, message }, { "x-amzn-errortype": code });
  }
}
