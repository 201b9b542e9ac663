/** Method "custom": sessions whose credentials come from a function of the user. */
import { type CustomCredentialsMethod, CustomStrategy } from "../strategies/custom.js";
import { checkFunction, checkRecord } from "../strategies/option-checks.js";
import type { MethodDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";
import { RefreshableSession } from "./refreshable-session.js";
import { untilReady, type Waiting } from "./until-ready.js";

/**
 * @example
 * ```ts
 * import type { CustomSessionOptions } from "aws-refresh-session";
 *
 * const options: CustomSessionOptions<{ role: string }> = {
 *   method: "custom",
 *   customCredentialsMethod: async ({ role }, { signal }) => {
 *     const response = await fetch(`http://127.0.0.1:8200/credentials/${role}`, { signal });
 *     return (await response.json()) as {
 *       accessKeyId: string;
 *       secretAccessKey: string;
 *       sessionToken: string;
 *       expiration: string;
 *     };
 *   },
 *   customCredentialsMethodArgs: { role: "reports" },
 * };
 * ```
 */
export interface CustomSessionOptions<Args extends object = Record<string, unknown>> extends SessionOptions {
  method?: "custom";
  /** Fetches one set of credentials; called at each refresh. */
  customCredentialsMethod: CustomCredentialsMethod<Args>;
  /** First argument of the function. The object itself is passed, so what changes in it reaches the next refresh. */
  customCredentialsMethodArgs?: Args;
}

export const CUSTOM_OPTIONS = [
  "customCredentialsMethod",
  "customCredentialsMethodArgs",
] as const satisfies ReadonlyArray<keyof CustomSessionOptions>;

const DEFINITION: MethodDefinition = {
  names: { method: "custom", own: CUSTOM_OPTIONS },
  refreshMethod: "custom",
  open({ customCredentialsMethod: callable, customCredentialsMethodArgs: args = {} }, { options }) {
    checkFunction("customCredentialsMethod", callable);
    checkRecord("customCredentialsMethodArgs", args, '{ role: "reports" }');
    return {
      strategy: new CustomStrategy(callable as CustomCredentialsMethod<never>, args as object, options.clock),
    };
  },
};

/**
 * A session whose credentials come from a function. Same as `new RefreshableSession({ method: "custom", ... })`.
 *
 * @example
 * ```ts
 * import { CustomRefreshableSession } from "aws-refresh-session";
 *
 * const session = new CustomRefreshableSession({
 *   customCredentialsMethod: () => ({
 *     access_key: "AKIDEXAMPLE",
 *     secret_key: "example",
 *     token: "example",
 *     expiry_time: new Date("2100-01-01T00:00:00Z"),
 *   }),
 * });
 * const { accessKeyId } = await session.refreshableCredentials();
 * session.close();
 * ```
 */
export class CustomRefreshableSession<Args extends object = Record<string, unknown>> extends RefreshableSession {
  constructor(options: CustomSessionOptions<Args>) {
    super(options, DEFINITION);
  }

  static override create<Args extends object>(
    options: CustomSessionOptions<Args>,
    waiting?: Waiting,
  ): Promise<CustomRefreshableSession<Args>> {
    return untilReady(() => new this(options), waiting);
  }
}
