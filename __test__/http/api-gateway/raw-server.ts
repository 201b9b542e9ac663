/** A server of bare sockets: keeps every request as the bytes that came, and answers 200 to each. */

import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

export interface ReceivedRequest {
  /** Head and body, byte for byte. */
  readonly bytes: Buffer;
  readonly method: string;
  readonly target: string;
  /** Names as they were spelled; values byte for byte, as Latin-1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without the framing of chunks. */
  readonly body: Buffer;
}

export interface RawServer {
  readonly port: number;
  readonly received: ReceivedRequest[];
  close(): Promise<void>;
}

export async function startRawServer(): Promise<RawServer> {
  const received: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    let continued = false;
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      const head = pending.indexOf("\r\n\r\n");
      if (head < 0) return;
      if (!continued && /^expect: *100-continue\r?$/im.test(pending.toString("latin1", 0, head + 2))) {
        continued = true;
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      }
      const request = readRequest(pending);
      if (request === undefined) return;
      pending = Buffer.alloc(0);
      continued = false;
      received.push(request);
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Undefined until all of it is there. */
function readRequest(bytes: Buffer): ReceivedRequest | undefined {
  const head = bytes.indexOf("\r\n\r\n");
  const [requestLine = "", ...lines] = bytes.toString("latin1", 0, head).split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const headerOf = (name: string) => headers.find(([given]) => given.toLowerCase() === name)?.[1];
  const rest = bytes.subarray(head + 4);
  const body = /chunked/i.test(headerOf("transfer-encoding") ?? "")
    ? dechunked(rest)
    : rest.length >= Number(headerOf("content-length") ?? 0)
      ? rest
      : undefined;
  return body && { bytes, method, target, headers, body };
}

function dechunked(bytes: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (size === 0) return bytes.indexOf("\r\n\r\n", end) < 0 ? undefined : Buffer.concat(pieces);
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
