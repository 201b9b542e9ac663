/** Presigned POSTs before MinIO. */
import { ACCOUNT, minio, REGION } from "./minio.js";
import { postTests } from "./post-tests.js";

postTests({
  program: minio,
  account: ACCOUNT,
  region: REGION,
  filenameKey: "inbox/my%20file.txt",
  refusals: {
    signature: "SignatureDoesNotMatch",
    condition: "AccessDenied",
    tooLarge: "EntityTooLarge",
    tooSmall: "EntityTooSmall",
    expired: "AccessDenied",
    unknownKey: "InvalidAccessKeyId",
  },
});
