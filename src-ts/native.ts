/** The only imports of the addon, and the error that says what to do when there is none. */
import { processEnvironment } from "./defaults.js";
import { BindingError } from "./errors.js";

type Addon = typeof import("../index.js");

/** The binaries of the platforms where one fits all systems, or almost all; a system of another libc refuses to load it. */
const LIKELY: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64-gnu",
  "linux-arm64": "linux-arm64-gnu",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "win32-x64-msvc",
  "win32-arm64": "win32-arm64-msvc",
};

/** The likely binary, beside the scripts or in its package: the generated loader's search costs a millisecond of every start. */
function loadLikely(): Addon | undefined {
  const likely = LIKELY[`${process.platform}-${process.arch}`];
  if (likely === undefined || processEnvironment().NAPI_RS_NATIVE_LIBRARY_PATH !== undefined) return undefined;
  for (const path of [`../aws-refresh-session.${likely}.node`, `aws-refresh-session-${likely}`]) {
    try {
      return require(path) as Addon;
    } catch {
      // The generated loader knows every place, and tells what is wrong.
    }
  }
  return undefined;
}

function load(): Addon {
  const likely = loadLikely();
  if (likely !== undefined) return likely;
  try {
    return require("../index.js") as Addon;
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`;
    throw new BindingError(
      `no native binary for ${platform} was found. Install the package "aws-refresh-session-${platform}" (with the suffix ` +
        `"-gnu", "-musl" or "-msvc" that fits the system); npm skips it when it installs with --no-optional or from a ` +
        "lockfile made on another platform: then delete node_modules and the lockfile and install again",
      { cause },
    );
  }
}

/** The exports of the addon; each is described where it is written, in `crates/node/src`. */
export const native: Addon = load();
