/** The table of members is what the pinned botocore says of S3. */
import { readFile } from "node:fs/promises";
import { oracleTest } from "../../parity/python-oracle.js";

oracleTest("the table is that of the pinned botocore", async (t) => {
  // @ts-expect-error a script, which has no types
  const { file, membersTable, s3Members } = await import("../../../scripts/s3-members.mjs");
  t.is(await readFile(file, "utf8"), membersTable(s3Members()));
});
