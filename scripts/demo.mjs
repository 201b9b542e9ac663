/** The main job, live: a session whose credentials live for seconds signs requests through several refreshes and loses none. */
import * as http from "node:http";
import * as https from "node:https";
import { parseArgs } from "node:util";
import { RefreshableSession } from "aws-refresh-session";
import { Signer } from "aws-refresh-session/signing";
import { startTestEndpoint } from "aws-refresh-session/testing";

const USAGE = `Usage: npm run demo -- [options]

Opens a session that assumes a role and refreshes it, sends signed requests in parallel through
the refreshes, presigns 10 000 URLs and measures signing. Without --endpoint everything runs
against a loopback endpoint of its own that verifies every signature.

  --endpoint URL    an STS-compatible service; source credentials from AWS_ACCESS_KEY_ID,
                    AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, region from AWS_REGION.
                    The requests are then GetCallerIdentity as the assumed role
  --role-arn ARN    role to assume (default arn:aws:iam::000000000000:role/aws-refresh-session-demo)
  --duration N      DurationSeconds of each set of credentials (default: 3 for the own endpoint,
                    4 for another one on loopback, 900 elsewhere)
  --seconds N       how long requests are sent (default 10)
  --help            this text

Exit code: 0 when every request was verified, 1 when one was lost, 2 for wrong arguments.`;

const PARALLEL = 4;
/** Pause of each worker between requests: the demo shows refreshes, not the throughput of a server. */
const PAUSE_MS = 5;
const PRESIGN_COUNT = 10_000;
const MEASURE_MS = 1_000;
const isTerminal = process.stdout.isTTY === true;

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        endpoint: { type: "string" },
        "role-arn": { type: "string", default: "arn:aws:iam::000000000000:role/aws-refresh-session-demo" },
        duration: { type: "string" },
        seconds: { type: "string", default: "10" },
        help: { type: "boolean", default: false },
      },
    });
    const number = (name, text) => {
      if (!(Number(text) > 0)) throw new Error(`--${name} must be a number above 0, found "${text}"`);
      return Number(text);
    };
    if (values.endpoint !== undefined && !URL.canParse(values.endpoint)) {
      throw new Error(`--endpoint must be a URL such as http://127.0.0.1:4566, found "${values.endpoint}"`);
    }
    return {
      help: values.help,
      endpoint: values.endpoint,
      roleArn: values["role-arn"],
      seconds: number("seconds", values.seconds),
      duration: values.duration === undefined ? undefined : number("duration", values.duration),
    };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** One line that is drawn over itself on a terminal; elsewhere now and then a line of its own. */
class StatusLine {
  #drawnAt = Number.NEGATIVE_INFINITY;
  #interval = isTerminal ? 100 : 2_500;

  update(text) {
    const now = performance.now();
    if (now - this.#drawnAt < this.#interval) return;
    this.#drawnAt = now;
    this.#draw(text);
    if (!isTerminal) process.stdout.write("\n");
  }

  finish(text) {
    this.#draw(text);
    process.stdout.write("\n");
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  #draw(text) {
    if (!isTerminal) return void process.stdout.write(`  ${text}`);
    const width = (process.stdout.columns ?? 80) - 3;
    process.stdout.write(`\r\x1b[2K  ${text.slice(0, width)}`);
  }
}

const status = new StatusLine();
const count = (number) => Math.round(number).toLocaleString("en-US").replaceAll(",", " ");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function bar(done, total) {
  const width = 30;
  const filled = Math.round((done / total) * width);
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${count(done).padStart(6)} / ${count(total)}`;
}

/** Where the demo runs and what its requests are. */
async function openTarget({ endpoint, duration }) {
  if (endpoint === undefined) {
    const own = await startTestEndpoint();
    let number = 0;
    return {
      what: `own loopback endpoint ${own.url}`,
      stsUrl: own.stsUrl,
      region: "us-east-1",
      credentials: own.credentials,
      service: "execute-api",
      duration: duration ?? 3,
      presignBase: own.url,
      request() {
        number += 1;
        const body = JSON.stringify({ order: number, note: "signed by aws-refresh-session" });
        return { method: "POST", url: `${own.url}/orders/${number}`, headers: JSON_TYPE, body };
      },
      close: () => own.close(),
    };
  }
  const { hostname } = new URL(endpoint);
  const loopback = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  return {
    what: endpoint,
    stsUrl: endpoint,
    region: process.env.AWS_REGION || "us-east-1",
    // From the environment, which is where a session looks by itself.
    credentials: undefined,
    service: "sts",
    duration: duration ?? (loopback ? 4 : 900),
    presignBase: endpoint.replace(/\/+$/, ""),
    request: () => ({ method: "POST", url: endpoint, headers: FORM_TYPE, body }),
    close: async () => {},
  };
}

const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

function openSession(target, roleArn) {
  return new RefreshableSession({
    method: "sts",
    region: target.region,
    assumeRole: { RoleArn: roleArn, DurationSeconds: target.duration },
    // Windows that fit so short a life: refresh ahead at half of it, wait for the refresh in its last quarter.
    advisoryTimeout: Math.min(900, target.duration / 2),
    mandatoryTimeout: Math.min(600, target.duration / 4),
    stsClientConfig: {
      endpoint: target.stsUrl,
      ...(target.credentials && { credentials: target.credentials }),
    },
  });
}

/** Sends a request and resolves to its status once the answer is read. */
function send(agent, { method, url, headers, body }, signature) {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith("https:") ? https : http;
    const length = { "content-length": Buffer.byteLength(body) };
    const outgoing = request(url, { method, agent, headers: { ...headers, ...length, ...signature } }, (answer) => {
      answer.on("error", reject).on("end", () => resolve(answer.statusCode));
      answer.resume();
    });
    outgoing.on("error", reject).end(body);
  });
}

/** Several workers sign and send, one request after another, until the time is over. */
async function sendThroughRefreshes(target, session, seconds) {
  const signer = session.signer({ service: target.service });
  const secure = target.stsUrl.startsWith("https:");
  const agent = new (secure ? https : http).Agent({ keepAlive: true, maxSockets: PARALLEL });
  const tally = { verified: 0, lost: 0, refreshes: 0, firstLoss: undefined };
  let fetched = 0;
  session.events.on("refresh", () => {
    fetched += 1;
    tally.refreshes = fetched - 1;
  });
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1_000;
  const show = () => {
    const { expiration } = session.getCredentials();
    const left = expiration === undefined ? 0 : Math.max(0, (expiration.getTime() - Date.now()) / 1_000);
    return [
      `${Math.min(elapsed(), seconds).toFixed(1).padStart(4)} s`,
      `verified ${count(tally.verified).padStart(6)}`,
      `lost ${tally.lost}`,
      `refreshes ${tally.refreshes}`,
      `credentials end in ${left.toFixed(1)} s`,
    ].join("   ");
  };
  const lose = (reason) => {
    tally.lost += 1;
    tally.firstLoss ??= reason;
  };
  const worker = async () => {
    while (elapsed() < seconds) {
      try {
        const request = target.request();
        const statusCode = await send(agent, request, await signer.sign(request));
        if (statusCode === 200) tally.verified += 1;
        else lose(`status ${statusCode}`);
      } catch (error) {
        lose(error.message);
      }
      status.update(show());
      await pause(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  status.finish(show());
  agent.destroy();
  return tally;
}

async function presignMany(target, session) {
  const signer = session.signer({ service: target.service });
  const urls = Array.from({ length: PRESIGN_COUNT }, (_, index) => `${target.presignBase}/files/report-${index}.pdf`);
  const presigned = await signer.presignMany(urls, {
    expiresIn: 3600,
    onProgress: (done) => status.update(bar(done, urls.length)),
  });
  status.finish(bar(presigned.length, urls.length));
  return presigned.length;
}

/** Signatures per second of one thread. In short runs, since the event loop must turn for a refresh to happen. */
async function measureSigning(target, session) {
  // Without their end: a refresh that is due would come between, and its time is not that of signatures.
  const { expiration: _, ...credentials } = await session.refreshableCredentials();
  const signer = new Signer({ service: target.service, region: target.region, credentials });
  const request = target.request();
  let signatures = 0;
  let spent = 0;
  while (spent < MEASURE_MS) {
    const start = performance.now();
    for (let index = 0; index < 2_000; index++) signer.signSync(request);
    spent += performance.now() - start;
    signatures += 2_000;
    await pause(0);
  }
  return (signatures / spent) * 1_000;
}

function printTable(rows) {
  const label = Math.max(...rows.map(([name]) => name.length));
  const value = Math.max(...rows.map(([, text]) => text.length));
  console.log();
  for (const [name, text] of rows) console.log(`  ${name.padEnd(label)}   ${text.padStart(value)}`);
}

async function main() {
  const options = readArguments();
  if (options.help) return void console.log(USAGE);
  const target = await openTarget(options);
  const session = openSession(target, options.roleArn);
  try {
    console.log(`Endpoint  ${target.what}`);
    console.log(`Role      ${options.roleArn}, credentials of ${target.duration} s`);
    // The first set now: without it there is nothing to show, and the reason is told once.
    await session.getCredentials().getFrozenCredentials();
    console.log(`\nSigned requests, ${PARALLEL} at a time, for ${options.seconds} s`);
    const tally = await sendThroughRefreshes(target, session, options.seconds);
    console.log(`\nPresigned URLs`);
    const presigned = await presignMany(target, session);
    const perSecond = await measureSigning(target, session);
    printTable([
      ["requests verified", count(tally.verified)],
      ["refreshes made", count(tally.refreshes)],
      ["requests lost", count(tally.lost)],
      ["URLs presigned", count(presigned)],
      ["signatures per second", count(perSecond)],
    ]);
    if (tally.firstLoss !== undefined) console.error(`\nThe first request was lost to: ${tally.firstLoss}`);
    if (tally.lost > 0 || tally.verified === 0) process.exitCode = 1;
  } finally {
    session.close();
    await target.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`\nThe demo could not run: ${error.message}`);
  process.exitCode = 1;
}
