/** The only import of the addon, and the error that says what to do when there is none. */
import { BindingError } from "./errors.js";

type Addon = typeof import("../index.js");

function load(): Addon {
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
