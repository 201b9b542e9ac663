/** Presigned POSTs before VersityGW. */
import { postTests } from "./post-tests.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

postTests({
  program: versityGw,
  account: ACCOUNT,
  region: REGION,
  // It leaves the placeholder as it is; the policy holds all the same.
  filenameKey: "inbox/%24%7Bfilename%7D",
  refusals: {
    signature: "SignatureDoesNotMatch",
    condition: "AccessDenied",
    tooLarge: "EntityTooLarge",
    tooSmall: "EntityTooSmall",
    expired: "AccessDenied",
    unknownKey: "InvalidAccessKeyId",
  },
});
