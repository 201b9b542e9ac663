/** Signed chunk streams before MinIO. */
import { ACCOUNT, minio, REGION } from "./minio.js";
import { streamTests } from "./streams-cases.js";

streamTests(minio, ACCOUNT, REGION);
