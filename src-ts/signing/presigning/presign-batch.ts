/** Presigns one batch of a list in one native call, here or on a thread of the pool, and tells which item is at fault. */
import { fromNative, SigningError } from "../../errors.js";
import { native } from "../../native.js";
import { ALGORITHM_SIGV4A } from "../flags.js";
import type { Stamp } from "../frame.js";
import type { SignableRequest } from "../request.js";
import { seedFrame } from "../streams/chain-seed.js";

/** What a list is signed with: one triple, frozen, so that a refresh on the way does not change who signs the rest. */
export interface BatchSigner {
  readonly prefix: string;
  readonly stamp: Stamp;
  /** Whether every item is signed by itself: the batches of the core know its own engine alone. */
  readonly signsAlone: boolean;
  /** Signs a request that is more than a plain URL. */
  presignOne(request: SignableRequest | string): string;
}

/** URLs of one native call: enough that the call costs nothing beside them, few enough that progress is smooth. */
export const BATCH = 500;
/** Characters of a record in the answer: what joins the URL to the parameters, then the signature with blanks behind it. */
const RECORD = 1 + 64;
const RECORD_SIGV4A = 1 + 144;
/** A SigV4a signature takes as long as forty others: more than these are not made on the calling thread. */
const FEW_SIGV4A = 20;
/** Stands in place of the joining character when a URL has to be signed by itself. */
const BY_ITSELF = " ";

/** An item of a list: a URL, a request, or why what stood there is neither. */
export type Item = string | SignableRequest | SigningError;

/** A batch and the place of its first item in the list. */
export interface Batch {
  readonly start: number;
  readonly items: readonly Item[];
}

/**
 * The URLs of a batch, in order.
 *
 * @param isAlone whether it is all there is: then it is signed at once on this thread
 * @throws SigningError of the first item that cannot be presigned, with its index in the list
 */
export async function presignBatch(batch: Batch, isAlone: boolean, signer: BatchSigner): Promise<string[]> {
  const { start, items } = batch;
  const lines = linesOf(items, signer);
  if (lines.length === 0) {
    // These are signed on this thread: the event loop gets its turn between two batches.
    if (!isAlone) await new Promise((resume) => setImmediate(resume));
    return urlsOf(batch, 0, undefined, signer);
  }
  const settings = seedFrame(signer);
  const text = Buffer.from(lines.join("\n"));
  let answer: Buffer;
  try {
    const isShort = isAlone && (!isGlobal(signer) || lines.length <= FEW_SIGV4A);
    answer = await (isShort ? native.presignBatch : native.presignBatchLater)(settings, text, start);
  } catch (error) {
    throw firstError(batch, signer) ?? fromPool(error);
  }
  return urlsOf(batch, lines.length, answer, signer);
}

const isGlobal = ({ stamp }: BatchSigner): boolean => (stamp.flags & ALGORITHM_SIGV4A) !== 0;

/** The items that the core signs together. */
export function linesOf(items: readonly Item[], signer: BatchSigner): string[] {
  return signer.signsAlone ? [] : items.filter((item) => typeof item === "string");
}

/** The URLs before the first item that cannot be presigned: signed one by one, since a batch fails as a whole. */
export function presignBefore(error: unknown, { start, items }: Batch, signer: BatchSigner): string[] {
  const urls: string[] = [];
  if (!(error instanceof SigningError)) return urls;
  try {
    for (const [index, item] of items.entries()) urls.push(presignOne(start + index, item, signer));
  } catch {
    // This is the error that the caller has in hand.
  }
  return urls;
}

/** The error of the first item that cannot be presigned: signed again one by one, since the core saw a part of them. */
function firstError({ start, items }: Batch, signer: BatchSigner): unknown {
  for (const [index, item] of items.entries()) {
    try {
      presignOne(start + index, item, signer);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

function presignOne(index: number, item: Item, signer: BatchSigner): string {
  try {
    if (item instanceof SigningError) throw item;
    return signer.presignOne(item);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    const { code, param, message } = error;
    throw new SigningError(`request ${index}: ${message}`, { code, ...(param !== undefined && { param }) });
  }
}

function urlsOf(batch: Batch, lines: number, answer: Buffer | undefined, signer: BatchSigner): string[] {
  const text = answer?.toString("latin1") ?? "";
  const firstRecord = text.indexOf("\n") + 1;
  const length = isGlobal(signer) ? RECORD_SIGV4A : RECORD;
  const shared = `${text.slice(0, Math.max(firstRecord - 1, 0))}&X-Amz-Signature=`;
  // A URL with a line feed in it makes two records.
  if (text.length !== firstRecord + lines * length) throw firstError(batch, signer);
  let record = firstRecord;
  let index = batch.start - 1;
  const urls: string[] = [];
  // Without entries(): a pair for each of thousands of URLs would cost more than putting it together.
  for (const item of batch.items) {
    index++;
    if (typeof item !== "string" || lines === 0) {
      urls.push(presignOne(index, item, signer));
      continue;
    }
    const joined = text.charAt(record);
    const signature = text.slice(record + 1, record + length);
    urls.push(
      joined === BY_ITSELF
        ? presignOne(index, item, signer)
        : item + joined + shared + (length === RECORD ? signature : signature.trimEnd()),
    );
    record += length;
  }
  return urls;
}

/** An error from the pool has no code of its own: the core writes it before the message. */
function fromPool(error: unknown): Error {
  const [code, ...rest] = (error as Error).message.split("\n");
  return rest.length === 0 ? fromNative(error) : fromNative({ code, message: rest.join("\n") });
}
