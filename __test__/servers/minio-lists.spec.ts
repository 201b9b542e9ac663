/** Lists and streams of presigned URLs before MinIO. */
import { listTests } from "./list-tests.js";
import { ACCOUNT, minio, REGION } from "./minio.js";
import { s3Tests } from "./s3/s3-server.js";

const { test, s3 } = s3Tests(minio, { account: ACCOUNT, region: REGION });

listTests(test, s3);
