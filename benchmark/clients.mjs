/**
 * What it takes to find a client in the cache: hits with a small and a large configuration, beside a new client and the cache
 * of boto3-client-cache, and the memory of an entry. Every hit is given a configuration of its own, as by a call that writes it down.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { CustomRefreshableSession } from "aws-refresh-session";
import { ClientCache } from "aws-refresh-session/clients";
import { compare, sync } from "./rounds.mjs";

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
  const contender = (name, kind) => ({
    name,
    each: 1,
    run: async (times) => {
      child.stdin.write(`${kind} ${times}\n`);
      if ((await lines.next()).done) throw new Error("boto3-client-cache has ended");
    },
  });
  return {
    contenders: [
      contender("boto3-client-cache, hit", "small"),
      contender("boto3-client-cache, hit, 30 options", "large"),
    ],
    stop: () => child.stdin.end(),
  };
}

/** Nanoseconds of a hit, by name. */
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
    return { name, each: 1, run: sync((index) => cache.client(S3Client, config(index))) };
  };
  const ofSession = (name, config, options) => ({
    name,
    each: 1,
    run: sync((index) => session.client(S3Client, config(index), options)),
  });
  const lfu = { evictionPolicy: "LFU" };
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
    { name: "new S3Client", each: 1, run: sync((index) => new S3Client(small(index))) },
    ...(boto3?.contenders ?? []),
  ];
  try {
    for (const { run } of contenders) await run(2 * REGIONS.length);
    return await compare(contenders);
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
