/** What users do with S3 clients of the SDK, before MinIO: the same whoever signs. */
import { S3Client } from "@aws-sdk/client-s3";
import { ACCOUNT, minio, REGION } from "./minio.js";
import { prepareS3, S3_OPTIONS, s3Scenarios } from "./sdk/s3-scenarios.js";
import { scenarioTests } from "./sdk/scenarios.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
const options = () => ({ endpoint, credentials: ACCOUNT, ...S3_OPTIONS });
const make = (more: object) => new S3Client({ region: REGION, ...more });

const test = serverTests(minio, async (running) => {
  endpoint = running.endpoint;
  await prepareS3(make(options()));
});

scenarioTests(test, s3Scenarios, { make, options });
