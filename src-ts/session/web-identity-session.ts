/** Method "web-identity": sessions of a role, in exchange for a token of an OpenID Connect or OAuth 2.0 provider. */
import type { SdkStsClient } from "../aws/sdk-sts.js";
import type { ClientSettings } from "../strategies/sts-client-config.js";
import { UnsignedStsStrategy } from "../strategies/unsigned-sts.js";
import { checkWebIdentity, type WebIdentityOptions, type WebIdentityTokenOptions } from "../strategies/web-identity.js";
import type { BuiltInDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";
import { unsignedSts } from "./sts-access.js";

/**
 * What is left out comes from AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME and AWS_WEB_IDENTITY_TOKEN_FILE, as pods of EKS have
 * them. No credentials are needed: the call is not signed.
 *
 * @example
 * ```ts
 * import type { WebIdentitySessionOptions } from "aws-refresh-session";
 *
 * const options: WebIdentitySessionOptions = {
 *   method: "web-identity",
 *   region: "eu-central-1",
 *   webIdentity: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
 *   webIdentityTokenFile: "~/tokens/reports.jwt",
 * };
 * ```
 */
export interface WebIdentitySessionOptions extends SessionOptions, WebIdentityTokenOptions {
  method: "web-identity";
  /** The role, and how to assume it. */
  webIdentity?: WebIdentityOptions;
  /** How STS is reached; or a client of the AWS SDK, which stays the user's to destroy. */
  stsClientConfig?: ClientSettings | SdkStsClient;
}

export const WEB_IDENTITY: BuiltInDefinition = {
  names: {
    method: "web-identity",
    own: ["webIdentity", "webIdentityTokenFile", "webIdentityTokenProvider", "stsClientConfig"] satisfies ReadonlyArray<
      keyof WebIdentitySessionOptions
    >,
  },
  refreshMethod: "sts-assume-role-with-web-identity",
  open(given, opening) {
    const { env, givenHomeDir: homeDir } = opening.options;
    const { parameters, token } = checkWebIdentity(given, { env, homeDir });
    const { sts, stsSettings } = unsignedSts(given, "web-identity", opening);
    const strategy = new UnsignedStsStrategy("web-identity", sts, token, (sts, WebIdentityToken, context) =>
      sts.assumeRoleWithWebIdentity({ ...parameters, WebIdentityToken }, context),
    );
    return { strategy, stsSettings };
  },
};
