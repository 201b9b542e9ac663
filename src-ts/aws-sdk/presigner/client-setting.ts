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

/**
 * The values that count now: providers are asked, and asked anew in the next call.
 *
 * @throws whatever a provider rejects with
 */
export async function settingValues(config: ClientConfig): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const name of PLAIN) values.push(config[name]);
  for (const name of PROVIDED) {
    const value = config[name];
    values.push(typeof value === "function" ? await value() : value);
  }
  // Without a custom one, what may stand here is what the SDK has made of the region.
  values.push(config.isCustomEndpoint === true ? await endpointText(config.endpoint) : undefined);
  return values;
}

async function endpointText(endpoint: unknown): Promise<unknown> {
  const found: unknown = typeof endpoint === "function" ? await endpoint() : endpoint;
  return typeof found === "object" && found !== null ? JSON.stringify(found) : found;
}

/** The region among the values. */
export const regionIn = (values: SettingValues): unknown => values[PLAIN.length];

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
