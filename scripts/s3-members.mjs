/**
 * Writes src-ts/aws-sdk/presigner/members-table.ts: where the members of S3's operations travel, as the botocore knows it that is
 * installed, pinned, in .servers/. Run it after that pin was raised; a test tells when the table is out of date.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { wrapped } from "./regions.mjs";
import { prepareServers } from "./servers.mjs";
import { root } from "./steps.mjs";

export const file = join(root, "src-ts", "aws-sdk", "presigner", "members-table.ts");

/** The module that holds the facts of s3-members.py. */
export function membersTable({ version, operations, members }) {
  const rows = Object.entries(members).map(([name, [place, wireName, kind]]) => `${name} ${place} ${wireName} ${kind}`);
  return `/** Where members of S3's operations travel; written by scripts/s3-members.mjs from the model of botocore ${version}, not by hand. */

/** Operations on a bucket, on an object, or on neither. */
export const OPERATIONS = \`
${wrapped(operations)}\`;

/** One member a line: its name, where it travels, under which name, and whether it is a text, number, boolean or map of texts. */
export const MEMBERS = \`
${rows.join("\n")}\`;
`;
}

/** What the pinned botocore says. */
export function s3Members() {
  const venv = join(root, ".servers", "ministack");
  const python = process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
  const { status, stdout, stderr } = spawnSync(python, [join(root, "scripts", "s3-members.py")], { encoding: "utf8" });
  if (status !== 0) throw new Error(`botocore did not answer: ${stderr}`);
  return JSON.parse(stdout);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await prepareServers();
  writeFileSync(file, membersTable(s3Members()));
  console.log(`${file} written`);
}
