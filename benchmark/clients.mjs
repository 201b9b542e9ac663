/**
 * What it takes to find a client in the cache: hits with a small and a large configuration, beside a new client and the cache
 * of boto3-client-cache, and the memory of an entry. Every hit is given a configuration of its own, as by a call that writes it
 * down. Times are the processor's, which other programs of the machine disturb less.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { CustomRefreshableSession } from "aws-refresh-session";
import { ClientCache } from "aws-refresh-session/clients";
import { compare, median, sync } from "./rounds.mjs";

/** As many entries as a cache holds by default, less those that somebody else may put there. */
const REGIONS = "eu-west-1 eu-central-1 eu-north-1 us-east-1 us-east-2 us-west-2 ap-south-1 sa-east-1".split(" ");
const regionOf = (index) => REGIONS[index % REGIONS.length];

const small = (index) => ({ region: regionOf(index), maxAttempts: 4 });
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const secret = (index) => ({ region: regionOf(index), maxAttempts: 4, credentials });
/** Thirty members, some of them lists and objects. */
const large = (index) => ({
  region: regionOf(index),
  endpoint: "https://s3.example.com",
  maxAttempts: 4,
  retryMode: "standard",
  defaultsMode: "standard",
  forcePathStyle: true,
  useAccelerateEndpoint: false,
  useArnRegion: true,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  useGlobalEndpoint: false,
  disableHostPrefix: false,
  disableMultiregionAccessPoints: false,
  disableS3ExpressSessionAuth: true,
  followRegionRedirects: false,
  bucketEndpoint: false,
  expectContinueHeader: 2_097_152,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
  requestStreamBufferSize: 65_536,
  customUserAgent: [["orders", "3"]],
  userAgentAppId: "orders",
  signingEscapePath: false,
  systemClockOffset: 0,
  tls: true,
  apiVersion: "2006-03-01",
  profile: "orders",
  authSchemePreference: ["sigv4"],
  sigv4aSigningRegionSet: ["*"],
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, httpsAgent: { maxSockets: 50 } },
});

/** So many at least are timed at once, whatever delays the calls that say how many a round takes. */
const BLOCK = 1_000;
const blocks = (operation) => {
  const run = sync(operation);
  return { each: BLOCK, run: (times) => run(times * BLOCK) };
};

/** Name of a hit and the nanoseconds that it may take. */
export const CLIENT_BUDGETS = [
  ["session.client(), hit", 1_500],
  ["ClientCache, hit, LRU", 1_500],
  ["ClientCache, hit, LFU", 1_500],
  ["session.client(), hit, 30 members", 4_000],
  ["ClientCache, hit, 30 members, LRU", 4_000],
  ["ClientCache, hit, 30 members, LFU", 4_000],
];

const windows = process.platform === "win32";
const venv = new URL("../.servers/boto3-refresh-session/", import.meta.url);
const python = fileURLToPath(new URL(windows ? "Scripts/python.exe" : "bin/python", venv));

/** boto3-client-cache in a process of its own, and how it is asked; undefined where it is not installed. */
function startBoto3() {
  if (!existsSync(python)) return undefined;
  const program = fileURLToPath(new URL("boto3-client-cache.py", import.meta.url));
  const child = spawn(python, [program, REGIONS.join(",")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const samples = new Map();
  const contender = (name, kind) => {
    samples.set(name, []);
    const run = async (times) => {
      child.stdin.write(`${kind} ${times * BLOCK}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("boto3-client-cache has ended");
      samples.get(name).push(Number(value) / (times * BLOCK));
    };
    return { name, each: BLOCK, run };
  };
  return {
    contenders: [
      contender("boto3-client-cache, hit", "small"),
      contender("boto3-client-cache, hit, 30 options", "large"),
    ],
    samples,
    stop: () => child.stdin.end(),
  };
}

/** Shorter rounds than by default, and more: the load of the machine changes less from one contender to the next. */
const ROUNDS = { rounds: 25, targetMs: 30 };

/** Nanoseconds of the processor for a hit, by name. */
export async function clients() {
  const session = new CustomRefreshableSession({
    region: "eu-west-1",
    customCredentialsMethod: () => ({
      ...credentials,
      sessionToken: "token",
      expiration: new Date(Date.now() + 3_600_000),
    }),
  });
  // A cache for each contender: what one of them uses must not change what another finds.
  const caches = [];
  const hit = (name, config, evictionPolicy = "LRU") => {
    const cache = new ClientCache({ evictionPolicy });
    caches.push(cache);
    return { name, ...blocks((index) => cache.client(S3Client, config(index))) };
  };
  const ofSession = (name, config, options) => ({
    name,
    ...blocks((index) => session.client(S3Client, config(index), options)),
  });
  const lfu = { evictionPolicy: "LFU" };
  const newClients = sync((index) => new S3Client(small(index)));
  const boto3 = startBoto3();
  const contenders = [
    ofSession("session.client(), hit", small),
    hit("ClientCache, hit, LRU", small),
    hit("ClientCache, hit, LFU", small, "LFU"),
    // In the session's other cache, since the small ones would push these out.
    ofSession("session.client(), hit, 30 members", large, lfu),
    hit("ClientCache, hit, 30 members, LRU", large),
    hit("ClientCache, hit, 30 members, LFU", large, "LFU"),
    hit("ClientCache, hit, static credentials, LRU", secret),
    { name: "new S3Client", each: 100, run: (times) => newClients(times * 100) },
    ...(boto3?.contenders ?? []),
  ];
  try {
    // What runs first would pay for compiling what all run.
    for (const { run } of contenders) await run(2);
    const cpu = new Map();
    await compare(contenders, { ...ROUNDS, cpu });
    for (const [name, samples] of boto3?.samples ?? []) cpu.set(name, median(samples));
    return cpu;
  } finally {
    boto3?.stop();
    for (const cache of caches) cache.close();
    session.close();
  }
}

/** Bytes of an entry beside its client, on the heap and outside, and of an S3Client: in a process that does nothing else. */
export function clientMemory() {
  const program = fileURLToPath(new URL("clients-memory.mjs", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ["--expose-gc", program], { encoding: "utf8" }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, nanoseconds] of await clients()) console.log(`${name}: ${(nanoseconds / 1000).toFixed(2)} µs`);
  const { entry, native, client } = clientMemory();
  console.log(`An entry takes ${entry} bytes of the heap and ${native} outside of it, an S3Client ${client}`);
}
