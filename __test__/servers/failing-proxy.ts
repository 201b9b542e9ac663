/** A proxy before a server that can be told to fail: to drop connections, to answer 500, or to let nothing come back. */
import { once } from "node:events";
import http from "node:http";

/** "pass" forwards; "drop" ends the connection; "error" answers 500 itself; "hang" takes the request and never answers. */
export type ProxyMode = "pass" | "drop" | "error" | "hang";

export interface FailingProxy {
  readonly endpoint: string;
  /** Applies to the requests that come from now on. */
  mode: ProxyMode;
  /** How many requests came, whatever became of them. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Starts it on a free loopback port. Requests go on with their own Host header, which is signed. */
export async function startFailingProxy(target: string): Promise<FailingProxy> {
  const { hostname: host, port } = new URL(target);
  let mode: ProxyMode = "pass";
  let requests = 0;
  const server = http.createServer((incoming, outgoing) => {
    requests++;
    if (mode === "drop") return incoming.socket.destroy();
    if (mode === "hang") return incoming.resume();
    if (mode === "error") {
      incoming.resume();
      return outgoing.writeHead(500, { "content-type": "text/plain" }).end("out of order");
    }
    const { method, url, rawHeaders: headers } = incoming;
    const forwarded = http.request({ host, port, method, path: url, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => incoming.socket.destroy());
    return incoming.pipe(forwarded);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
    },
    get requests() {
      return requests;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
