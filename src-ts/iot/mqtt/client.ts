/** The parts of the package `mqtt` that are used here, typed by their structure: it is an optional peer. */
import { loadPeer } from "../../optional-peer.js";

type Listener = (...args: never[]) => void;

/**
 * A client of the package `mqtt`. It has all that the package documents; typed here is what nearly every user needs. For the rest:
 * `session.mqtt<import("mqtt").MqttClient>(...)`.
 */
export interface MqttClient {
  readonly connected: boolean;
  on(event: string, listener: Listener): this;
  once(event: string, listener: Listener): this;
  off(event: string, listener: Listener): this;
  publishAsync(topic: string, message: string | Buffer, options?: object): Promise<unknown>;
  subscribeAsync(topic: string | string[], options?: object): Promise<unknown>;
  unsubscribeAsync(topic: string | string[], options?: object): Promise<unknown>;
  /** Ends the client for good: it does not connect again. */
  end(force?: boolean, options?: object, callback?: () => void): this;
  endAsync(force?: boolean, options?: object): Promise<void>;
  /** Connects anew, with credentials and certificates of that moment. */
  reconnect(): this;
}

/** What is used of a client beyond what users get. */
export interface DrivenClient extends MqttClient {
  readonly options: Record<string, unknown>;
  /** The connection; there from the first `connect` on. */
  readonly stream?: { on(event: "error", listener: (error: Error) => void): unknown };
  readonly disconnecting: boolean;
  connect(): this;
  emit(event: string, ...args: unknown[]): boolean;
}

interface MqttModule {
  connect(options: object): DrivenClient;
}

export function loadMqtt(): MqttModule {
  const module = loadPeer("mqtt", "session.mqtt()") as MqttModule & { default?: MqttModule };
  return typeof module.connect === "function" ? module : (module.default as MqttModule);
}
