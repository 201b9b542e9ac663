/** Fails when anything that gets published names a folder of the machine it was built on. */
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { builtAddon } from "./built-addon.mjs";
import { cargoHome, root, rustupHome } from "./steps.mjs";

const folders = [...new Set([root, cargoHome, rustupHome, homedir()])].filter((folder) => folder.length > 1);
const files = [
  builtAddon(),
  join(root, "index.js"),
  join(root, "index.d.ts"),
  ...readdirSync(join(root, "dist"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)),
];

let leaks = 0;
for (const file of files) {
  const content = readFileSync(file);
  for (const folder of folders) {
    const start = content.indexOf(`${folder}/`);
    if (start < 0) continue;
    leaks += 1;
    const text = content.toString("latin1", start, start + 160).replace(/[^\x20-\x7e].*/s, "");
    console.error(`${relative(root, file)} names ${text}`);
  }
}
console.log(`${files.length} files, ${leaks} of them name a folder of this machine`);
if (leaks > 0) process.exitCode = 1;
