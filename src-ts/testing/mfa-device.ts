/** The virtual MFA device of a test endpoint's user, and the codes of it that STS accepts. */
import { TotpCodes } from "../strategies/mfa/totp.js";

/** A device that AssumeRole asks for. */
export interface TestMfaDevice {
  /** Serial number or ARN. */
  readonly serialNumber: string;
  /** Secret of the device in base32. */
  readonly secret: string;
}

/** Knows the codes of the device: those of the present step and of its neighbours, each once. */
export class MfaDevice {
  readonly #serialNumber: string;
  readonly #codes: TotpCodes;
  readonly #used = new Set<string>();

  constructor({ serialNumber, secret }: TestMfaDevice) {
    this.#serialNumber = serialNumber;
    this.#codes = new TotpCodes({ secret }, () => 0, "mfa");
  }

  /** Uses a code up. False for one that is not of the device, or was used. */
  accept(serialNumber: string | undefined, code: string | undefined, now: number): boolean {
    const near = [-1, 0, 1].map((steps) => this.#codes.codeAt(now + steps * this.#codes.period * 1_000));
    if (serialNumber !== this.#serialNumber || code === undefined || !near.includes(code)) return false;
    if (this.#used.has(code)) return false;
    this.#used.add(code);
    return true;
  }
}
