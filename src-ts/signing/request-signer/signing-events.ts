/** The hooks of request signing: who may choose the signature version, and who may change a request before it is signed. */
import { BRSValidationError, masked, shown } from "../../errors.js";
import type { AwsRequest } from "./aws-request.js";
import type { RequestContext } from "./request-context.js";
import type { RequestSigner, SigningType } from "./request-signer.js";

/**
 * "choose-signer.<service>.<operation>": assign `signatureVersion` to choose another one; "none" leaves the request unsigned. The first
 * assignment wins, and ends the event.
 */
export interface ChooseSignerEvent {
  readonly serviceId: string;
  readonly operationName: string;
  readonly signingName: string | undefined;
  readonly region: string | undefined;
  readonly context: RequestContext;
  /** Who is about to sign, and whose own version it would use. */
  readonly requestSigner: RequestSigner;
  signatureVersion: string;
}

/** "before-sign.<service>.<operation>": the request may be changed; also emitted for requests that stay unsigned. */
export interface BeforeSignEvent {
  readonly request: AwsRequest;
  readonly serviceId: string;
  readonly operationName: string;
  readonly signingName: string | undefined;
  /** Region of the signer, whatever the request is signed for. */
  readonly region: string | undefined;
  readonly signatureVersion: string;
  readonly signingType: SigningType;
  /** Who is about to sign; a hook may presign other requests with it. */
  readonly requestSigner: RequestSigner;
}

/** The event of a pattern. */
export type SigningEvent<Pattern extends string> = Pattern extends `choose-signer${string}`
  ? ChooseSignerEvent
  : Pattern extends `before-sign${string}`
    ? BeforeSignEvent
    : never;

/** What `RequestSigner` needs of the `events` it is given. */
export interface SigningEventEmitter {
  emit(name: string, event: ChooseSignerEvent | BeforeSignEvent, isDone?: () => boolean): void;
}

/**
 * Listeners by pattern: "before-sign.s3.PutObject", with `*` for any part; parts left out at the end are any.
 *
 * Synchronous, in order of registration. What a listener throws ends the signature: a hook that could not do its work
 * must not let a request pass as if it had.
 *
 * @example
 * ```ts
 * import { SigningEvents } from "aws-refresh-session/signing";
 *
 * const events = new SigningEvents();
 * events.on("choose-signer.sts.AssumeRoleWithWebIdentity", (event) => {
 *   event.signatureVersion = "none";
 * });
 * events.on("before-sign.s3.*", ({ request }) => request.headers.add("x-amz-meta-by", "me"));
 * ```
 */
export class SigningEvents implements SigningEventEmitter {
  readonly #listeners: Array<{ readonly parts: readonly string[]; readonly listener: (event: never) => void }> = [];

  /** Adds a listener; the function returned removes it. */
  on<Pattern extends string>(pattern: Pattern, listener: (event: SigningEvent<Pattern>) => void): () => void {
    const parts = typeof pattern === "string" ? pattern.split(".") : [];
    if (!["choose-signer", "before-sign"].includes(parts[0] ?? "") || parts.length > 3 || parts.includes("")) {
      throw new BRSValidationError(
        `"pattern" must be "choose-signer" or "before-sign" with a service and an operation, such as "before-sign.s3.*", found ${shown(pattern)}`,
        { param: "pattern", value: pattern },
      );
    }
    if (typeof listener !== "function") {
      throw new BRSValidationError(`"listener" must be a function, found ${masked(listener)}`, { param: "listener" });
    }
    const entry = { parts, listener };
    this.#listeners.push(entry);
    return () => {
      const at = this.#listeners.indexOf(entry);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }

  /** Calls the listeners of an event until one of them has made `isDone` true. */
  emit(name: string, event: ChooseSignerEvent | BeforeSignEvent, isDone: () => boolean = () => false): void {
    const names = name.split(".");
    for (const { parts, listener } of [...this.#listeners]) {
      if (!parts.every((part, index) => part === "*" || part === names[index])) continue;
      const answer: unknown = listener(event as never);
      if (typeof (answer as { then?: unknown } | undefined | null)?.then === "function")
        throw asynchronous(answer, name);
      if (isDone()) return;
    }
  }
}

/** Its work would come after the signature, and what it rejects with would be nobody's. */
function asynchronous(answer: unknown, name: string): BRSValidationError {
  Promise.resolve(answer).catch(() => {});
  return new BRSValidationError(
    `a listener of "${name}" gave a promise, and the signature does not wait for one: do its work before signing, or without await`,
    { param: "listener" },
  );
}
