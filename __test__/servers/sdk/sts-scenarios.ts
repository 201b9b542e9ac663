/** What users do with an STS client. */
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  type STSClient,
} from "@aws-sdk/client-sts";
import { refusal, type ServiceScenarios } from "./scenarios.js";

/** `roleArn` may be assumed by those whose keys the client has. */
export const stsScenarios = (roleArn: () => string): ServiceScenarios<STSClient> => ({
  service: "STS",
  call: (client) => client.send(new GetCallerIdentityCommand({})),
  scenarios: {
    "a role is assumed, and calls as what it gave": async ({ client, name, another }) => {
      const before = await client.send(new GetCallerIdentityCommand({}));
      const assumed = await client.send(
        new AssumeRoleCommand({
          RoleArn: roleArn(),
          RoleSessionName: name,
          Policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
          }),
        }),
      );
      const { AccessKeyId = "", SecretAccessKey = "", SessionToken } = assumed.Credentials ?? {};
      const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
      const temporary = another({ credentials: async () => ({ ...keys, sessionToken: SessionToken }) });
      const after = await temporary.send(new GetCallerIdentityCommand({}));
      const tokenless = another({ credentials: keys });
      const refused = await refusal(tokenless.send(new GetCallerIdentityCommand({})));
      return { before, assumed, after, refused };
    },

    "a session token is got": async ({ client }) => client.send(new GetSessionTokenCommand({ DurationSeconds: 900 })),
  },
});
