/** `AssumeRoleConfig`: the `assumeRole` option as an object that checks what is written into it. */
import { ASSUME_ROLE_RULES, type AssumeRoleOptions } from "../assume-role.js";
import { checkField } from "../sts-fields.js";
import { configClass } from "./validated-config.js";

/**
 * The parameters of AssumeRole. A session that was given one reads it at each refresh, so that what is set here counts from
 * the next one on; a plain object is copied once. With `shared` only a new TokenCode counts.
 *
 * Every value is checked when it is written, alone: whether SerialNumber and TokenCode go together is for the session to say.
 * Writing null or undefined, or `delete`, removes a parameter, but RoleArn. `{ ...config }` gives plain data, `config.copy()` an object
 * like this. `util.inspect` and JSON show neither TokenCode, ExternalId, Policy nor context assertions.
 *
 * Throws BRSValidationError for a wrong value or an unknown name, then and at construction.
 *
 * @example
 * ```ts
 * import { AssumeRoleConfig, RefreshableSession } from "aws-refresh-session";
 *
 * const config = new AssumeRoleConfig({
 *   RoleArn: "arn:aws:iam::123456789012:role/reports",
 *   SerialNumber: "arn:aws:iam::123456789012:mfa/jane",
 *   TokenCode: "123456",
 * });
 * const session = new RefreshableSession({ assumeRole: config });
 * // Before the next refresh:
 * config.TokenCode = "654321";
 * session.close();
 * ```
 */
export class AssumeRoleConfig extends configClass<AssumeRoleOptions>({
  ...ASSUME_ROLE_RULES,
  option: "assumeRole",
  names: ASSUME_ROLE_RULES.fields,
  secrets: new Set(["TokenCode", "ExternalId", "Policy", "ContextAssertion"]),
  check: checkField,
}) {}
