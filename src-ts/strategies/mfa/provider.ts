/** Where codes of an MFA device come from: the forms of the option `mfaTokenProvider`. */
import type { Environment } from "../../defaults.js";
import type { ProcessHold } from "../strategy.js";

/** What a function gets that gives a code, beside `mfaTokenProviderArgs`. */
export interface MfaTokenRequest {
  /** The device whose code is wanted. */
  readonly serialNumber: string;
  /** Aborts when the refresh ran into `refreshTimeout` or the session was closed: end the prompt then. */
  readonly signal: AbortSignal;
}

/**
 * A function that gives the code of the device: six digits as text. It is called once per refresh, however many callers
 * wait, and again when AWS could not be asked or the code was used before.
 */
export type MfaTokenFunction<Args extends object = Record<string, unknown>> = (
  args: Args,
  request: MfaTokenRequest,
) => string | PromiseLike<string>;

/** The secret of a virtual device, from which the package makes the codes itself (RFC 6238). */
export interface TotpOptions {
  /** The base32 text behind the QR code of the device; case, spaces, hyphens and padding do not matter. */
  secret: string;
  /** Default "SHA1", which is what AWS's devices use. */
  algorithm?: "SHA1" | "SHA256" | "SHA512";
  /** AWS takes six digits and nothing else. */
  digits?: 6;
  /** Seconds that a code stands for; default 30. */
  period?: number;
}

/** The option in the form of a secret. */
export interface TotpProvider {
  totp: TotpOptions;
}

/**
 * How a code is obtained: a function, a command (a list of words, or one line that is split as a shell would), or the secret
 * of a virtual device.
 *
 * @example
 * ```ts
 * import { RefreshableSession } from "aws-refresh-session";
 *
 * const session = new RefreshableSession({
 *   assumeRole: {
 *     RoleArn: "arn:aws:iam::123456789012:role/reports",
 *     SerialNumber: "arn:aws:iam::123456789012:mfa/jane",
 *   },
 *   mfaTokenProvider: ["ykman", "oath", "accounts", "code", "--single", "aws"],
 *   mfaTokenProviderArgs: { timeout: 60 },
 * });
 * session.close();
 * ```
 */
export type MfaTokenProvider<Args extends object = Record<string, unknown>> =
  | MfaTokenFunction<Args>
  | string
  | readonly string[]
  | TotpProvider;

/** `mfaTokenProviderArgs` of a command. */
export interface MfaCommandOptions {
  /** The folder in which it runs. */
  cwd?: string;
  /** All its variables; default: those of this process. */
  env?: Environment;
  /** What it reads from stdin; default: nothing. */
  input?: string | Uint8Array;
  /** Seconds until it is killed; default 30. */
  timeout?: number;
}

/** The two options, as they stand among those of a session. */
export interface MfaOptions<Args extends object = Record<string, unknown>> {
  /** Gives a new code at each refresh; goes with the SerialNumber of the device. */
  mfaTokenProvider?: MfaTokenProvider<Args>;
  /** First argument of the function (the object itself), or the options of the command. */
  mfaTokenProviderArgs?: Args | MfaCommandOptions;
}

/** What asks for a code knows about the refresh that it is for. */
export interface CodeRequest extends MfaTokenRequest {
  readonly hold?: ProcessHold | undefined;
}

/** Seconds that a code of AWS's devices stands for. */
export const STEP_SECONDS = 30;

/** One provider, checked. */
export interface CodeSource {
  /** Whether a person may be asked. */
  readonly prompts: boolean;
  /** Seconds after which the device shows another code. */
  readonly period: number;
  /** Seconds that asking may take, where the user said so. */
  readonly patience?: number;
  /** One code of six digits. */
  ask(request: CodeRequest): Promise<string>;
}
