/** The body of a request as node:http, and clients built on it, are to send it once it can be signed. */
import { type BodySettings, bodyLength, type SettledBody, settleBody } from "./body.js";

/** A body with the media type that it has of itself. */
export interface NodeBody extends SettledBody {
  /** Whether its parts are told apart by a boundary, so that no other type than its own is right. */
  readonly isForm: boolean;
  /** In bytes; undefined where there is no body, and for a stream. */
  readonly length: number | undefined;
}

export const NO_BODY: NodeBody = {
  sent: undefined,
  signed: null,
  contentType: undefined,
  canRepeat: true,
  isForm: false,
  length: undefined,
};

/** As {@link settleBody}. A form of the package form-data, which is a stream, is written out as well. */
export async function nodeBody(body: unknown, settings: BodySettings, signal?: AbortSignal): Promise<NodeBody> {
  if (body === undefined || body === null) return NO_BODY;
  // Read first: a form that has been sent has forgotten nothing, but a stream may have ended by then.
  const formType = formDataType(body);
  // A Blob is memory already, or a file that these clients could not send as it is.
  const reads = body instanceof Blob ? { ...settings, streamsUnsigned: false } : settings;
  const settled = await settleBody(body, reads, signal);
  // To fetch any text is text/plain; what it is to a user of these clients, only the user knows.
  const contentType = formType ?? (typeof body === "string" ? undefined : settled.contentType);
  return {
    ...settled,
    sent: sendable(settled.sent),
    contentType,
    isForm: contentType?.startsWith("multipart/") === true,
    length: bodyLength(settled),
  };
}

/** The type of a form of the package form-data, with its boundary. */
function formDataType(body: unknown): string | undefined {
  const { getHeaders, pipe } = body as { getHeaders?: unknown; pipe?: unknown };
  if (typeof getHeaders !== "function" || typeof pipe !== "function") return undefined;
  const type: unknown = getHeaders.call(body)?.["content-type"];
  return typeof type === "string" ? type : undefined;
}

/** Clients take bytes as a Buffer, this is one of the same memory, and streams as those of Node. */
function sendable(sent: SettledBody["sent"]): SettledBody["sent"] {
  if (sent instanceof Uint8Array) return Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
  if (sent instanceof ReadableStream) {
    return (require("node:stream") as typeof import("node:stream")).Readable.fromWeb(sent);
  }
  return sent;
}
