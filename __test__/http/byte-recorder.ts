/** A server on a bare socket that keeps every byte it receives. */

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { ExecutionContext } from "ava";

export interface Recorder {
  /** Without a slash at the end. */
  readonly url: string;
  /** What came over each connection, one character for each byte. */
  readonly received: string[];
}

/** Answers each request whose head has come with `answer`, and ends the connection. Ends with the test. */
export async function startRecorder(
  t: ExecutionContext,
  answer: (head: string) => string = () => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
): Promise<Recorder> {
  const received: string[] = [];
  const server = createServer((socket) => {
    const at = received.push("") - 1;
    let isAnswered = false;
    socket.setEncoding("latin1").on("data", (text: string) => {
      received[at] += text;
      const end = (received[at] as string).indexOf("\r\n\r\n");
      if (end < 0 || isAnswered) return;
      isAnswered = true;
      // The body may still be on its way.
      setTimeout(() => socket.end(answer((received[at] as string).slice(0, end))), 20);
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}
