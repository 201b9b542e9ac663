/** The rules by which calls of STS get a code of an MFA device: one a refresh, each sent once, none used twice. */
import { heldSleep, systemTimer } from "../../aws/hold.js";
import { isTransient, withRetries } from "../../aws/retry.js";
import { type Clock, type Random, type Sleep, systemRandom } from "../../defaults.js";
import { BRSConfigurationError, BRSRequestError } from "../../errors.js";
import type { RefreshContext } from "../strategy.js";
import type { CodeSource } from "./provider.js";
import { digestOf, takeCode } from "./used-codes.js";

/** The parameters of an STS call that name a device and its code. */
export interface MfaParameters {
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
}

export interface MfaCodesOptions {
  /** Epoch milliseconds by AWS's clock. */
  readonly now: Clock;
  /** Name of the option that holds the device, such as "assumeRole". */
  readonly param: string;
  readonly random?: Random;
  /** Default: one that lets the process end when nobody awaits the refresh. */
  readonly sleep?: Sleep;
}

/** A request is sent this many times at most, each time with another code. */
const MAX_SENDS = 3;
/** A provider is asked this many times for a code that was not used yet. */
const MAX_ASKS = 3;
/** Seconds: people may have to find their phone first. */
const PATIENCE = 270;
/** Clocks tick differently: a little after the step has changed, not a little before. */
const MARGIN_MS = 50;

/**
 * Gives calls of STS their TokenCode.
 *
 * Calls of one refresh are the caller's matter: it makes one however many wait. Codes are remembered for 90 seconds over all
 * sessions of the thread, so that none is sent twice; a provider that gives such a code is asked again when the device
 * shows the next one.
 */
export class MfaCodes {
  readonly #source: CodeSource | undefined;
  readonly #options: MfaCodesOptions;
  /** The fixed code that was sent last, for as long as the session lives. */
  #spent: string | undefined;

  /** @param source undefined where a fixed TokenCode, or none, is all there is */
  constructor(source: CodeSource | undefined, options: MfaCodesOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Seconds that the wait for a code may take; 0 without a provider. */
  get patience(): number {
    return this.#source === undefined ? 0 : Math.max(this.#source.patience ?? 0, PATIENCE);
  }

  /** @throws BRSConfigurationError for a device without a code and for a code without its device */
  check({ SerialNumber, TokenCode }: MfaParameters): void {
    const { param } = this.#options;
    if (SerialNumber !== undefined && (TokenCode !== undefined || this.#source !== undefined)) return;
    if (this.#source !== undefined) {
      throw new BRSConfigurationError(
        `${param}.SerialNumber is missing: mfaTokenProvider gives codes of a device, which has to be named there`,
        { param: `${param}.SerialNumber` },
      );
    }
    if (SerialNumber === undefined && TokenCode === undefined) return;
    const missing = `${param}.${TokenCode === undefined ? "TokenCode" : "SerialNumber"}`;
    throw new BRSConfigurationError(
      `${missing} is missing: ${param}.SerialNumber (the MFA device) and ${param}.TokenCode (a code of it) go together; ` +
        "mfaTokenProvider gives a new code at each refresh",
      { param: missing },
    );
  }

  /** Whether a refresh with these parameters may need a person: then it must not start in the background. */
  prompts({ TokenCode }: MfaParameters): boolean {
    return this.#source === undefined ? TokenCode !== undefined : this.#source.prompts;
  }

  /**
   * Calls `send` with the parameters and a code of this moment in them, and again, with another code, when it failed for a
   * reason that passes: at most three times. A fixed code is sent once.
   *
   * Rejects with what the provider or `send` rejects with, with the reason of the signal as soon as that aborts, or
   * with BRSConfigurationError when all the provider gives was used before.
   */
  async send<Parameters extends MfaParameters, Result>(
    parameters: Parameters,
    context: RefreshContext,
    send: (parameters: Parameters & MfaParameters) => Promise<Result>,
  ): Promise<Result> {
    // Once more, since they may have changed since the session was made.
    this.check(parameters);
    const { SerialNumber, TokenCode } = parameters;
    if (this.#source === undefined) {
      if (TokenCode !== undefined) this.#useFixed(SerialNumber, TokenCode);
      return send(parameters);
    }
    return withRetries(
      {
        maxAttempts: MAX_SENDS,
        random: this.#options.random ?? systemRandom,
        sleep: this.#sleep(context),
        signal: context.signal,
        mended: passes,
      },
      async () => send({ ...parameters, TokenCode: await this.next(parameters, context) }),
    );
  }

  /** A code that was not used yet, from the provider. */
  async next({ SerialNumber = "" }: MfaParameters, context: RefreshContext): Promise<string> {
    const { now } = this.#options;
    const source = this.#source;
    if (source === undefined)
      throw new BRSConfigurationError("there is no mfaTokenProvider", { param: "mfaTokenProvider" });
    for (let asked = 1; ; asked++) {
      const { signal, hold } = context;
      signal.throwIfAborted();
      const code = await abortable(source.ask({ serialNumber: SerialNumber, signal, hold }), signal);
      if (takeCode(SerialNumber, code, now())) return code;
      if (asked >= MAX_ASKS) {
        throw new BRSConfigurationError(
          `mfaTokenProvider gave a code that was used already, ${MAX_ASKS} times: AWS takes each code of a device once`,
          { param: "mfaTokenProvider", retryable: true },
        );
      }
      // Until then the device itself shows the same code.
      const step = source.period * 1000;
      await this.#sleep(context)(step - (now() % step) + MARGIN_MS, signal);
    }
  }

  #sleep({ hold }: RefreshContext): Sleep {
    return this.#options.sleep ?? heldSleep(systemTimer, hold);
  }

  #useFixed(serialNumber = "", code: string): void {
    const digest = digestOf(serialNumber, code);
    if (digest !== this.#spent && takeCode(serialNumber, code, this.#options.now())) {
      this.#spent = digest;
      return;
    }
    const param = `${this.#options.param}.TokenCode`;
    throw new BRSConfigurationError(
      `${param} was used already: AWS takes a code once, so a fixed one serves a single refresh; ` +
        "give mfaTokenProvider, which is asked for a new code each time, or write a new code into an AssumeRoleConfig",
      { param },
    );
  }
}

/** Refused for its time, or answered with something unreadable: not sent again by itself, but worth another code. */
function passes(error: unknown): boolean {
  if (!(error instanceof BRSRequestError) || !error.retryable) return false;
  return !isTransient(error.statusCode ?? 0, error.details?.awsCode as string | undefined);
}

/** Ends the wait with the signal: a prompt may not know how to end itself. */
async function abortable<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([asked, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
