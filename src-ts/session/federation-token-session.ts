/** Method "federation-token": sessions of a federated user, by the long-lived keys of an IAM user. */
import type { SdkStsClient } from "../aws/sdk-sts.js";
import { SignedStsStrategy } from "../strategies/signed-sts.js";
import type { StsClientConfig } from "../strategies/sts-client-config.js";
import { checkFields } from "../strategies/sts-fields.js";
import type { BuiltInDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";
import { signedSts } from "./sts-access.js";

/**
 * The `federationToken` option: the input of STS GetFederationToken, in AWS's own spelling. Without a policy the federated
 * user may do nothing but what resources allow to it by name.
 *
 * @example
 * ```ts
 * import type { FederationTokenOptions } from "aws-refresh-session";
 *
 * const federationToken: FederationTokenOptions = {
 *   Name: "jane",
 *   PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
 * };
 * ```
 */
export interface FederationTokenOptions {
  /** Name of the federated user, of 2 to 32 characters. */
  Name: string;
  /** What the user may do, as JSON text. */
  Policy?: string;
  PolicyArns?: ReadonlyArray<{ arn: string }>;
  /** Seconds; AWS takes 900 to 129600 and uses 43200 when left out. */
  DurationSeconds?: number;
  Tags?: ReadonlyArray<{ Key: string; Value: string }>;
}

/**
 * The source must be the long-lived keys of a user: AWS refuses sessions.
 *
 * @example
 * ```ts
 * import type { FederationTokenSessionOptions } from "aws-refresh-session";
 *
 * const options: FederationTokenSessionOptions = {
 *   method: "federation-token",
 *   region: "eu-central-1",
 *   federationToken: { Name: "jane", DurationSeconds: 3600 },
 * };
 * ```
 */
export interface FederationTokenSessionOptions extends SessionOptions {
  method: "federation-token";
  /** The user, and what they may do. */
  federationToken: FederationTokenOptions;
  /** How STS is reached, and as whom; or a client of the AWS SDK, which stays the user's to destroy. */
  stsClientConfig?: StsClientConfig | SdkStsClient;
}

export const FEDERATION_TOKEN: BuiltInDefinition = {
  names: {
    method: "federation-token",
    own: ["federationToken", "stsClientConfig"] satisfies ReadonlyArray<keyof FederationTokenSessionOptions>,
  },
  refreshMethod: "sts-get-federation-token",
  open(given, opening) {
    const parameters = checkFields<FederationTokenOptions>("federationToken", given.federationToken, {
      fields: ["Name", "Policy", "PolicyArns", "DurationSeconds", "Tags"],
      required: ["Name"],
      example: '{ Name: "jane" }',
    });
    const { sts, source, stsSettings } = signedSts(given, opening);
    const strategy = new SignedStsStrategy({
      method: "federation-token",
      sts,
      source,
      ask: (client, context) => client.getFederationToken(parameters, context),
    });
    return { strategy, stsSettings };
  },
};
