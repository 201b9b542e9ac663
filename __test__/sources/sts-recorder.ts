/** A loopback STS that gives everybody credentials and notes who asked for what; it verifies nothing. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Operation, access key id of who signed, parameters. */
export type StsCall = readonly [operation: string, signer: string | null, parameters: Readonly<Record<string, string>>];

export interface StsRecorder {
  readonly url: string;
  /** In the order of their arrival; emptied by whoever wants to count anew. */
  readonly calls: StsCall[];
  close(): void;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The n-th answer holds ASIAHOPn, secretHOPn and tokenHOPn. */
export async function startStsRecorder(): Promise<StsRecorder> {
  const calls: StsCall[] = [];
  const server = createServer(async (request, response) => {
    const { Action = "", Version, ...parameters } = Object.fromEntries(new URLSearchParams(await textOf(request)));
    const signer = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? null;
    calls.push([Action, signer, parameters]);
    const hop = `HOP${calls.length}`;
    const credentials =
      `<AccessKeyId>ASIA${hop}</AccessKeyId><SecretAccessKey>secret${hop}</SecretAccessKey>` +
      `<SessionToken>token${hop}</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration>`;
    const user = `<AssumedRoleUser><Arn>${parameters.RoleArn}</Arn></AssumedRoleUser>`;
    response.setHeader("content-type", "text/xml");
    response.end(
      `<${Action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${Action}Result>` +
        `<Credentials>${credentials}</Credentials>${user}</${Action}Result></${Action}Response>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
