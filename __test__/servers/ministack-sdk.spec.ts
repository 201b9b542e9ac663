/** What users do with seven clients of the SDK, before MiniStack with a session's credentials: the same whoever signs. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { assumeRole, makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { dynamoDbScenarios } from "./sdk/dynamodb-scenarios.js";
import { kinesisScenarios } from "./sdk/kinesis-scenarios.js";
import { lambdaScenarios } from "./sdk/lambda-scenarios.js";
import { prepareS3, S3_OPTIONS, s3Scenarios } from "./sdk/s3-scenarios.js";
import { scenarioTests } from "./sdk/scenarios.js";
import { secretsManagerScenarios } from "./sdk/secrets-manager-scenarios.js";
import { sqsScenarios } from "./sdk/sqs-scenarios.js";
import { stsScenarios } from "./sdk/sts-scenarios.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
let credentials: Awaited<ReturnType<typeof assumeRole>>;

const options = () => ({ endpoint, credentials });
const asUser = () => ({ endpoint, credentials: principals.user });

const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  credentials = await assumeRole(endpoint, principals);
  await prepareS3(new S3Client({ region: REGION, ...options(), ...S3_OPTIONS }));
});

const roleArn = () => principals.roleArn;

scenarioTests(test, s3Scenarios, { make: (more) => new S3Client({ ...S3_OPTIONS, ...more }), options });
scenarioTests(test, dynamoDbScenarios, { make: (more) => new DynamoDBClient(more), options });
// A role may not assume itself.
scenarioTests(test, stsScenarios(roleArn), { make: (more) => new STSClient(more), options: asUser });
scenarioTests(test, sqsScenarios, { make: (more) => new SQSClient(more), options });
scenarioTests(test, lambdaScenarios(roleArn), { make: (more) => new LambdaClient(more), options });
// By itself it speaks HTTP/2, and MiniStack does not verify the `:authority` that is signed there, whoever signs.
const { requestHandler } = new SQSClient({ region: REGION }).config;
scenarioTests(test, kinesisScenarios, { make: (more) => new KinesisClient({ requestHandler, ...more }), options });
scenarioTests(test, secretsManagerScenarios, { make: (more) => new SecretsManagerClient(more), options });
