/** The methods that come with the package, a row each; what belongs to a method is loaded when it is first used. */
import { CHAIN } from "./chain-session.js";
import { COGNITO } from "./cognito-session.js";
import { CUSTOM_OPTIONS, CustomRefreshableSession, type CustomSessionOptions } from "./custom-session.js";
import { FEDERATION_TOKEN } from "./federation-token-session.js";
import { IOT_OPTIONS, IOTX509RefreshableSession, type IotSessionOptions } from "./iot-session.js";
import type { BuiltInDefinition } from "./method-definition.js";
import { RefreshableSession } from "./refreshable-session.js";
import { addMethod } from "./registry.js";
import { SAML } from "./saml-session.js";
import { SESSION_TOKEN } from "./session-token-session.js";
import { STS_OPTIONS, STSRefreshableSession, type StsSessionOptions } from "./sts-session.js";
import { WEB_IDENTITY } from "./web-identity-session.js";

interface BuiltIn {
  readonly method: string;
  /** Names of the options that this method has beyond those of every session. */
  ownOptions(): readonly string[];
  /** Makes the session; its constructor checks the options. */
  build(options: object): object;
}

/** A method without a class of its own. */
function defined(method: string, definition: () => BuiltInDefinition): BuiltIn {
  return {
    method,
    ownOptions: () => definition().names.own,
    build: (options) => new RefreshableSession(options, definition()),
  };
}

const BUILT_IN: readonly BuiltIn[] = [
  defined("chain", () => CHAIN),
  defined("cognito", () => COGNITO),
  {
    method: "custom",
    ownOptions: () => CUSTOM_OPTIONS,
    build: (options) => new CustomRefreshableSession(options as CustomSessionOptions),
  },
  {
    method: "iot",
    ownOptions: () => IOT_OPTIONS,
    build: (options) => new IOTX509RefreshableSession(options as IotSessionOptions),
  },
  {
    method: "sts",
    ownOptions: () => STS_OPTIONS,
    build: (options) => new STSRefreshableSession(options as StsSessionOptions),
  },
  defined("federation-token", () => FEDERATION_TOKEN),
  defined("saml", () => SAML),
  defined("session-token", () => SESSION_TOKEN),
  defined("web-identity", () => WEB_IDENTITY),
];

for (const { method, build, ownOptions } of BUILT_IN) addMethod(method, build, ownOptions);
