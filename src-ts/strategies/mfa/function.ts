/** Codes from a function of the user. */
import { BRSValidationError, masked } from "../../errors.js";
import { checkRecord } from "../option-checks.js";
import { type CodeRequest, type CodeSource, type MfaTokenFunction, STEP_SECONDS } from "./provider.js";

export class FunctionCodes implements CodeSource {
  readonly prompts = true;
  readonly period = STEP_SECONDS;
  readonly #ask: MfaTokenFunction<never>;
  readonly #args: object;

  constructor(ask: MfaTokenFunction<never>, args: unknown) {
    this.#ask = ask;
    this.#args = checkRecord("mfaTokenProviderArgs", args, '{ device: "phone" }');
  }

  async ask({ serialNumber, signal }: CodeRequest): Promise<string> {
    const code: unknown = await this.#ask(this.#args as never, { serialNumber, signal });
    // Without the u flag \d is ASCII alone, as AWS wants it.
    if (typeof code === "string" && /^\d{6}$/.test(code)) return code;
    throw new BRSValidationError(`mfaTokenProvider must give text of six digits, but gave ${masked(code)}`, {
      param: "mfaTokenProvider",
      value: masked(code),
      retryable: true,
    });
  }
}
