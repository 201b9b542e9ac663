/** One client of MQTT that connects, and connects again, with what is valid at that moment. */
import { type StartTimer, systemTimer, type Timer } from "../../aws/hold.js";
import { type Random, systemRandom } from "../../defaults.js";
import { BRSConfigurationError } from "../../errors.js";
import { type DrivenClient, loadMqtt } from "./client.js";
import { mqttFailure } from "./failure.js";
import type { MqttPlan } from "./options.js";

/** What one attempt needs that cannot be had at once, or changes between attempts. */
export interface ConnectMaterial {
  /** Options of the package `mqtt`, over those of the attempt before. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The whole URL of a WebSocket, signed for this attempt. */
  readonly url?: string;
}

export interface ConnectionParts {
  /** Those that are open; a connection adds and removes itself. */
  readonly open: Set<MqttConnection>;
  /** Awaited before each attempt. One that rejects with ERR_CLOSED was the last. */
  prepare(): Promise<ConnectMaterial>;
  readonly random?: Random;
  readonly startTimer?: StartTimer;
}

/**
 * The package's own timer of reconnection is given the longest time there is, since its hook for the URL is synchronous and credentials
 * are not; but not 0, without which it would forget subscriptions. What reconnects is here.
 */
const NEVER_MS = 2 ** 31 - 1;
const LONGEST_BACKOFF_MS = 30_000;

/**
 * Drives one client. As long as it is open it keeps the process alive, as any connection that somebody has opened.
 *
 * Each attempt awaits its material first; after a connection was lost the next one starts after about `reconnectPeriod`, which doubles up
 * to 30 seconds with each failure, jittered. Listeners of the client's "error" event get what the package `mqtt` fails with, and errors of
 * this package where there are no credentials to connect with.
 */
export class MqttConnection {
  readonly client: DrivenClient;
  readonly #plan: MqttPlan;
  readonly #parts: ConnectionParts;
  readonly #connect: () => void;
  #url = "";
  #failures = 0;
  /** Since the attempt under way began. */
  #error: unknown;
  #isPreparing = false;
  #isEnded = false;
  #timer: Timer | undefined;

  constructor(plan: MqttPlan, parts: ConnectionParts) {
    this.#plan = plan;
    this.#parts = parts;
    this.client = loadMqtt().connect({
      ...plan.clientOptions,
      protocol: plan.transport === "ws" ? "wss" : "mqtts",
      host: plan.host,
      port: plan.port,
      path: "/mqtt",
      manualConnect: true,
      reconnectPeriod: NEVER_MS,
      reconnectOnConnackError: true,
      transformWsUrl: () => this.#url,
    });
    this.#connect = this.client.connect.bind(this.client);
    // `client.reconnect()` comes through here, too: it gets what is valid then, not what was at the last attempt.
    this.client.connect = () => this.#restart();
    this.client.on("connect", () => {
      this.#failures = 0;
      this.#error = undefined;
    });
    // Without a listener an error event would end the process.
    this.client.on("error", (error: Error) => {
      this.#error ??= error;
    });
    this.client.on("close", () => this.#closed());
    this.client.on("end", () => this.#end());
    parts.open.add(this);
  }

  /** Resolves with the first connection, rejects with the first failure; the client is ended then. */
  open(): Promise<DrivenClient> {
    const { signal } = this.#plan;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const settle = (outcome: () => void) => {
        this.client.off("connect", onConnect);
        this.client.off("close", onClose);
        signal?.removeEventListener("abort", onAbort);
        outcome();
      };
      const onConnect = () => settle(() => resolve(this.client));
      const onFailure = (failure?: unknown) => {
        const error = mqttFailure(failure ?? this.#error, this.#endpoint);
        settle(() => reject(this.#isEnded ? closedError() : error));
        this.close();
      };
      const onClose = () => onFailure();
      const onAbort = () => {
        settle(() => reject(signal?.reason));
        this.close();
      };
      this.client.on("connect", onConnect);
      this.client.on("close", onClose);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#attempt().catch(onFailure);
    });
  }

  /** Ends the client for good. */
  close(): void {
    if (this.#isEnded) return;
    this.#end();
    // Before the first attempt there is nothing yet that could be ended.
    if (this.client.stream !== undefined) this.client.end(true);
  }

  get #endpoint(): string {
    return `${this.#plan.host}:${this.#plan.port}`;
  }

  async #attempt(): Promise<void> {
    this.#isPreparing = true;
    this.#error = undefined;
    try {
      const { options, url = "" } = await this.#parts.prepare();
      if (this.#isEnded) throw closedError();
      this.#url = url;
      Object.assign(this.client.options, options);
    } finally {
      this.#isPreparing = false;
    }
    this.#connect();
    // The package passes on only those errors that have a code, which refused WebSockets have not.
    this.client.stream?.on("error", (error) => {
      this.#error ??= error;
    });
  }

  #closed(): void {
    if (this.#isEnded || this.client.disconnecting || this.#plan.reconnectPeriod === 0) return;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isPreparing) return;
    const longest = Math.min(LONGEST_BACKOFF_MS, this.#plan.reconnectPeriod * 2 ** this.#failures++);
    const { random = systemRandom, startTimer = systemTimer } = this.#parts;
    this.#timer = startTimer(longest * (0.5 + random() / 2), () => {
      this.#timer = undefined;
      this.client.emit("reconnect");
      this.#again();
    });
  }

  #again(): void {
    this.#attempt().catch((error) => {
      if (this.#isEnded) return;
      // Nothing opens a session again, so its clients are not tried again either.
      if ((error as { code?: unknown }).code === "ERR_CLOSED") this.close();
      this.client.emit("error", mqttFailure(error, this.#endpoint));
      this.#closed();
    });
  }

  #restart(): DrivenClient {
    this.#isEnded = false;
    this.#parts.open.add(this);
    this.#cancel();
    if (!this.#isPreparing) this.#again();
    return this.client;
  }

  #end(): void {
    this.#isEnded = true;
    this.#parts.open.delete(this);
    this.#cancel();
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

function closedError(): BRSConfigurationError {
  return new BRSConfigurationError("the client of MQTT was ended", { code: "ERR_CLOSED" });
}
