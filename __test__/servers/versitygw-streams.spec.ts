/** Signed chunk streams before VersityGW. */
import { streamTests } from "./streams-cases.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

streamTests(versityGw, ACCOUNT, REGION);
