/** What users do with a Secrets Manager client. */
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  type SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { refusal, type ServiceScenarios } from "./scenarios.js";

export const secretsManagerScenarios: ServiceScenarios<SecretsManagerClient> = {
  service: "Secrets Manager",
  call: (client) => client.send(new ListSecretsCommand({})),
  scenarios: {
    "a secret is made, read, changed, listed and removed": async ({ client, name }) => {
      const Name = `${name}/a b+c`;
      const value = async (more: object = {}) => {
        const got = await client.send(new GetSecretValueCommand({ SecretId: Name, ...more }));
        return { string: got.SecretString, bytes: got.SecretBinary, stages: got.VersionStages };
      };
      const created = await client.send(
        new CreateSecretCommand({ Name, SecretString: '{"password":"é😀  &<b>"}', Description: "a  b" }),
      );
      const first = await value();
      await client.send(new PutSecretValueCommand({ SecretId: Name, SecretBinary: Buffer.from([0, 255, 7]) }));
      const second = await value();
      const previous = await value({ VersionStage: "AWSPREVIOUS" });
      await client.send(new UpdateSecretCommand({ SecretId: Name, SecretString: "third", Description: "changed" }));
      await client.send(new TagResourceCommand({ SecretId: Name, Tags: [{ Key: "a b", Value: "c/d" }] }));
      const { Description, Tags } = await client.send(new DescribeSecretCommand({ SecretId: Name }));
      const listed: unknown[] = [];
      const filter = { Filters: [{ Key: "name" as const, Values: [name] }] };
      for await (const { SecretList } of paginateListSecrets({ client, pageSize: 1 }, filter)) {
        listed.push(SecretList?.map((each) => each.Name));
      }
      const third = await value();
      await client.send(new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }));
      const gone = await refusal(client.send(new GetSecretValueCommand({ SecretId: Name })));
      return { created: created.Name, first, second, previous, Description, Tags, listed, third, gone };
    },
  },
};
