/** Method "sts": sessions of a role, by STS AssumeRole. */
import { type AssumeRoleOptions, checkAssumeRole } from "../strategies/assume-role.js";
import { checkMfaOptions, type MfaOptions, refreshTimeoutWith } from "../strategies/mfa/index.js";
import { StsStrategy } from "../strategies/sts.js";
import {
  checkStsClientConfig,
  resolveSource,
  resolveStsSettings,
  type StsClientConfig,
} from "../strategies/sts-client-config.js";
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
  /** The role, and how to assume it. */
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
    const mfa = checkMfaOptions(given, { parameters: checked, param: "assumeRole", now });
    const { settings, credentials } = checkStsClientConfig(
      given.stsClientConfig === undefined ? {} : given.stsClientConfig,
    );
    const source = resolveSource(credentials, options.givenEnv, options.givenClock);
    const strategy = new StsStrategy(
      { parameters: () => checked, mfa, source },
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
export class STSRefreshableSession extends RefreshableSession {
  constructor(options: StsSessionOptions) {
    super(options, DEFINITION);
  }

  static override create(options: StsSessionOptions, waiting?: Waiting): Promise<STSRefreshableSession> {
    return untilReady(() => new this(options), waiting);
  }
}
