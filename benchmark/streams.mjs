/** A signed chunk stream against hashing the same bytes with node:crypto, and what the stream does to the event loop. */
import { createHash, randomBytes } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Signer } from "aws-refresh-session/signing";
import { compare } from "./rounds.mjs";

const MIB = 1 << 20;
const TOTAL = 64 * MIB;
const SLICE = 1 << 16;

const signer = new Signer({
  service: "s3",
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
});
const request = { method: "PUT", url: "https://bucket.s3.us-east-1.amazonaws.com/large" };

// As a file is read: pieces of 64 KiB, here again and again from 8 MiB that no cache of a core holds.
const content = randomBytes(8 * MIB);
const slices = Array.from({ length: TOTAL / SLICE }, (_, index) => {
  const start = (index * SLICE) % content.length;
  return content.subarray(start, start + SLICE);
});

/** A source that costs little beside what it feeds. */
function source() {
  let next = 0;
  return new Readable({
    highWaterMark: 2 * SLICE,
    read() {
      this.push(next < slices.length ? slices[next++] : null);
    },
  });
}

/** What a socket costs is the same for every stream: the bytes go nowhere. */
const nowhere = () => new Writable({ highWaterMark: SLICE, write: (_bytes, _encoding, done) => done() });

async function signStream(options = {}) {
  const { stream } = await signer.signStream(request, { decodedContentLength: TOTAL, ...options });
  await pipeline(source(), stream, nowhere());
}

function hashSlices() {
  const hash = createHash("sha256");
  for (const slice of slices) hash.update(slice);
  return hash.digest();
}

const contender = (name, run) => ({
  name,
  each: TOTAL / MIB,
  run: async (times) => {
    for (let index = 0; index < times; index++) await run();
  },
});

/** Streams of 64 MiB: name of the contender to nanoseconds for each MiB. */
export const streaming = () =>
  compare([
    contender("signStream", () => signStream()),
    contender("signStream, CRC64NVME trailer", () => signStream({ checksumAlgorithm: "CRC64NVME" })),
    contender("signStream, SHA256 trailer", () => signStream({ checksumAlgorithm: "SHA256" })),
    contender("unsigned, CRC64NVME trailer", () => signStream({ payload: "unsigned", checksumAlgorithm: "CRC64NVME" })),
    contender("bare SHA-256 (node:crypto)", hashSlices),
  ]);

/** The 99th percentile of the delay of the event loop, in milliseconds, while `mebibytes` are signed. */
export async function loopDelay(mebibytes = 1024) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  for (let done = 0; done < mebibytes; done += TOTAL / MIB) await signStream();
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}
