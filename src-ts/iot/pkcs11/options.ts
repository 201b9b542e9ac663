/** The `pkcs11` option: which key of which token a device uses, through which library. */
import { accessSync, constants } from "node:fs";
import { BRSValidationError, shown } from "../../errors.js";
import { checkNames, checkRecord, checkText, refuse } from "../../strategies/option-checks.js";

/** Names of a key in a token. What is left out must be unambiguous there: one token, one private key. */
export interface Pkcs11Options {
  /** Path of the token's library, such as /usr/lib/softhsm/libsofthsm2.so. */
  pkcs11Lib: string;
  userPin?: string;
  slotId?: number;
  tokenLabel?: string;
  privateKeyLabel?: string;
}

const NAMES = ["pkcs11Lib", "userPin", "slotId", "tokenLabel", "privateKeyLabel"] as const satisfies ReadonlyArray<
  keyof Pkcs11Options
>;

/** A copy of what was given, once it is found to be right. The library is looked for, but not loaded. */
export function checkPkcs11(param: string, given: unknown): Pkcs11Options {
  const options = checkRecord(param, given, '{ pkcs11Lib: "/usr/lib/softhsm/libsofthsm2.so", userPin: "..." }');
  checkNames(`${param}.`, options, NAMES);
  const text = (name: keyof Pkcs11Options, secret = false) => {
    const value = options[name];
    return value === undefined
      ? {}
      : { [name]: checkText(`${param}.${name}`, value, { expected: "a non-empty string", secret }) };
  };
  const pkcs11Lib = checkText(`${param}.pkcs11Lib`, options.pkcs11Lib, {
    expected: "the path of the token's library, such as /usr/lib/softhsm/libsofthsm2.so",
  });
  try {
    accessSync(pkcs11Lib, constants.R_OK);
  } catch (error) {
    const { code = "unknown" } = error as { code?: string };
    throw new BRSValidationError(`${param}.pkcs11Lib is ${shown(pkcs11Lib)}, which cannot be read (${code})`, {
      param: `${param}.pkcs11Lib`,
      value: pkcs11Lib,
    });
  }
  const { slotId } = options;
  if (slotId !== undefined && !(Number.isSafeInteger(slotId) && (slotId as number) >= 0)) {
    refuse(`${param}.slotId`, "a whole number, 0 or above", slotId);
  }
  return {
    pkcs11Lib,
    ...text("userPin", true),
    ...text("tokenLabel"),
    ...text("privateKeyLabel"),
    ...(slotId !== undefined && { slotId: slotId as number }),
  };
}
