/** Lists and streams of presigned URLs before VersityGW. */
import { listTests } from "./list-tests.js";
import { s3Tests } from "./s3/s3-server.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

const { test, s3 } = s3Tests(versityGw, { account: ACCOUNT, region: REGION });

listTests(test, s3);
