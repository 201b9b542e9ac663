/** Codes of a virtual device from its secret: RFC 6238 over RFC 4226. */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Clock } from "../../defaults.js";
import { BRSConfigurationError } from "../../errors.js";
import { checkNames, checkOneOf, checkRecord, checkSeconds, refuse } from "../option-checks.js";
import { decodeBase32 } from "./base32.js";
import { type CodeSource, STEP_SECONDS, type TotpOptions } from "./provider.js";

const ALGORITHMS = ["SHA1", "SHA256", "SHA512"] as const;

export class TotpCodes implements CodeSource {
  readonly prompts = false;
  readonly period: number;
  readonly #key: KeyObject;
  readonly #algorithm: string;
  readonly #now: Clock;

  /**
   * @param now the time of AWS, as far as it is known, since the device's codes are judged by that
   * @param param name of the option, for errors
   */
  constructor(given: unknown, now: Clock, param = "mfaTokenProvider.totp") {
    const options = checkRecord(param, given, '{ secret: "GEZDGNBVGY3TQOJQ" }');
    checkNames(`${param}.`, options, ["secret", "algorithm", "digits", "period"] satisfies ReadonlyArray<
      keyof TotpOptions
    >);
    const { secret, algorithm = "SHA1", digits = 6, period = STEP_SECONDS } = options;
    if (digits !== 6) refuse(`${param}.digits`, "6, since AWS takes no other codes", digits);
    if (!Number.isInteger(checkSeconds(`${param}.period`, period, { above: true, max: 3600 }))) {
      refuse(`${param}.period`, "a whole number of seconds", period);
    }
    const bytes = typeof secret === "string" ? decodeBase32(secret) : undefined;
    if (bytes === undefined || bytes.length === 0) {
      refuse(`${param}.secret`, "base32 text (A-Z and 2-7) as behind the QR code of the device", secret, true);
    }
    this.#key = createSecretKey(bytes);
    bytes.fill(0);
    this.#algorithm = checkOneOf(`${param}.algorithm`, algorithm, ALGORITHMS);
    this.period = period as number;
    this.#now = now;
  }

  async ask(): Promise<string> {
    return this.codeAt(this.#now());
  }

  /** The code at a time in epoch milliseconds. */
  codeAt(ms: number): string {
    const step = Math.floor(ms / 1000 / this.period);
    if (step < 0) {
      throw new BRSConfigurationError("the clock stands before 1970, where there are no codes", { param: "clock" });
    }
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const hash = createHmac(this.#algorithm, this.#key).update(counter).digest();
    // The last four bits tell where in the hash the number begins.
    const offset = (hash.at(-1) ?? 0) & 0xf;
    const number = hash.readUInt32BE(offset) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
  }
}
