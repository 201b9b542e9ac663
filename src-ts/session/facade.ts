/** `RefreshableSession` as users see it: one constructor whose result is typed by the method. */
// Loaded for its effect: it registers the methods.
import "./built-in-methods.js";
import type { RegisterOptions } from "../registration.js";
import type { ChainSessionOptions } from "./chain-session.js";
import type { CognitoSessionOptions } from "./cognito-session.js";
import type { CustomRefreshableSession, CustomSessionOptions } from "./custom-session.js";
import type { FederationTokenSessionOptions } from "./federation-token-session.js";
import type { IOTX509RefreshableSession, IotSessionOptions } from "./iot-session.js";
import type { SessionOptions } from "./options.js";
import { RefreshableSession as SessionBase } from "./refreshable-session.js";
import type { StrategyFactory } from "./registry.js";
import type { SamlSessionOptions } from "./saml-session.js";
import type { SessionTokenSessionOptions } from "./session-token-session.js";
import type { STSRefreshableSession, StsSessionOptions } from "./sts-session.js";
import type { Waiting } from "./until-ready.js";
import type { WebIdentitySessionOptions } from "./web-identity-session.js";

/** Methods that come with the package. */
export type BuiltInMethod = "sts" | "iot" | "custom" | DefinedSessionOptions["method"];

/** Options of the methods that have no class of their own. */
export type DefinedSessionOptions =
  | ChainSessionOptions
  | CognitoSessionOptions
  | FederationTokenSessionOptions
  | SamlSessionOptions
  | SessionTokenSessionOptions
  | WebIdentitySessionOptions;

/** Options of a method that was added with `RefreshableSession.register`: the common ones and whatever its factory reads. */
export type RegisteredSessionOptions<Method extends string> = SessionOptions & {
  method: Method extends BuiltInMethod ? never : Method;
} & Readonly<Record<string, unknown>>;

type FacadeIotOptions = IotSessionOptions & { method: "iot" };
type FacadeCustomOptions<Args extends object> = CustomSessionOptions<Args> & { method: "custom" };

/** The constructor of sessions: `new` returns an object of the class that belongs to the method. */
export interface RefreshableSessionConstructor {
  new <MfaArgs extends object = Record<string, unknown>>(
    options: StsSessionOptions<MfaArgs>,
  ): STSRefreshableSession<MfaArgs>;
  new (options: FacadeIotOptions): IOTX509RefreshableSession;
  new <Args extends object>(options: FacadeCustomOptions<Args>): CustomRefreshableSession<Args>;
  new (options: DefinedSessionOptions): SessionBase;
  new <Method extends string>(options: RegisteredSessionOptions<Method>): SessionBase;
  readonly prototype: SessionBase;

  /**
   * Opens a session and resolves once its first credentials are there.
   *
   * When the first refresh fails, or `signal` aborts first, the session is closed and the promise rejects.
   */
  create<MfaArgs extends object = Record<string, unknown>>(
    options: StsSessionOptions<MfaArgs>,
    waiting?: Waiting,
  ): Promise<STSRefreshableSession<MfaArgs>>;
  create(options: FacadeIotOptions, waiting?: Waiting): Promise<IOTX509RefreshableSession>;
  create<Args extends object>(
    options: FacadeCustomOptions<Args>,
    waiting?: Waiting,
  ): Promise<CustomRefreshableSession<Args>>;
  create(options: DefinedSessionOptions, waiting?: Waiting): Promise<SessionBase>;
  create<Method extends string>(options: RegisteredSessionOptions<Method>, waiting?: Waiting): Promise<SessionBase>;

  /** Names of the methods that the constructor knows, in alphabetical order. */
  getAvailableMethods(): string[];

  /**
   * Adds a method. `strategyFactory` gets all options of a session and checks those that are its own.
   *
   * @throws BRSConfigurationError when the name is taken and `replace` is not true
   * @example
   * ```ts
   * import { RefreshableSession } from "aws-refresh-session";
   *
   * RefreshableSession.register("vault", ({ mount }) => ({
   *   method: "vault",
   *   refresh: async ({ signal }) => {
   *     const response = await fetch(`http://127.0.0.1:8200/v1/${mount}/creds/app`, { signal });
   *     const { data } = (await response.json()) as { data: { access_key: string; secret_key: string } };
   *     return { accessKeyId: data.access_key, secretAccessKey: data.secret_key };
   *   },
   * }));
   * const session = new RefreshableSession({ method: "vault", mount: "aws" });
   * ```
   */
  register(method: string, strategyFactory: StrategyFactory, options?: RegisterOptions): void;
}

/**
 * A session whose credentials never go stale.
 *
 * `method` chooses how they are fetched and is "sts" when left out. Bad options are refused here, by name.
 *
 * @example
 * ```ts
 * import { RefreshableSession } from "aws-refresh-session";
 *
 * const session = new RefreshableSession({
 *   method: "sts",
 *   assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
 *   region: "eu-central-1",
 * });
 * const signer = session.signer({ service: "execute-api" });
 * session.close();
 * ```
 */
export const RefreshableSession = SessionBase as unknown as RefreshableSessionConstructor;
export type RefreshableSession = SessionBase;
