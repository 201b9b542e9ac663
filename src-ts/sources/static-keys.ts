/** Keys that stand in a file as they are. */
import { BRSCredentialError } from "../errors.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";
import type { ConfigFile } from "./config-files.js";
import type { IniSection } from "./ini-parser.js";
import { textOf } from "./profiles.js";
import type { Found, Nothing } from "./surroundings.js";

const ACCESS_KEY_ID = "aws_access_key_id";
const SECRET_ACCESS_KEY = "aws_secret_access_key";

/** Whether a profile has keys of its own, if only one: then it is not taken for one that assumes a role. */
export function hasStaticKeys(section: IniSection): boolean {
  return section.has(ACCESS_KEY_ID) || section.has(SECRET_ACCESS_KEY);
}

/** Looks for keys in what one file says of a profile. */
export function findStaticKeys(file: ConfigFile, name: string, section: IniSection | undefined): Found | Nothing {
  if (file.absence !== undefined) return `${file.path} is not there (${file.absence})`;
  if (section === undefined) return `${file.path} has no profile "${name}"`;
  if (!section.has(ACCESS_KEY_ID)) return `profile "${name}" in ${file.path} has no ${ACCESS_KEY_ID}`;
  const credentials = readKeys(file, name, section);
  return { said: `keys of profile "${name}" in ${file.path}`, fetch: async () => credentials };
}

function readKeys({ path }: ConfigFile, name: string, section: IniSection): TemporaryCredentials {
  const accessKeyId = textOf(section, name, ACCESS_KEY_ID);
  const secretAccessKey = textOf(section, name, SECRET_ACCESS_KEY);
  if (!accessKeyId || !secretAccessKey) {
    const missing = accessKeyId ? SECRET_ACCESS_KEY : ACCESS_KEY_ID;
    throw new BRSCredentialError(`profile "${name}" in ${path} holds half a set of credentials: set ${missing}`, {
      details: { missing: [missing] },
      param: missing,
      retryable: true,
    });
  }
  // As with variables: the old name is what some tool of years ago left behind.
  const sessionToken = textOf(section, name, "aws_session_token") || textOf(section, name, "aws_security_token");
  const accountId = textOf(section, name, "aws_account_id");
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(accountId && { accountId }),
  };
}
