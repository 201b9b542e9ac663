/** A loopback stand-in for S3 Express: it vends sessions of a chosen lifetime and verifies who asks for them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyRequest } from "aws-refresh-session/signing";

export const CALLER = { accessKeyId: "AKIDCALLER", secretAccessKey: "caller-secret", sessionToken: "caller-token" };
export const REGION = "us-west-2";

export interface S3Stub {
  readonly endpoint: string;
  /** Buckets asked for, in order. */
  readonly asked: string[];
  /** Answers to give in place of a session, the next one first. */
  readonly faults: Array<{ status: number; body: string }>;
  /** The mode that each request asked for. */
  readonly modes: Array<string | undefined>;
  close(): Promise<void>;
}

export async function startS3Stub(clock: () => number, lifetime = 300): Promise<S3Stub> {
  const asked: string[] = [];
  const modes: Array<string | undefined> = [];
  const faults: S3Stub["faults"] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const target = request.url ?? "";
    const { accessKeyId } = await verifyRequest(
      { method: request.method ?? "", target, rawHeaders: request.rawHeaders, body: "" },
      {
        getCredentials: ({ accessKeyId }) => (accessKeyId === CALLER.accessKeyId ? CALLER : undefined),
        service: "s3express",
        region: REGION,
        hosts: "any",
        clock,
      },
    );
    const bucket = /^\/([^/?]+)\?session$/.exec(target)?.[1];
    if (bucket === undefined || accessKeyId !== CALLER.accessKeyId) throw new Error(`asked for ${target}`);
    asked.push(bucket);
    modes.push(request.headers["x-amz-create-session-mode"] as string | undefined);
    const fault = faults.shift();
    const count = asked.length;
    response.writeHead(fault?.status ?? 200, {
      "content-type": "application/xml",
      date: new Date(clock()).toUTCString(),
    });
    response.end(
      fault?.body ??
        `<?xml version="1.0"?><CreateSessionResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Credentials>` +
          `<SessionToken>token-${count}</SessionToken><SecretAccessKey>secret-${count}</SecretAccessKey>` +
          `<AccessKeyId>ASIA${count}</AccessKeyId><Expiration>${new Date(clock() + lifetime * 1000).toISOString()}</Expiration>` +
          "</Credentials></CreateSessionResult>",
    );
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      response.writeHead(403, { "content-type": "application/xml" });
      response.end(`<Error><Code>SignatureDoesNotMatch</Code><Message>${error.message}</Message></Error>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    modes,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
