/** A request handler that reads what an SDK client sends to its end, and keeps it in a form that can be compared. */
import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import { StandInHandler } from "../stand-in-handler.js";

/** A request as it went out; headers in the order of their names, the body in hexadecimal. */
export interface Sent extends Omit<HttpRequest, "body"> {
  readonly body: string;
}

export class RecordingHandler {
  readonly sent: Sent[] = [];
  /** What clients ask before they name the host: in HTTP/2 it is `:authority`. */
  readonly metadata: { readonly handlerProtocol: string };
  readonly #answers = new StandInHandler();

  constructor(handlerProtocol: string) {
    this.metadata = { handlerProtocol };
  }

  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const { method, protocol, hostname, port, path, query = {}, headers, body } = request;
    // Taken before the body is read: what is sent first must not depend on what comes after it.
    const head = {
      method,
      protocol,
      hostname,
      ...(port === undefined ? {} : { port }),
      path,
      query: { ...query },
      headers: Object.fromEntries(Object.entries(headers).sort(([name], [other]) => (name < other ? -1 : 1))),
    };
    this.sent.push({ ...head, body: (await read(body)).toString("hex") });
    if ("session" in query) return this.#answers.handle(request);
    // Anything else would be taken for events by clients that expect some.
    return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Readable.from([]) }) };
  }
}

async function read(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === "string" || body instanceof Uint8Array) return Buffer.from(body as string);
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<string | Uint8Array>) pieces.push(Buffer.from(piece as string));
  return Buffer.concat(pieces);
}
