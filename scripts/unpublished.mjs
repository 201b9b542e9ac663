/** What of `dist` an install has no use for: scripts that are in the bundles, and declarations that no entry leads to. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { isBundle } from "./bundle.mjs";

const REFERENCE = /(?:from |import |import\()"(\.[^"]+)"/g;

/** The declarations of the entries and of all that they refer to, as paths in `dist`. */
function declared(dist, entries) {
  const found = new Set();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const [, target] of readFileSync(join(dist, path), "utf8").matchAll(REFERENCE)) {
      open.push(posix.join(posix.dirname(path), target).replace(/\.(m?)js$/, ".d.$1ts"));
    }
  }
  return found;
}

/** Writes the list where npm looks for it. Tests import modules by their own names, so nothing is deleted. */
export function listUnpublished(dist, exported) {
  const targets = Object.values(exported).filter((target) => typeof target === "object");
  const inDist = (path) => posix.relative("dist", posix.normalize(path));
  const published = declared(
    dist,
    targets.flatMap(({ import: esm, require: cjs }) => [inDist(esm.types), inDist(cjs.types)]),
  );
  for (const { import: esm, require: cjs } of targets) {
    published.add(inDist(esm.default)).add(inDist(cjs.default));
  }
  const unpublished = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !isBundle(path) && !published.has(path));
  writeFileSync(join(dist, ".npmignore"), `${unpublished.map((path) => `/${path}`).join("\n")}\n`);
}
