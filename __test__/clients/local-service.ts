/** A service on 127.0.0.1, over HTTP/1 or HTTP/2, that answers as a test tells it to and knows its open connections. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import type { ExecutionContext } from "ava";

interface Closable {
  readonly closed?: boolean;
  readonly destroyed: boolean;
  destroy(): void;
  on(event: "close", listener: () => void): unknown;
}

export class LocalService {
  readonly #server: Server;
  readonly #connections: Set<Closable>;

  constructor(server: Server, connections: Set<Closable>) {
    this.#server = server;
    this.#connections = connections;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Settles when the clients have closed all that is open now, in the middle of a request or not. */
  async closed(): Promise<void> {
    // Not `once()`, which would fail with the error that a connection may end with.
    const closed = (connection: Closable) => new Promise<void>((resolve) => connection.on("close", resolve));
    await Promise.all([...this.#connections].map(closed));
  }
}

async function started(t: ExecutionContext, server: Server, event: "connection" | "session"): Promise<LocalService> {
  const connections = new Set<Closable>();
  server.on(event, (connection: Socket | Http2Session) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    for (const connection of connections) connection.destroy();
  });
  return new LocalService(server, connections);
}

export function http1Service(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<LocalService> {
  return started(t, createServer({ keepAliveTimeout: 60_000 }, answer), "connection");
}

export function http2Service(t: ExecutionContext, answer: (stream: ServerHttp2Stream) => void): Promise<LocalService> {
  const server = createHttp2Server();
  server.on("stream", (stream) => {
    // Ended by the client in the middle, in some tests.
    stream.on("error", () => {});
    answer(stream);
  });
  return started(t, server as unknown as Server, "session");
}
