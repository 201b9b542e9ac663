/** An HTTP server that verifies the signature of what it received, and answers as a service does. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import { type ReceivedRequest, verifyRequest } from "aws-refresh-session/signing";
import { KEYS } from "../signing/examples.js";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly target: string;
  /** All names and values, as they came. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name; the last of repeated ones. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The key that signed, or the code of the refusal. */
  readonly verdict: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Verifier {
  /** Without a slash at the end. */
  readonly url: string;
  readonly host: string;
  readonly arrived: Arrived[];
  /** Keys that are refused as expired. */
  readonly revoked: Set<string>;
}

const REFUSED = (code: string): Answer => ({
  status: 403,
  headers: { "content-type": "text/xml" },
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>refused</Message></Error></ErrorResponse>`,
});

/**
 * Knows the keys of the examples, and those of sessions of which each refresh N gives "AKIDN" with "secret N" and "tokenN". What
 * `answer` gives undefined for is answered with the verdict. Ends with the test.
 */
export async function startVerifier(
  t: ExecutionContext,
  {
    answer = () => undefined,
    service = "service",
    socketPath,
  }: { answer?: (request: Arrived) => Answer | undefined; service?: string; socketPath?: string } = {},
): Promise<Verifier> {
  const arrived: Arrived[] = [];
  const revoked = new Set<string>();
  const server = createServer(async (incoming, response) => {
    const body = await bodyOf(incoming);
    const { method = "", url: target = "", rawHeaders } = incoming;
    const verdict = await verdictOn({ method, target, rawHeaders, body }, service);
    const headers: Record<string, string> = {};
    for (let at = 0; at < rawHeaders.length; at += 2) {
      headers[(rawHeaders[at] as string).toLowerCase()] = rawHeaders[at + 1] as string;
    }
    const request = { method, target, rawHeaders, headers, body, verdict };
    arrived.push(request);
    const { status, headers: fields, body: text } = answer(request) ?? answerTo(verdict, revoked);
    response.writeHead(status ?? 200, fields).end(text);
  });
  await new Promise<void>((resolve) =>
    socketPath === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(socketPath, resolve),
  );
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = socketPath === undefined ? `127.0.0.1:${(server.address() as AddressInfo).port}` : "localhost";
  return { url: `http://${host}`, host, arrived, revoked };
}

function answerTo(verdict: string, revoked: ReadonlySet<string>): Answer {
  if (revoked.has(verdict)) return REFUSED("ExpiredToken");
  return verdict.startsWith("AK") ? { body: verdict } : REFUSED(verdict);
}

async function verdictOn(request: ReceivedRequest, service: string): Promise<string> {
  try {
    const { accessKeyId } = await verifyRequest(request, {
      service,
      region: "us-east-1",
      hosts: "any",
      payload: "allow-unsigned",
      getCredentials: ({ accessKeyId }) => {
        if (accessKeyId === KEYS.accessKeyId) return KEYS;
        const round = /^AKID(\d+)$/.exec(accessKeyId)?.[1];
        return round === undefined ? undefined : { secretAccessKey: `secret ${round}`, sessionToken: `token${round}` };
      },
    });
    return accessKeyId;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}
