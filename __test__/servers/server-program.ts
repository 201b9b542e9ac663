/** Starts a server program on a free loopback port, waits until it answers, and ends it by its process id. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface ServerProgram {
  readonly name: string;
  /** Path below the folder that `node scripts/servers.mjs` fills. */
  readonly program: string;
  /** What answers 200 once requests are served; without it the server is ready when it can be connected to. */
  readonly healthPath?: string;
  /** The authority that issued its certificate, as PEM: then it speaks TLS. */
  readonly ca?: string;
  args(port: number, folder: string): string[];
  env(port: number, folder: string): Record<string, string>;
}

export interface RunningServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const installFolder = fileURLToPath(new URL("../../.servers/", import.meta.url));

export const isInstalled = ({ program }: Pick<ServerProgram, "program">): boolean =>
  existsSync(join(installFolder, program));

/** Starts the server in an empty folder. Another process may take the free port first: then the next one is tried. */
export async function startServer(server: ServerProgram): Promise<RunningServer> {
  if (!isInstalled(server)) throw new Error(`${server.name} is not installed: run \`node scripts/servers.mjs\``);
  const folder = mkdtempSync(join(tmpdir(), `aws-refresh-session-${server.name.toLowerCase()}-`));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  let said = "";
  for (let attempt = 1; attempt <= 3; attempt++) {
    const port = await freePort();
    const child = spawn(join(installFolder, server.program), server.args(port, folder), {
      cwd: folder,
      // Nothing of the machine's own configuration of AWS may reach a server.
      env: { PATH: process.env.PATH ?? "", HOME: folder, ...server.env(port, folder) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const killed = () => child.kill("SIGKILL");
    process.once("exit", killed);
    said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4000);
      });
    }
    const { ca } = server;
    const endpoint = `${ca === undefined ? "http" : "https"}://127.0.0.1:${port}`;
    const { healthPath } = server;
    const isReady = () => (healthPath === undefined ? isListening(port) : isHealthy(`${endpoint}${healthPath}`, ca));
    if (await answers(child, isReady)) {
      return {
        endpoint,
        stop: async () => {
          await end(child);
          process.off("exit", killed);
          removeFolder();
        },
      };
    }
    await end(child);
    process.off("exit", killed);
  }
  removeFolder();
  throw new Error(`${server.name} does not start; it said last:\n${said}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function answers(child: ChildProcess, isReady: () => Promise<boolean>): Promise<boolean> {
  let failed = false;
  child.once("error", () => {
    failed = true;
  });
  for (let tries = 0; tries < 1200 && !failed && !hasEnded(child); tries++) {
    if (await isReady()) return true;
    await sleep(50);
  }
  return false;
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

const isHealthy = (url: string, ca: string | undefined): Promise<boolean> =>
  new Promise((resolve) => {
    const answered = (response: http.IncomingMessage) => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    const request =
      ca === undefined ? http.get(url, { agent: false }, answered) : https.get(url, { agent: false, ca }, answered);
    request.on("error", () => resolve(false));
  });

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(patience);
}
