/** Presigned URLs of S3 commands, by the SDK or by its presigner with our signer in the place of its own. */
import type { S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl, S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import type { HttpRequest } from "@smithy/types";
import { SignatureV4 } from "aws-refresh-session/aws-sdk";
import { type SigningWay, STOCK } from "../../aws-sdk/signing-ways.js";

const expiresIn = 60;

/** The URL of a command. `getSignedUrl` has a signer of its own, whatever the client signs with. */
export async function presigned(way: SigningWay, client: S3Client, command: object): Promise<string> {
  if (way === STOCK) return getSignedUrl(client, command as never, { expiresIn });
  const { credentials, region, sha256 } = client.config;
  const init = { service: "s3", credentials, region, sha256, uriEscapePath: false, applyChecksum: false };
  const presigner = new S3RequestPresigner(init);
  Object.assign(presigner, { signer: new SignatureV4(init) });
  return urlOf(await presigner.presign(await requestOf(client, command), { expiresIn }));
}

interface Stack {
  addRelativeTo(middleware: unknown, options: object): void;
}

/** What the SDK has in its commands for its own use. */
interface ResolvableCommand {
  readonly input: object;
  resolveMiddleware(
    stack: object,
    config: object,
    options: object,
  ): (args: { input: object }) => Promise<{ output: { request: HttpRequest } }>;
}

/** The request that a client makes of a command, before it is signed. */
async function requestOf(client: S3Client, command: object): Promise<HttpRequest> {
  const stack = client.middlewareStack.clone();
  const take = () => async (args: { request: HttpRequest }) => ({ response: {}, output: { ...args, $metadata: {} } });
  const place = { relation: "before", toMiddleware: "httpSigningMiddleware", name: "take" };
  (stack as unknown as Stack).addRelativeTo(take, place);
  const resolvable = command as ResolvableCommand;
  const handle = resolvable.resolveMiddleware(stack, client.config, {});
  const { request } = (await handle({ input: resolvable.input })).output;
  for (const name of ["amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent"]) delete request.headers[name];
  return request;
}

function urlOf({ protocol, hostname, port, path, query = {} }: HttpRequest): string {
  const parameters = Object.entries(query).map((pair) =>
    pair.map((part) => encodeURIComponent(String(part))).join("="),
  );
  return `${protocol}//${hostname}:${port}${path}?${parameters.join("&")}`;
}
