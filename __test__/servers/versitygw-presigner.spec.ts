/** URLs of commands that our presigner makes before VersityGW. */

import { presignerTests } from "./s3/presigner-tests.js";
import { s3Tests } from "./s3/s3-server.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

const { test, s3 } = s3Tests(versityGw, { account: ACCOUNT, region: REGION });

presignerTests(test, s3);
