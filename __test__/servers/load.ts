/** Continuous load: clients that send one verified request after the other, and what became of each. */
import { setTimeout as sleep } from "node:timers/promises";

export interface LoadClient {
  readonly name: string;
  /** Sends one request; rejects when it was refused. */
  request(): Promise<unknown>;
}

export interface LoadReport {
  /** How many requests each client sent. */
  readonly sent: Readonly<Record<string, number>>;
  readonly total: number;
  /** The refused requests, by client and reason. */
  readonly failed: readonly string[];
  /** Requests that a busy machine kept on their way for longer than the credentials lived that they were signed with. */
  readonly overtaken: number;
}

export interface LoadOptions {
  /** What each client waits between two requests. */
  readonly pauseMs: number;
  /** So long any credentials live that requests are signed with: a refused request that took longer proves nothing. */
  readonly validityMs: number;
}

/** Starts the clients; they go on until `stop`. */
export function startLoad(clients: readonly LoadClient[], { pauseMs, validityMs }: LoadOptions) {
  const sent: Record<string, number> = {};
  const failed: string[] = [];
  let overtaken = 0;
  let going = true;
  const run = async ({ name, request }: LoadClient, index: number) => {
    // Spread out, so that not all ask at one time.
    await sleep((pauseMs * index) / clients.length);
    while (going) {
      const start = performance.now();
      try {
        await request();
      } catch (error) {
        if (performance.now() - start < validityMs) failed.push(`${name}: ${error}`);
        else overtaken++;
      }
      sent[name] = (sent[name] ?? 0) + 1;
      await sleep(pauseMs);
    }
  };
  const running = clients.map(run);
  return {
    failed: failed as readonly string[],
    async stop(): Promise<LoadReport> {
      going = false;
      await Promise.all(running);
      const total = Object.values(sent).reduce((sum, count) => sum + count, 0);
      return { sent, total, failed, overtaken };
    },
  };
}
