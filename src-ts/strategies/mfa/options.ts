/** Checks the options `mfaTokenProvider` and `mfaTokenProviderArgs`, and makes of them what gives the codes. */
import type { Clock } from "../../defaults.js";
import { BRSConfigurationError } from "../../errors.js";
import { REFRESH_DEFAULTS } from "../../refresh/refresh-options.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { warn } from "../../warnings.js";
import { checkNames, isRecord, refuse } from "../option-checks.js";
import { CommandCodes } from "./command.js";
import { FunctionCodes } from "./function.js";
import { MfaCodes, type MfaCodesOptions, type MfaParameters } from "./mfa-codes.js";
import type { CodeSource, MfaTokenFunction } from "./provider.js";
import { TotpCodes } from "./totp.js";

export interface MfaFacts extends MfaCodesOptions {
  /** The parameters of the call, as they are at construction. */
  readonly parameters: MfaParameters;
}

/** The options of the session, of which two are read. */
type Given = Readonly<Record<string, unknown>>;

/**
 * @throws BRSConfigurationError when device, code and provider do not go together, for a command that is empty or badly
 *   quoted and for options that commands do not have; BRSValidationError for a provider of another kind
 */
export function checkMfaOptions(given: Given, { parameters, ...options }: MfaFacts): MfaCodes {
  const { mfaTokenProvider } = given;
  const source = mfaTokenProvider === undefined ? noSource(given) : codeSource(given, options.now);
  const codes = new MfaCodes(source, options);
  codes.check(parameters);
  if (source !== undefined && parameters.TokenCode !== undefined) warnOfCode(options.param);
  return codes;
}

/**
 * The default of `refreshTimeout`, in seconds: that of all sessions, and the time that people may need for a code, here or
 * where the source of the session asks them. What the user gives holds as it is, the wait for codes included.
 */
export function refreshTimeoutWith(mfa: MfaCodes, source?: RefreshableCredentials): number {
  const { refreshTimeout } = REFRESH_DEFAULTS;
  const ofSource = source === undefined || source.refreshTimeout <= refreshTimeout ? 0 : source.refreshTimeout;
  return refreshTimeout + mfa.patience + ofSource;
}

function noSource({ mfaTokenProviderArgs }: Given): undefined {
  if (mfaTokenProviderArgs === undefined) return undefined;
  throw new BRSConfigurationError("mfaTokenProviderArgs is given without mfaTokenProvider, whose arguments they are", {
    param: "mfaTokenProviderArgs",
  });
}

function codeSource({ mfaTokenProvider: provider, mfaTokenProviderArgs: args }: Given, now: Clock): CodeSource {
  if (typeof provider === "function") return new FunctionCodes(provider as MfaTokenFunction<never>, args ?? {});
  if (typeof provider === "string" || Array.isArray(provider)) return new CommandCodes(provider, args ?? {});
  if (isRecord(provider) && "totp" in provider) {
    checkNames("mfaTokenProvider.", provider, ["totp"]);
    if (args === undefined) return new TotpCodes(provider.totp, now);
    throw new BRSConfigurationError("mfaTokenProviderArgs is for functions and commands; { totp } takes none", {
      param: "mfaTokenProviderArgs",
    });
  }
  const expected = 'a function, a command ("program argument" or a list of words) or { totp: { secret } }';
  // Whatever it is, it may hold a secret.
  return refuse("mfaTokenProvider", expected, provider, true);
}

function warnOfCode(param: string): void {
  warn(
    "BRS_TOKEN_CODE_UNUSED",
    `${param}.TokenCode is not used, since mfaTokenProvider gives a code at each refresh; leave one out`,
  );
}
