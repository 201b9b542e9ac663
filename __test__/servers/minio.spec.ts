/** S3 signatures before MinIO: what it accepts, what it refuses and what it makes of odd keys. */
import { ACCOUNT, minio, REGION } from "./minio.js";
import { acceptanceTests } from "./s3/acceptance-tests.js";
import { keyTests } from "./s3/key-tests.js";
import { s3Tests } from "./s3/s3-server.js";
import { tamperingTests } from "./s3/tampering-tests.js";

const { test, s3 } = s3Tests(minio, { account: ACCOUNT, region: REGION });

acceptanceTests(test, s3);
tamperingTests(test, s3);
keyTests(test, s3);
