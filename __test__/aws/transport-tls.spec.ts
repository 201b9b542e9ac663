/** The exchange over TLS: who is believed, what is kept, and what keeps the process alive. */
import { once } from "node:events";
import { Agent, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { TestAuthority } from "aws-refresh-session/testing";
import { HttpTransport } from "../../dist/aws/transport.js";
import type { BRSConnectionError } from "../../dist/errors.js";
import { outputOf } from "../support/node-program.js";

const authority = new TestAuthority();
const { certificate: cert, privateKey: key } = authority.issue({ usage: "server" });

async function serverOf(t: ExecutionContext, answers: boolean) {
  const server = createServer({ key, cert }, (_request, response) => {
    if (answers) response.end("hello");
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const requestTo = (url: URL) => ({ operation: "STS Test", method: "POST", url, headers: {}, body: "" });

test("a certificate that is not trusted is a final connection error that says what to do", async (t) => {
  const transport = new HttpTransport({ requestTimeout: 10 });
  const error = (await t.throwsAsync(transport.send(requestTo(await serverOf(t, true))))) as BRSConnectionError;
  t.is(error.code, "ERR_CONNECTION");
  t.false(error.retryable);
  t.regex(error.message, /its certificate is not trusted; give an agent/);
});

test("with an agent that trusts it the answer comes, and no limit of the connection stays behind", async (t) => {
  const agent = new Agent({ ca: authority.certificate, keepAlive: true });
  const pending = new Set<number>();
  const left: number[][] = [];
  const transport = new HttpTransport({
    agent,
    requestTimeout: 10,
    startTimer: (ms) => {
      pending.add(ms);
      const cancel = () => {
        if (pending.delete(ms)) left.push([...pending]);
      };
      return { ref() {}, unref() {}, cancel };
    },
  });
  t.teardown(() => agent.destroy());
  const url = await serverOf(t, true);
  t.is((await transport.send(requestTo(url))).body, "hello");
  t.is((await transport.send(requestTo(url))).body, "hello");
  // Each time the limit of the connection ended first, and the limit of the answer last.
  t.deepEqual(left, [[10_000], [], [10_000], []]);
});

for (const held of [false, true]) {
  test(`a process ${held ? "stays for" : "may end under"} a request that ${held ? "somebody" : "nobody"} awaits`, async (t) => {
    const url = await serverOf(t, held);
    const module = fileURLToPath(new URL("../../dist/aws/transport.js", import.meta.url));
    const code = `
      const { HttpTransport } = require(${JSON.stringify(module)});
      const agent = new (require("node:https").Agent)({ rejectUnauthorized: false, keepAlive: true });
      const request = { operation: "x", method: "POST", url: new URL(${JSON.stringify(url.href)}), headers: {}, body: "" };
      const hold = { held: ${held}, onChange: () => () => {} };
      const sending = new HttpTransport({ requestTimeout: 600, agent }).send(request, { hold });
      sending.then((answer) => console.log(answer.body), (error) => console.log(error.message));`;
    t.is(await outputOf(t, code), held ? "hello\n" : "");
  });
}
