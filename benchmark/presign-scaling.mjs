/**
 * How presignMany scales from one core to two: the same URLs in lists short enough to be signed on the calling thread, and in
 * one list that is signed on the threads of the pool while the calling thread puts the URLs together.
 */

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Signer } from "aws-refresh-session/signing";
import { compare } from "./rounds.mjs";

const signer = new Signer({
  service: "s3",
  region: "us-east-1",
  credentials: {
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    // As long as the tokens that STS gives.
    sessionToken: randomBytes(383).toString("base64").slice(0, 510),
  },
});
const options = { expiresIn: 900 };
const COUNT = 20_000;
/** The longest list that stays on the calling thread. */
const SHORT = 400;
const urls = Array.from(
  { length: COUNT },
  (_, index) => `https://bucket.s3.us-east-1.amazonaws.com/photos/2026/11/${index}.jpg`,
);
const short = Array.from({ length: COUNT / SHORT }, (_, index) => urls.slice(index * SHORT, (index + 1) * SHORT));

const oneCore = async () => {
  for (const list of short) await signer.presignMany(list, options);
};
const allCores = () => signer.presignMany(urls, options);
const inStream = async () => {
  let count = 0;
  for await (const _ of signer.presignStream(urls, options)) count++;
  return count;
};

const repeated = (work) => async (times) => {
  for (let index = 0; index < times; index++) await work();
};

/** Nanoseconds of wall time for each URL, by way of signing. */
export const scaling = () =>
  compare(
    [
      { name: "on the calling thread", each: COUNT, run: repeated(oneCore) },
      { name: "on all cores", each: COUNT, run: repeated(allCores) },
      { name: "presignStream", each: COUNT, run: repeated(inStream) },
    ],
    { rounds: 31, targetMs: 20 },
  );

/** Nanoseconds of processor time by thread, where the system tells it. */
function processorTime() {
  const threads = new Map();
  for (const id of readdirSync("/proc/self/task")) {
    threads.set(id, Number(readFileSync(`/proc/self/task/${id}/schedstat`, "utf8").split(" ")[0]));
  }
  return threads;
}

/**
 * Processor time for each URL of the long list: of the calling thread and of all others. However busy the machine is, no more
 * than two cores can be won while the calling thread takes less than half of the sum.
 */
export async function shares(rounds = 30) {
  const before = processorTime();
  for (let round = 0; round < rounds; round++) await allCores();
  const calling = String(process.pid);
  const sums = { calling: 0, others: 0 };
  for (const [id, time] of processorTime()) {
    sums[id === calling ? "calling" : "others"] += (time - (before.get(id) ?? 0)) / rounds / COUNT;
  }
  return sums;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const times = await scaling();
  const one = times.get("on the calling thread");
  console.log(`presignMany, ${COUNT} URLs, ${availableParallelism()} cores`);
  for (const [name, time] of times) console.log(`  ${name}: ${Math.round(time)} ns a URL, ${(one / time).toFixed(2)}x`);
  if (process.platform === "linux") {
    const { calling, others } = await shares();
    console.log(
      `  processor time: ${Math.round(calling)} ns on the calling thread, ${Math.round(others)} ns on others`,
    );
  }
}
