/** URLs of commands that our presigner makes before MinIO. */
import { ACCOUNT, minio, REGION } from "./minio.js";
import { presignerTests } from "./s3/presigner-tests.js";
import { s3Tests } from "./s3/s3-server.js";

const { test, s3 } = s3Tests(minio, { account: ACCOUNT, region: REGION });

presignerTests(test, s3);
