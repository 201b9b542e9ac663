/** The config and credentials files of AWS: where they are, their content, and the profiles that both make together. */
import { isUtf8 } from "node:buffer";
import { type BigIntStats, closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Environment, homeDirectory, systemClock } from "../defaults.js";
import { BRSError } from "../errors.js";
import { splitCommandLine } from "./command-line.js";
import { type IniSection, parseError, parseIni } from "./ini-parser.js";

/** Where the files are looked for. */
export interface FilePlaces {
  readonly env: Environment;
  /** Default: HOME (on Windows USERPROFILE) of `env`, else that of the user who runs the process. */
  readonly homeDir?: string | undefined;
}

/** One of the two files. */
export interface ConfigFile {
  readonly path: string;
  /** The sections as they stand in it; none when it could not be read. */
  readonly sections: ReadonlyMap<string, IniSection>;
  /** Why there is nothing: the code of the system, such as ENOENT. A file that cannot be read counts as absent. */
  readonly absence: string | undefined;
}

/** What the two files say. Sections are by name; the names are those after `profile`, `sso-session` and `services`. */
export interface SharedConfig {
  readonly config: ConfigFile;
  readonly credentials: ConfigFile;
  /** Profiles of the config file alone. */
  readonly configProfiles: ReadonlyMap<string, IniSection>;
  /** Profiles of both: where both set a key of the same profile, the credentials file wins. */
  readonly profiles: ReadonlyMap<string, IniSection>;
  readonly ssoSessions: ReadonlyMap<string, IniSection>;
  readonly services: ReadonlyMap<string, IniSection>;
}

/**
 * Reads both files, each only when it has changed since.
 *
 * The paths are those of AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, in which `~`, `$NAME` and `${NAME}` are expanded,
 * else `~/.aws/config` and `~/.aws/credentials`. A file that is absent is an empty one.
 *
 * @throws BRSConfigurationError with code ERR_CONFIG_PARSE for a file that cannot be understood
 */
export function loadSharedConfig(places: FilePlaces): SharedConfig {
  const config = readConfigFile(filePath(places, "AWS_CONFIG_FILE", "config"));
  const credentials = readConfigFile(filePath(places, "AWS_SHARED_CREDENTIALS_FILE", "credentials"));
  const known = merged.get(config);
  if (known?.credentials === credentials) return known;
  const shared = merge(config, credentials);
  merged.set(config, shared);
  return shared;
}

/** What was made of a config file, together with the credentials file it was last read with. */
const merged = new WeakMap<ConfigFile, SharedConfig>();

function merge(config: ConfigFile, credentials: ConfigFile): SharedConfig {
  const configProfiles = new Map<string, IniSection>();
  const ssoSessions = new Map<string, IniSection>();
  const services = new Map<string, IniSection>();
  for (const [header, section] of config.sections) {
    if (header === "default") configProfiles.set(header, section);
    else if (header.startsWith("profile")) addNamed(configProfiles, header, section);
    else if (header.startsWith("sso-session")) addNamed(ssoSessions, header, section);
    else if (header.startsWith("services")) addNamed(services, header, section);
  }
  const profiles = new Map(configProfiles);
  for (const [name, section] of credentials.sections) {
    const before = profiles.get(name);
    profiles.set(name, before === undefined ? section : new Map([...before, ...section]));
  }
  return { config, credentials, configProfiles, profiles, ssoSessions, services };
}

/** A header that is not a kind and one name is left out in silence, as botocore does. */
function addNamed(sections: Map<string, IniSection>, header: string, section: IniSection): void {
  const [, name, ...more] = wordsOf(header);
  if (name !== undefined && more.length === 0) sections.set(name, section);
}

/** Names are quoted by the same rules on all platforms: those of `sh`. */
function wordsOf(header: string): readonly string[] {
  // Nearly all are plain.
  if (/^[\w-]+ [\w.@:/+-]+$/.test(header)) return header.split(" ");
  try {
    return splitCommandLine(header, { param: "a header", platform: "linux" });
  } catch {
    return [];
  }
}

/** A file as it was read, with what tells that it is still the same. */
interface Reading {
  readonly file: ConfigFile;
  readonly mark: string;
}

/** Few processes use more than one pair. */
const MOST_READINGS = 8;
const readings = new Map<string, Reading>();

/** File systems count time in steps of up to two seconds: within one, a second change would go unnoticed. */
const UNSETTLED_MS = 2_000;
const UNSETTLED = "";

function readConfigFile(path: string): ConfigFile {
  try {
    const status = statSync(path, { bigint: true });
    // Opening anything but a file could wait for ever, as a pipe does.
    if (!status.isFile()) return absent(path, "no file");
    const known = readings.get(path);
    if (known !== undefined && known.mark !== UNSETTLED && known.mark === markOf(status)) return known.file;
    return readAnew(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof BRSError || code === undefined) throw error;
    return absent(path, code);
  }
}

function readAnew(path: string): ConfigFile {
  const descriptor = openSync(path, "r");
  try {
    // Of the open file, before reading: what changes from here on shows at the next look.
    const status = fstatSync(descriptor, { bigint: true });
    const text = decode(readFileSync(descriptor), path);
    return remember({ path, sections: parseIni(text, path), absence: undefined }, markOf(status));
  } finally {
    closeSync(descriptor);
  }
}

/** What tells that a file is the one that was read; of one that was just written nothing does. */
function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  const isSettled = systemClock() - Number(ctimeNs / 1_000_000n) > UNSETTLED_MS;
  return isSettled ? [dev, ino, size, mtimeNs, ctimeNs].join() : UNSETTLED;
}

function remember(file: ConfigFile, mark: string): ConfigFile {
  readings.delete(file.path);
  readings.set(file.path, { file, mark });
  if (readings.size > MOST_READINGS) readings.delete(readings.keys().next().value as string);
  return file;
}

/** The same object as long as the file stays away, so that what was made of it is known again. */
function absent(path: string, absence: string): ConfigFile {
  const known = readings.get(path)?.file;
  return known?.absence === absence ? known : remember({ path, sections: new Map(), absence }, UNSETTLED);
}

function decode(bytes: Buffer, path: string): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1;
    line++;
  }
  throw parseError(path, line, "the file is not UTF-8");
}

function filePath(places: FilePlaces, variable: string, name: string): string {
  const given = places.env[variable];
  return given ? expandPath(given, places) : join(homeOf(places), ".aws", name);
}

/** The home directory, by the environment before the user database, as shells and Python have it. */
export function homeOf({ env, homeDir }: FilePlaces): string {
  return homeDir ?? ((process.platform === "win32" ? env.USERPROFILE : env.HOME) || homeDirectory());
}

/** A path with its variables replaced, and a leading `~` by the home directory. Variables that are not set stay. */
export function expandPath(path: string, places: FilePlaces): string {
  const replaced = path.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? "";
    return Object.hasOwn(places.env, name) ? (places.env[name] ?? whole) : whole;
  });
  return expandHome(replaced, () => homeOf(places));
}

/** A path with a leading `~` replaced by the home directory, which is asked for only then. */
export function expandHome(path: string, home: () => string): string {
  return /^~(?:$|[/\\])/.test(path) ? home() + path.slice(1) : path;
}
