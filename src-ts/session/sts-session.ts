/** Method "sts": sessions of a role, by STS AssumeRole. */
import { type AssumeRoleOptions, checkAssumeRole } from "../strategies/assume-role.js";
import { AssumeRoleConfig } from "../strategies/configs/assume-role-config.js";
import { checkMfaOptions, type MfaOptions, refreshTimeoutWith } from "../strategies/mfa/index.js";
import { resolveSource } from "../strategies/resolve-source.js";
import { StsStrategy } from "../strategies/sts.js";
import { checkStsClientConfig, resolveStsSettings, type StsClientConfig } from "../strategies/sts-client-config.js";
import type { SessionOptions } from "./options.js";
import { type MethodDefinition, RefreshableSession, untilReady, type Waiting } from "./refreshable-session.js";

/**
 * @example
 * ```ts
 * import type { StsSessionOptions } from "aws-refresh-session";
 *
 * const options: StsSessionOptions = {
 *   region: "eu-central-1",
 *   assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
 *   refreshPolicy: "static-stability",
 * };
 * ```
 */
export interface StsSessionOptions<MfaArgs extends object = Record<string, unknown>>
  extends SessionOptions,
    MfaOptions<MfaArgs> {
  method?: "sts";
  /** The role, and how to assume it. An {@link AssumeRoleConfig} is read at each refresh, a plain object once. */
  assumeRole: AssumeRoleOptions;
  /** How STS is reached, and as whom. */
  stsClientConfig?: StsClientConfig;
}

export const STS_OPTIONS = [
  "assumeRole",
  "stsClientConfig",
  "mfaTokenProvider",
  "mfaTokenProviderArgs",
] as const satisfies ReadonlyArray<keyof StsSessionOptions>;

const DEFINITION: MethodDefinition = {
  names: { method: "sts", own: STS_OPTIONS },
  refreshMethod: "sts-assume-role",
  open(given, { options, onClockOffset, now }) {
    const checked = checkAssumeRole(given.assumeRole);
    // Such an object is meant to be written into between refreshes.
    const isLive = given.assumeRole instanceof AssumeRoleConfig;
    const mfa = checkMfaOptions(given, { parameters: checked, param: "assumeRole", now });
    const { settings, credentials } = checkStsClientConfig(
      given.stsClientConfig === undefined ? {} : given.stsClientConfig,
    );
    const source = resolveSource(credentials, options);
    const strategy = new StsStrategy(
      { parameters: isLive ? () => checkAssumeRole(given.assumeRole) : () => checked, mfa, source },
      { ...resolveStsSettings(settings, options), onClockOffset },
    );
    return { strategy, stsSettings: settings, refreshTimeout: refreshTimeoutWith(mfa, source) };
  },
};

/**
 * A session of a role. Same as `new RefreshableSession({ method: "sts", ... })`.
 *
 * @example
 * ```ts
 * import { STSRefreshableSession } from "aws-refresh-session";
 *
 * const session = new STSRefreshableSession({
 *   assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
 *   region: "eu-central-1",
 * });
 * const signer = session.signer({ service: "execute-api" });
 * session.close();
 * ```
 */
export class STSRefreshableSession<MfaArgs extends object = Record<string, unknown>> extends RefreshableSession {
  constructor(options: StsSessionOptions<MfaArgs>) {
    super(options, DEFINITION);
  }

  static override create<MfaArgs extends object = Record<string, unknown>>(
    options: StsSessionOptions<MfaArgs>,
    waiting?: Waiting,
  ): Promise<STSRefreshableSession<MfaArgs>> {
    return untilReady(() => new this(options), waiting);
  }
}
