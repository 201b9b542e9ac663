/** One look for credentials: where it looks, what it has read so far, and how what it finds is fetched. */
import { StsClient } from "../aws/sts.js";
import { type Clock, type Environment, processEnvironment, systemClock } from "../defaults.js";
import type { MfaCodes } from "../strategies/mfa/index.js";
import type { RefreshContext, TemporaryCredentials } from "../strategies/strategy.js";
import { resolveStsSettings } from "../strategies/sts-client-config.js";
import { loadSharedConfig, type SharedConfig } from "./config-files.js";
import type { IniSection } from "./ini-parser.js";
import { type ChosenProfile, chooseProfile, chooseRegion, findProfile } from "./profiles.js";
import type { SourceOptions } from "./source-options.js";

/** Credentials that are there to be fetched. Finding them has called nobody and started nothing. */
export interface Found {
  /** What was found and where, for people; never a secret. */
  readonly said: string;
  fetch(context: RefreshContext): Promise<TemporaryCredentials>;
}

/** Why there is nothing, for people. */
export type Nothing = string;

export const isFound = (looked: Found | Nothing): looked is Found => typeof looked !== "string";

/** Options of a look, beyond those that users give. */
export interface LookOptions extends SourceOptions {
  readonly mfaCodes?: MfaCodes | undefined;
  /** Whether the credentials are to be those of the profile, whatever chose it. */
  readonly profileAlone?: boolean | undefined;
}

/** The files are read when they are first asked for, and once. */
export class Surroundings {
  readonly env: Environment;
  readonly homeDir: string | undefined;
  readonly profile: ChosenProfile;
  readonly clock: Clock;
  readonly mfaCodes: MfaCodes | undefined;
  readonly #options: LookOptions;
  #shared: SharedConfig | undefined;

  constructor(options: LookOptions) {
    this.#options = options;
    this.env = options.env ?? processEnvironment();
    this.homeDir = options.homeDir;
    this.profile = chooseProfile({ ...this.#places, profileName: options.profileName });
    this.clock = options.clock ?? systemClock;
    this.mfaCodes = options.mfaCodes;
  }

  /** @throws BRSConfigurationError for a file that cannot be understood */
  get shared(): SharedConfig {
    this.#shared ??= loadSharedConfig(this.#places);
    return this.#shared;
  }

  /** Variables count unless the user named a profile in code: then it is the profile that is wanted. */
  get usesVariables(): boolean {
    return this.profile.by !== "profileName" && this.#options.profileAlone !== true;
  }

  /** @throws BRSConfigurationError when a profile that was asked for is not there */
  assertProfile(): void {
    if (this.profile.by !== undefined) findProfile(this.shared, this.profile);
  }

  /** What both files say of a profile; empty where there is none. */
  section(name: string): IniSection {
    return this.shared.profiles.get(name) ?? NO_KEYS;
  }

  /** Calls STS as these credentials, or unsigned without any, and frees the connection behind it. */
  async callSts<Answer>(
    credentials: TemporaryCredentials | undefined,
    call: (client: StsClient) => Promise<Answer>,
  ): Promise<Answer> {
    const { env, clock } = this;
    const region = chooseRegion(this.#options.region, { ...this.#places, profileName: this.#options.profileName });
    const settings = resolveStsSettings({}, { region, env, clock });
    const client = new StsClient({ ...settings, ...(credentials !== undefined && { credentials }) });
    try {
      return await call(client);
    } finally {
      client.close();
    }
  }

  get #places() {
    return { env: this.env, homeDir: this.homeDir };
  }
}

const NO_KEYS: IniSection = new Map();
