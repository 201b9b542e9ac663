/** What stands before the broker in tests, as AWS IoT's own doors do: one that wants ALPN, one for signed WebSockets. */
import { once } from "node:events";
import { createServer as createHttps } from "node:https";
import { createRequire } from "node:module";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTls } from "node:tls";
import { VerificationError, verifyRequest } from "aws-refresh-session";
import type { CredentialVendor } from "../../dist/testing/credential-vendor.js";
import type { Certificates } from "../support/certificates.js";

/** The library of WebSockets that the package `mqtt` brings. */
interface WebSockets {
  WebSocketServer: new (
    options: object,
  ) => {
    handleUpgrade(request: object, socket: Duplex, head: Buffer, opened: (socket: object) => void): void;
  };
  createWebSocketStream(socket: object): Duplex;
}

const requireFromMqtt = createRequire(createRequire(import.meta.url).resolve("mqtt"));

export interface Door {
  readonly port: number;
  close(): void;
}

/** Ends mutual TLS when the client names MQTT, as AWS IoT does on port 443; tells the common names that came. */
export async function alpnDoor({ ca, server }: Certificates, brokerPort: number) {
  const names: string[] = [];
  const sockets = new Set<Socket>();
  const door = createTls(
    {
      ca: ca.cert,
      cert: server.cert,
      key: server.key,
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ["x-amzn-mqtt-ca"],
    },
    (socket) => {
      names.push(`${socket.getPeerCertificate().subject.CN} ${socket.alpnProtocol}`);
      if (socket.alpnProtocol !== "x-amzn-mqtt-ca") return void socket.destroy();
      join(socket, connect(brokerPort, "127.0.0.1"), sockets);
    },
  );
  door.on("tlsClientError", () => {});
  return { names, ...(await listening(door, sockets)) };
}

/** One WebSocket that was opened, by who signed its URL. */
export interface Opened {
  readonly accessKeyId: string;
  readonly signature: string;
}

/** Opens a WebSocket to the broker only for a URL whose signature is right, with credentials that have not ended. */
export async function signedDoor(
  { server }: Certificates,
  brokerPort: number,
  { vendor, clock, region }: { vendor: CredentialVendor; clock: () => number; region: string },
) {
  const { WebSocketServer, createWebSocketStream } = requireFromMqtt("ws") as WebSockets;
  const opened: Opened[] = [];
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const upgrades = new WebSocketServer({ noServer: true, handleProtocols: () => "mqtt" });
  const door = createHttps({ cert: server.cert, key: server.key });
  door.on("upgrade", async (request, socket: Socket, head: Buffer) => {
    const target = request.url ?? "";
    try {
      const { accessKeyId } = await verifyRequest(
        { method: "GET", target, rawHeaders: request.rawHeaders, body: "" },
        {
          getCredentials: ({ accessKeyId: id }) => vendor.find(id),
          service: "iotdevicegateway",
          region,
          hosts: [`127.0.0.1:${port}`],
          tokenAfterSignature: true,
          clock,
        },
      );
      opened.push({ accessKeyId, signature: new URLSearchParams(target).get("X-Amz-Signature") ?? "" });
      upgrades.handleUpgrade(request, socket, head, (webSocket) => {
        const stream = createWebSocketStream(webSocket);
        join(stream, connect(brokerPort, "127.0.0.1"), sockets);
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
      });
    } catch (error) {
      refused.push(error instanceof VerificationError ? error.code : String(error));
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }
  });
  const { port, close } = await listening(door, sockets);
  /** Breaks every connection, as a network does. */
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { opened, refused, port, close, cut };
}

function join(one: Duplex, two: Socket, sockets: Set<Socket>): void {
  sockets.add(two);
  two.on("close", () => sockets.delete(two));
  for (const [from, to] of [
    [one, two],
    [two, one],
  ] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
}

async function listening(
  server: ReturnType<typeof createTls> | ReturnType<typeof createHttps>,
  sockets: Set<Socket>,
): Promise<Door> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
