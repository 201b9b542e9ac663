/** Method "sts": sessions of a role, by STS AssumeRole. */
import { isDeepStrictEqual } from "node:util";
import type { SdkStsClient } from "../aws/sdk-sts.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { type AssumeRoleOptions, type AssumeRoleParameters, checkAssumeRole } from "../strategies/assume-role.js";
import { AssumeRoleConfig } from "../strategies/configs/assume-role-config.js";
import { checkMfaOptions, type MfaOptions, refreshTimeoutWith } from "../strategies/mfa/index.js";
import { SignedStsStrategy } from "../strategies/signed-sts.js";
import type { StsClientConfig } from "../strategies/sts-client-config.js";
import { warn } from "../warnings.js";
import type { MethodDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";
import { RefreshableSession } from "./refreshable-session.js";
import { signedSts } from "./sts-access.js";
import { untilReady, type Waiting } from "./until-ready.js";

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
  /** How STS is reached, and as whom; or a client of the AWS SDK, which stays the user's to destroy. */
  stsClientConfig?: StsClientConfig | SdkStsClient;
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
  open(given, opening) {
    const checked = checkAssumeRole(given.assumeRole);
    const parameters = roleOf(given.assumeRole, checked, opening.options.shared !== undefined);
    const mfa = checkMfaOptions(given, { parameters: checked, param: "assumeRole", now: opening.now });
    const { sts, source, stsSettings } = signedSts(given, opening);
    warnOfRoleChaining(checked, source);
    const strategy = new SignedStsStrategy({
      method: "sts",
      sts,
      source,
      prompts: () => mfa.prompts(parameters()),
      ask: (sts, context) => mfa.send(parameters(), context, (withCode) => sts.assumeRole(withCode, context)),
    });
    return { strategy, stsSettings, refreshTimeout: refreshTimeoutWith(mfa, source) };
  },
};

/**
 * The parameters of each refresh. A config is meant to be written into between refreshes; where credentials are shared, only a
 * new code in it counts: whoever joined has compared the rest, and would get the credentials of another role.
 */
function roleOf(given: unknown, checked: AssumeRoleParameters, isShared: boolean): () => AssumeRoleParameters {
  if (!(given instanceof AssumeRoleConfig)) return () => checked;
  if (!isShared) return () => checkAssumeRole(given);
  const { TokenCode: _, ...compared } = checked;
  let hasWarned = false;
  return () => {
    const { TokenCode, ...others } = checkAssumeRole(given);
    if (!hasWarned && !isDeepStrictEqual(others, compared)) {
      hasWarned = true;
      warn(
        "BRS_SHARED_CONFIG",
        "assumeRole was changed, but the session shares its credentials: nothing but a new TokenCode counts; open another session",
      );
    }
    return { ...compared, ...(TokenCode !== undefined && { TokenCode }) };
  };
}

/** Seconds that AWS gives at most to a role that is assumed by the session of another. */
const CHAINED_LIMIT = 3_600;

/** How sessions of roles get their credentials. */
const ROLE_SESSIONS: ReadonlySet<string> = new Set([
  "sts-assume-role",
  "sts-assume-role-with-web-identity",
  "sts-assume-role-with-saml",
]);

/** Servers like AWS may have no such limit, so it is no refusal. */
function warnOfRoleChaining({ DurationSeconds = 0 }: AssumeRoleParameters, source?: RefreshableCredentials): void {
  if (source === undefined || DurationSeconds <= CHAINED_LIMIT || !ROLE_SESSIONS.has(source.method)) return;
  warn(
    "BRS_ROLE_CHAINING_LIMIT",
    `assumeRole.DurationSeconds is ${DurationSeconds}, but stsClientConfig.credentials is a session of a role: AWS gives ` +
      `chained roles one hour at most and will refuse this; use ${CHAINED_LIMIT} or less`,
  );
}

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
