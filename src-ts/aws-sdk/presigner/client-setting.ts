/** What of a client's configuration a URL depends on, read anew for every call as the SDK reads it. */
import type { InputShape } from "./input-shape.js";
import { StackState } from "./middleware-stack.js";
import type { ClientConfig, ClientStack } from "./sdk-client.js";

/** Values, or functions that are asked for every call. */
const PROVIDED = [
  "region",
  "useFipsEndpoint",
  "useDualstackEndpoint",
  "useArnRegion",
  "disableS3ExpressSessionAuth",
  "requestChecksumCalculation",
  "responseChecksumValidation",
  "useGlobalEndpoint",
  "disableMultiregionAccessPoints",
  "forcePathStyle",
  "useAccelerateEndpoint",
];
/** Compared as they are. */
const PLAIN = ["bucketEndpoint", "endpointProvider", "isCustomEndpoint", "protocol"];

/** What was found at one moment. */
export type SettingValues = readonly unknown[];

export interface SettingReading {
  readonly values: SettingValues;
  /** An endpoint that is set, whose text is among the values. */
  readonly endpoint: unknown;
}

/**
 * The values that count now: providers are asked, and asked anew in the next call.
 *
 * @throws whatever a provider rejects with
 */
export async function readSetting(config: ClientConfig): Promise<SettingReading> {
  const values: unknown[] = [];
  for (const name of PLAIN) values.push(config[name]);
  for (const name of PROVIDED) {
    const value = config[name];
    values.push(typeof value === "function" ? await value() : value);
  }
  // One that is set later counts in some versions without being called custom.
  if (config.endpoint === undefined) return { values, endpoint: undefined };
  const endpoint: unknown = typeof config.endpoint === "function" ? await config.endpoint() : config.endpoint;
  values.push(typeof endpoint === "object" ? JSON.stringify(endpoint) : endpoint);
  return { values, endpoint };
}

/** A copy of a configuration in which these values stand, whatever its providers would say by now. */
export function pinned(config: ClientConfig, { values, endpoint }: SettingReading): ClientConfig {
  const copy: Record<string, unknown> = { ...config };
  for (const [index, name] of [...PLAIN, ...PROVIDED].entries()) {
    const value = values[index];
    const isProvider = index >= PLAIN.length && typeof config[name] === "function";
    if (name in copy) copy[name] = isProvider ? async () => value : value;
  }
  if (endpoint !== undefined) copy.endpoint = async () => endpoint;
  return copy;
}

export function areSame(one: SettingValues, other: SettingValues): boolean {
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return one.length === other.length;
}

interface Recent<Learned> {
  readonly commandClass: unknown;
  readonly hoisting: string;
  readonly shape: InputShape;
  readonly learned: Learned;
}

/** What is learned while configuration and middlewares are the same. */
export class ClientSetting<Learned> {
  readonly values: SettingValues;
  readonly #stack: StackState;
  /** Whether nobody but the SDK and this package takes part in what becomes of an input. */
  readonly isPlain: boolean;
  readonly learned = new Map<string, Learned>();
  /** Shapes that are being learned: each promise resolves when that has ended, however it did. */
  readonly lessons = new Map<string, Promise<void>>();
  /** What was found last: mostly it is wanted again. */
  recent: Recent<Learned> | undefined;

  constructor(values: SettingValues, config: ClientConfig, stack: ClientStack) {
    this.values = values;
    this.#stack = new StackState(stack);
    const parameters = Object.keys(config.clientContextParams ?? {});
    this.isPlain =
      this.#stack.allKnown &&
      parameters.length === 0 &&
      config.serviceId === "S3" &&
      typeof config.endpointProvider === "function" &&
      typeof config.credentials === "function";
  }
  /** Whether what was learned holds for these values and this stack. */
  isOf(values: SettingValues, stack: ClientStack): boolean {
    return areSame(values, this.values) && this.#stack.isOf(stack);
  }
}
