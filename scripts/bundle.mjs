/**
 * Puts the JavaScript of all modules into a few files, and leaves in place of each module a line that takes it from there.
 *
 * A process that starts reads one file instead of dozens: the one with the modules that a first signature needs. Reading and
 * parsing is what costs, so all others stand by folders in files of their own, which are read when one of their modules is first
 * used. A module is a function that is called when something of it is first used. All entries share the files, so that
 * `instanceof` and process-wide caches are the same from each of them.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix, relative, sep } from "node:path";

/** The file with the loader and what a first signature needs. */
const FIRST = "bundle.js";

const folderOf = (id) => id.slice(0, Math.max(id.lastIndexOf("/"), 0));

/** The file, beside the first, with everything else of a folder; "" is that of the main entry. */
const restOf = (folder) => `bundle-${folder === "" ? "root" : folder.replaceAll("/", "-")}.js`;

/** Whether a path within `dist` is one of the files that are written here. */
export const isBundle = (path) => /^bundle(?:-[\w-]+)?\.js$/.test(path);

/** As the compiler writes imports of neighbours: `const errors_js_1 = require("../errors.js");`. */
const IMPORT = /^(?:const|var) (\w+_js_\d+) = require\("(\.[^"]+)"\);$/gm;
const USE = /\b(\w+_js_\d+)\./g;
const OTHER_REQUIRE = /\brequire\("(\.[^"]+)"\)/g;

/** Without indentation, a tenth of what is read and installed; texts that may go over several lines keep theirs. */
const outdented = (text) =>
  text.split("\n").some((line) => line.split("`").length % 2 === 0) ? text : text.replace(/^ +/gm, "");

/**
 * The script of a module as a property: its neighbours are taken from the bundle, each when it is first used. Those that are
 * imported for their effects run at once.
 */
function property(id, text, ids) {
  const target = (path) => posix.normalize(posix.join(posix.dirname(id), path));
  const script = outdented(text)
    // In brackets: `new errors().SigningError()` would construct the function.
    .replace(USE, "($1()).")
    .replace(IMPORT, (_, name, path) => `let ${name}_;\nconst ${name} = () => (${name}_ ??= $load("${target(path)}"));`)
    // The addon lies outside.
    .replace(OTHER_REQUIRE, (_, path) => `${ids.has(target(path)) ? "$load" : "require"}("${target(path)}")`);
  return `${JSON.stringify(id)}: (exports) => {\n${script}\n},`;
}

// The loader has a name that no module uses.
const firstText = (modules, ids, folders) => `"use strict";
// What a first signature needs, and the loader of all modules; written by scripts/bundle.mjs.
const modules = {
${modules.map(([id, text]) => property(id, text, ids)).join("\n")}
};
const rest = {
${folders.map((folder) => `${JSON.stringify(folder)}: () => require("./${restOf(folder)}"),`).join("\n")}
};
const loaded = new Map();
function $load(id) {
  let exports = loaded.get(id);
  if (exports === undefined) {
    if (modules[id] === undefined) Object.assign(modules, rest[id.slice(0, Math.max(id.lastIndexOf("/"), 0))]()($load));
    exports = {};
    loaded.set(id, exports);
    try {
      modules[id](exports);
    } catch (error) {
      // As Node does: who asks again gets the error again, not the half of a module.
      loaded.delete(id);
      throw error;
    }
  }
  return exports;
}
$load.loaded = loaded;
module.exports = $load;
`;

// In parentheses, which V8 takes as a word that the function is called at once: it is not parsed twice.
const restText = (modules, ids) => `"use strict";
// Modules of one folder that a first signature does not need; written by scripts/bundle.mjs.
module.exports = (function ($load) { return {
${modules.map(([id, text]) => property(id, text, ids)).join("\n")}
}; });
`;

/** The names that a module exports, as the scanner of Node's ES modules has to see them in the line left in its place. */
function exportedNames(text) {
  const names = new Set();
  for (const [, name] of text.matchAll(/\bexports\.(\w+) = /g)) names.add(name);
  for (const [, name] of text.matchAll(/Object\.defineProperty\(exports, "(\w+)"/g)) names.add(name);
  names.delete("__esModule");
  return [...names];
}

/** Ids of the modules that have run once a request was signed. */
function neededByFirstSignature(dist) {
  const require = createRequire(import.meta.url);
  const { Signer } = require(join(dist, "signing", "index.js"));
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  new Signer({ service: "s3", region: "us-east-1", credentials }).signSync({ url: "https://example.com/" });
  return new Set(require(join(dist, FIRST)).loaded.keys());
}

/** Bundles the modules that the compiler has just written into `dist`. Returns how many a first signature needs, and all. */
export function bundle(dist) {
  const modules = [];
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const id = relative(dist, file).split(sep).join("/");
    if (entry.isFile() && file.endsWith(".js") && !isBundle(id)) modules.push([id, readFileSync(file, "utf8")]);
  }
  modules.sort(([one], [two]) => (one < two ? -1 : 1));
  const ids = new Set(modules.map(([id]) => id));
  const write = (needed) => {
    const first = modules.filter(([id]) => needed.has(id));
    const others = modules.filter(([id]) => !needed.has(id));
    const folders = new Set(others.map(([id]) => folderOf(id)));
    writeFileSync(join(dist, FIRST), firstText(first, ids, [...folders]));
    for (const folder of folders) {
      const inIt = others.filter(([id]) => folderOf(id) === folder);
      writeFileSync(join(dist, restOf(folder)), restText(inIt, ids));
    }
  };
  for (const [id, text] of modules) {
    const up = posix.relative(posix.dirname(id), FIRST);
    writeFileSync(
      join(dist, id),
      `"use strict";
module.exports = require("${up.startsWith(".") ? up : `./${up}`}")("${id}");
// For the scanner that tells ES modules the names.
0 && (module.exports = { ${exportedNames(text).join(", ")} });
`,
    );
  }
  // Which modules a signature needs is not guessed: it is made once, and asked.
  write(ids);
  const needed = neededByFirstSignature(dist);
  write(needed);
  return { needed: needed.size, all: modules.length };
}
