/** One request at a door of a test endpoint: read up to a limit, spoiled by a fault or answered by its service. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../defaults.js";
import { BRSError } from "../errors.js";
import type { ReceivedRequest } from "./authentication.js";
import type { ErrorFault } from "./faults.js";
import { MAX_BODY_BYTES, readBody } from "./request-body.js";

/** A service's answer, before it is written. */
export interface ServiceAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error of the service itself, after the signature, if there must be one, was found right. */
export class ServiceRefusal extends BRSError {}

/** An answer in JSON, with an id of its own. */
export function jsonAnswer(
  statusCode: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServiceAnswer {
  return {
    statusCode,
    headers: { "content-type": "application/json", "x-amzn-requestid": randomUUID(), ...headers },
    body: JSON.stringify(content),
  };
}

/** One service behind a door. */
export interface AnsweringService {
  /** As `FaultQueue` has it. */
  apply(request: IncomingMessage, response: ServerResponse): Promise<"serve" | "done" | ErrorFault>;
  /** Told of each request that has arrived whole, whatever becomes of it. */
  note?(request: ReceivedRequest): void;
  answer(request: ReceivedRequest, socket: Socket): ServiceAnswer | Promise<ServiceAnswer>;
  refusal(fault: ErrorFault): ServiceAnswer;
}

export async function answerRequest(
  service: AnsweringService,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<void> {
  // A client that leaves early is its own business.
  request.on("error", () => {});
  response.on("error", () => {});
  response.sendDate = false;
  response.setHeader("date", new Date(clock()).toUTCString());
  try {
    const body = await readBody(request);
    if (body === undefined) {
      const message = `the body is larger than ${MAX_BODY_BYTES} bytes`;
      response.setHeader("connection", "close");
      write(response, service.refusal({ statusCode: 413, code: "RequestEntityTooLarge", message }));
      return void response.on("finish", () => request.socket.destroySoon());
    }
    const received: ReceivedRequest = {
      method: request.method ?? "GET",
      target: request.url ?? "/",
      rawHeaders: request.rawHeaders,
      body,
    };
    service.note?.(received);
    const outcome = await service.apply(request, response);
    if (outcome === "done") return;
    write(response, outcome === "serve" ? await service.answer(received, request.socket) : service.refusal(outcome));
  } catch {
    // Either nobody is there to be answered any more, or the endpoint itself failed; never an unhandled rejection.
    if (response.headersSent) response.destroy();
    else write(response, service.refusal({ statusCode: 500, code: "InternalFailure" }));
  }
}

function write(response: ServerResponse, { statusCode, headers, body }: ServiceAnswer): void {
  response.writeHead(statusCode, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}
