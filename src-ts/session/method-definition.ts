/** What a method of sessions is: how its class, or its row in the registry, hands it to the constructor of the base. */
import type { StsClientConfig } from "../strategies/sts-client-config.js";
import type { EffectiveOptions, OptionNames } from "./options.js";
import type { SessionStrategy } from "./registry.js";

/** What a session tells the method that it opens. */
export interface Opening {
  readonly options: EffectiveOptions;
  /** Passes on how far the local clock is from that of AWS. */
  onClockOffset(ms: number): void;
  /** Epoch milliseconds by the clock of the session, corrected by that offset. */
  now(): number;
}

type StsSettings = Omit<StsClientConfig, "credentials">;

/** What one method adds to a session. */
export interface MethodParts {
  readonly strategy: SessionStrategy;
  /** Region of a session that found none among its options, the environment and the profile. */
  readonly region?: string | undefined;
  /** Settings of STS clients that speak for the session; a function where they have to be asked for. */
  readonly stsSettings?: StsSettings | (() => Promise<StsSettings>);
  /** Seconds; the default of `refreshTimeout` for this session, where it is not that of all. */
  readonly refreshTimeout?: number;
}

/** One method, as its class hands it to the constructor of the base. */
export interface MethodDefinition {
  readonly names: OptionNames;
  /** Value of `session.refreshMethod`, as boto3-refresh-session names it; default: the name of the method. */
  readonly refreshMethod?: string;
  open(options: Record<string, unknown>, opening: Opening): MethodParts;
}

/** A method of the package: it names all its options. */
export interface BuiltInDefinition extends MethodDefinition {
  readonly names: OptionNames & { readonly own: readonly string[] };
}
