/** Method "session-token": sessions of an IAM user by STS GetSessionToken, most often after an MFA code. */
import type { SdkStsClient } from "../aws/sdk-sts.js";
import { checkMfaOptions, type MfaOptions, refreshTimeoutWith } from "../strategies/mfa/index.js";
import { SignedStsStrategy } from "../strategies/signed-sts.js";
import type { StsClientConfig } from "../strategies/sts-client-config.js";
import { checkFields } from "../strategies/sts-fields.js";
import type { BuiltInDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";
import { signedSts } from "./sts-access.js";

/**
 * The `sessionToken` option: the input of STS GetSessionToken, in AWS's own spelling.
 *
 * @example
 * ```ts
 * import type { SessionTokenOptions } from "aws-refresh-session";
 *
 * const sessionToken: SessionTokenOptions = {
 *   SerialNumber: "arn:aws:iam::123456789012:mfa/jane",
 *   DurationSeconds: 43200,
 * };
 * ```
 */
export interface SessionTokenOptions {
  /** Seconds; AWS takes 900 to 129600 and uses 43200 when left out. */
  DurationSeconds?: number;
  /** The MFA device; goes with TokenCode or mfaTokenProvider. */
  SerialNumber?: string;
  /** A code of the MFA device. It serves one refresh, since AWS takes each code once. */
  TokenCode?: string;
}

/**
 * The source must be the long-lived keys of a user: AWS refuses sessions.
 *
 * One such session can be the source of many: each role is then assumed without asking for another code, until the twelve
 * hours of the session token end.
 *
 * @example
 * ```ts
 * import { RefreshableSession } from "aws-refresh-session";
 *
 * const jane = new RefreshableSession({
 *   method: "session-token",
 *   region: "eu-central-1",
 *   sessionToken: { SerialNumber: "arn:aws:iam::123456789012:mfa/jane" },
 *   mfaTokenProvider: ["ykman", "oath", "accounts", "code", "--single", "aws"],
 * });
 * const roles = ["reader", "writer"].map(
 *   (name) =>
 *     new RefreshableSession({
 *       method: "sts",
 *       region: "eu-central-1",
 *       assumeRole: { RoleArn: `arn:aws:iam::123456789012:role/${name}` },
 *       stsClientConfig: { credentials: jane },
 *     }),
 * );
 * for (const session of [...roles, jane]) session.close();
 * ```
 */
export interface SessionTokenSessionOptions extends SessionOptions, MfaOptions {
  method: "session-token";
  /** The device and the lifetime; without it twelve hours and no device. */
  sessionToken?: SessionTokenOptions;
  /** How STS is reached, and as whom; or a client of the AWS SDK, which stays the user's to destroy. */
  stsClientConfig?: StsClientConfig | SdkStsClient;
}

export const SESSION_TOKEN: BuiltInDefinition = {
  names: {
    method: "session-token",
    own: ["sessionToken", "mfaTokenProvider", "mfaTokenProviderArgs", "stsClientConfig"] satisfies ReadonlyArray<
      keyof SessionTokenSessionOptions
    >,
  },
  refreshMethod: "sts-get-session-token",
  open(given, opening) {
    const parameters = checkFields<SessionTokenOptions>(
      "sessionToken",
      given.sessionToken === undefined ? {} : given.sessionToken,
      {
        fields: ["DurationSeconds", "SerialNumber", "TokenCode"],
        required: [],
        example: '{ SerialNumber: "arn:aws:iam::123456789012:mfa/name" }',
      },
    );
    const { sts, source, stsSettings } = signedSts(given, opening);
    const mfa = checkMfaOptions(given, { parameters, param: "sessionToken", now: opening.now });
    const strategy = new SignedStsStrategy({
      method: "session-token",
      sts,
      source,
      prompts: () => mfa.prompts(parameters),
      async ask(client, context, caller) {
        const { credentials } = await mfa.send(parameters, context, (withCode) =>
          client.getSessionToken(withCode, context),
        );
        // The same user, so the same account.
        const accountId = caller?.accountId;
        return { credentials: { ...(accountId !== undefined && { accountId }), ...credentials } };
      },
    });
    return { strategy, stsSettings, refreshTimeout: refreshTimeoutWith(mfa, source) };
  },
};
