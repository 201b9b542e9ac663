/** Presigns lists of commands: those that can be told without the client in batches, the others one by one. */
import { BRSValidationError, masked } from "../../errors.js";
import { CONCURRENCY } from "../../signing/presign-many.js";
import { BATCH } from "../../signing/presigning/presign-batch.js";
import type { SdkPresigningOptions } from "../sdk-types.js";
import { OPTION_NAMES } from "./options.js";
import type { PresigningCommand } from "./sdk-client.js";
import { type BatchLine, type Scope, type SigningMoment, signBatch, signFilled } from "./template-signature.js";

export interface PresignCommandsOptions extends SdkPresigningOptions {
  /** Ends the work between two batches. */
  signal?: AbortSignal | undefined;
  /** Called now and then with the number of URLs that are done. */
  onProgress?: ((done: number) => void) | undefined;
}

export const MANY_NAMES: readonly (keyof PresignCommandsOptions)[] = [...OPTION_NAMES, "signal", "onProgress"];

/** A URL that lacks its signature. */
export interface PreparedUrl extends BatchLine {
  readonly scope: Scope;
}

/** What a list is signed with: one setting, one set of credentials, one date. */
export interface ListSigner {
  /** To be used at once, before anything is awaited. */
  momentNow(): SigningMoment;
  /** A URL without its signature, or how it is made through the client. */
  prepare(command: PresigningCommand): PreparedUrl | (() => Promise<string>);
}

interface Batch {
  readonly scope: Scope;
  readonly lines: PreparedUrl[];
  /** Places in the list. */
  readonly indexes: number[];
}

/** The URLs, in the order of the commands. */
export async function presignCommands(
  commands: Iterable<PresigningCommand>,
  { signal, onProgress }: Pick<PresignCommandsOptions, "signal" | "onProgress">,
  signer: ListSigner,
): Promise<string[]> {
  checkList(commands);
  const urls: string[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let done = 0;
  let told = 0;
  const tell = () => {
    if (done > told) onProgress?.(done);
    told = done;
  };
  let batch: Batch | undefined;
  let index = -1;
  let sinceTurn = 0;
  const sign = async ({ scope, lines, indexes }: Batch, onPool: boolean) => {
    const signed = await signBatch(lines, scope, signer.momentNow(), onPool);
    for (let line = 0; line < signed.length; line++) urls[indexes[line] as number] = signed[line] as string;
    done += signed.length;
    tell();
  };
  const begin = (full: Batch) => {
    const task: Promise<void> = sign(full, true)
      .catch((error) => failures.push(error))
      .then(() => void running.delete(task));
    running.add(task);
  };
  /** The event loop gets its turn: a signal may be about to abort. */
  const turn = async () => {
    await new Promise((resume) => setImmediate(resume));
    signal?.throwIfAborted();
  };
  try {
    for (const command of commands) {
      index++;
      const prepared = signer.prepare(command);
      if (typeof prepared === "function") {
        urls[index] = await prepared();
        done++;
        // A client takes as long as hundreds of signatures, and waits for nothing in between.
        await turn();
        continue;
      }
      const { template, filled, scope } = prepared;
      if (!template.signsHostAlone || template.method !== "GET") {
        urls[index] = signFilled(template, filled, scope, signer.momentNow());
        done++;
        if (++sinceTurn === BATCH) {
          // These are signed on this thread, too.
          sinceTurn = 0;
          tell();
          await turn();
        }
        continue;
      }
      if (batch !== undefined && !isSame(batch.scope, scope)) {
        begin(batch);
        batch = undefined;
      }
      batch ??= { scope, lines: [], indexes: [] };
      batch.lines.push(prepared);
      batch.indexes.push(index);
      if (batch.lines.length < BATCH) continue;
      begin(batch);
      batch = undefined;
      if (running.size >= CONCURRENCY) await Promise.race(running);
      signal?.throwIfAborted();
      if (failures.length > 0) throw failures[0];
    }
    if (batch !== undefined) await sign(batch, running.size > 0);
  } finally {
    // However this ends, nothing of it goes on afterwards.
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
  signal?.throwIfAborted();
  tell();
  return urls;
}

const isSame = (one: Scope, other: Scope): boolean =>
  one === other || (one.region === other.region && one.service === other.service);

function checkList(commands: unknown): void {
  if (typeof commands === "object" && commands !== null && Symbol.iterator in commands) return;
  throw new BRSValidationError(`"commands" must be a list of commands, found ${masked(commands)}`, {
    param: "commands",
  });
}
