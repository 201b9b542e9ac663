/** A request handler that answers as a test tells it to, in the words of the service, and keeps what it was sent. */
import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import type { SdkService } from "./sdk-versions.js";

/** An error code, or nothing for success; more for headers of the answer. */
export interface Told {
  readonly code?: string;
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  /** In place of what the code, or success, is written as. */
  readonly body?: string;
}

/** Read by GetCallerIdentity; S3 looks for none of it. */
const CALLER = "<Answer><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></Answer>";

export class AnsweringHandler {
  readonly sent: HttpRequest[] = [];
  readonly #protocol: SdkService["protocol"];
  readonly #answer: (request: HttpRequest) => Told | Promise<Told>;

  constructor(protocol: SdkService["protocol"], answer: (request: HttpRequest) => Told | Promise<Told>) {
    this.#protocol = protocol;
    this.#answer = answer;
  }

  async handle(request: HttpRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
    abortSignal?.throwIfAborted();
    this.sent.push({ ...request, headers: { ...request.headers } });
    if (request.body instanceof Readable) request.body.resume();
    const told = await this.#answer(request);
    const { code, statusCode = code === undefined ? 200 : 403, headers = {}, body = this.#bodyOf(code) } = told;
    return { response: new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(body)]) }) };
  }

  #bodyOf(code: string | undefined): string {
    if (this.#protocol === "json") return JSON.stringify(code === undefined ? {} : { __type: `com.amazon#${code}` });
    if (code === undefined) return CALLER;
    const error = `<Code>${code}</Code><Message>as told</Message>`;
    return this.#protocol === "s3"
      ? `<Error>${error}</Error>`
      : `<ErrorResponse><Error>${error}</Error></ErrorResponse>`;
  }
}
