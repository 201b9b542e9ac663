/**
 * Puts the JavaScript of all modules into two files, and leaves in place of each module a line that takes it from there.
 *
 * A process that starts reads one file instead of dozens: the one with the modules that a first signature needs. Reading is
 * what costs, so all others are in the second, which is read when one of them is first used. A module is a function that is
 * called when something of it is first used. All entries share the two files, so that `instanceof` and process-wide caches
 * are the same from each of them.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix, relative, sep } from "node:path";

/** The two files, beside the modules: with the loader and what a first signature needs, and with everything else. */
export const BUNDLES = ["bundle.js", "bundle-rest.js"];
const [FIRST, REST] = BUNDLES;

/** As the compiler writes imports of neighbours: `const errors_js_1 = require("../errors.js");`. */
const IMPORT = /^(?:const|var) (\w+_js_\d+) = require\("(\.[^"]+)"\);$/gm;
const USE = /\b(\w+_js_\d+)\./g;
const OTHER_REQUIRE = /\brequire\("(\.[^"]+)"\)/g;

/**
 * The script of a module as a property: its neighbours are taken from the bundle, each when it is first used. Those that are
 * imported for their effects run at once.
 */
function property(id, text, ids) {
  const target = (path) => posix.normalize(posix.join(posix.dirname(id), path));
  const script = text
    // In brackets: `new errors().SigningError()` would construct the function.
    .replace(USE, "($1()).")
    .replace(IMPORT, (_, name, path) => `let ${name}_;\nconst ${name} = () => (${name}_ ??= $load("${target(path)}"));`)
    // The addon lies outside.
    .replace(OTHER_REQUIRE, (_, path) => `${ids.has(target(path)) ? "$load" : "require"}("${target(path)}")`);
  return `${JSON.stringify(id)}: (exports) => {\n${script}\n},`;
}

const bundleText = (modules, ids, head, tail) =>
  `"use strict";\n${head}\n${modules.map(([id, text]) => property(id, text, ids)).join("\n")}\n${tail}\n`;

// The loader has a name that no module uses.
const LOADER_HEAD = `// What a first signature needs, and the loader of all modules; written by scripts/bundle.mjs.
let modules = {`;
const LOADER_TAIL = `};
let isWhole = false;
const loaded = new Map();
function $load(id) {
  let exports = loaded.get(id);
  if (exports === undefined) {
    if (!isWhole && modules[id] === undefined) {
      modules = { ...modules, ...require("./${REST}")($load) };
      isWhole = true;
    }
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
module.exports = $load;`;
const REST_HEAD = `// All modules that a first signature does not need; written by scripts/bundle.mjs.
module.exports = ($load) => ({`;

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
    if (!entry.isFile() || !file.endsWith(".js") || BUNDLES.some((name) => file === join(dist, name))) continue;
    modules.push([relative(dist, file).split(sep).join("/"), readFileSync(file, "utf8")]);
  }
  modules.sort(([one], [two]) => (one < two ? -1 : 1));
  const ids = new Set(modules.map(([id]) => id));
  const write = (first, rest) => {
    writeFileSync(join(dist, FIRST), bundleText(first, ids, LOADER_HEAD, LOADER_TAIL));
    writeFileSync(join(dist, REST), bundleText(rest, ids, REST_HEAD, "});"));
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
  write(modules, []);
  const needed = neededByFirstSignature(dist);
  write(
    modules.filter(([id]) => needed.has(id)),
    modules.filter(([id]) => !needed.has(id)),
  );
  return { needed: needed.size, all: modules.length };
}
