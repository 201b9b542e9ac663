/**
 * Requests through undici, with and without our interceptor, to a server on loopback. Each has a process of its own, as it has
 * where it is used: in one process each would run code that was compiled for the other as well.
 */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { compare } from "./rounds.mjs";

const CLIENT = fileURLToPath(new URL("undici-client.mjs", import.meta.url));
const SERVER = `
  const server = require("node:http").createServer((request, response) => {
    request.resume().on("end", () => response.setHeader("content-type", "application/json").end('{"id":"1","total":5}'));
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.stdin.on("end", () => process.exit()).resume();
`;

/** Nanoseconds of one request, with and without a signature, by name. */
export async function undici() {
  const server = spawn(process.execPath, ["-e", SERVER], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(server.stdout.setEncoding("utf8"), "data");
  const origin = `http://127.0.0.1:${port.trim()}`;
  const [plain, long, signed] = ["plain", "long", "signed"].map((way) => fork(CLIENT, [origin, way]));
  const contender = (name, client, method) => ({
    name,
    each: 32,
    run: async (times) => {
      client.send({ method, times });
      await once(client, "message");
    },
  });
  try {
    const contenders = [
      contender("undici, GET", plain, "GET"),
      contender("undici, GET with headers as long", long, "GET"),
      contender("undici, signed GET", signed, "GET"),
      contender("undici, POST", plain, "POST"),
      contender("undici, POST with headers as long", long, "POST"),
      contender("undici, signed POST", signed, "POST"),
    ];
    // Connections and compiled code, without which the length of a round would be taken from a slow beginning.
    for (const { run } of contenders) await run(200);
    return await compare(contenders, { targetMs: 100 });
  } finally {
    for (const client of [plain, long, signed]) client.disconnect();
    server.stdin.end();
  }
}
