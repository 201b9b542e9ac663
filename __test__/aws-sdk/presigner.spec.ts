/** The SDK's presigner of S3 with our signer in the place of its own. */
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import { Sha256 } from "@smithy/core/checksum";
import type { HttpRequest, RequestPresigningArguments } from "@smithy/types";
import test from "ava";
import { DATE, KEYS, ours, SESSION_KEYS } from "./examples.js";
import { StandInHandler } from "./stand-in-handler.js";

const EXPRESS = { accessKeyId: "ASIAEXPRESS", secretAccessKey: "express secret", sessionToken: "express/token+==" };

/** A presigner that keeps the SDK's own steps and leaves the signature to us. */
function presigners(credentials: typeof KEYS): { stock: S3RequestPresigner; native: S3RequestPresigner } {
  const init = { service: "s3", region: "eu-west-1", credentials, uriEscapePath: false, applyChecksum: false };
  const stock = new S3RequestPresigner({ ...init, sha256: Sha256 });
  const native = new S3RequestPresigner({ ...init, sha256: Sha256 });
  Object.assign(native, { signer: ours(init) });
  return { stock, native };
}

/** The request that a client makes of a command, before it is signed. */
async function requestOf(command: object): Promise<HttpRequest> {
  const requestHandler = new StandInHandler();
  const client = new S3Client({ region: "eu-west-1", credentials: KEYS, requestHandler: requestHandler as never });
  await client.send(command as never).catch(() => {});
  client.destroy();
  const [sent] = requestHandler.sent;
  if (sent === undefined) throw new Error("nothing was sent");
  for (const name of ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-user-agent"])
    delete sent.headers[name];
  return sent;
}

const COMMANDS = [
  new GetObjectCommand({ Bucket: "b", Key: "a b/ü+(1)/../x//y?#", VersionId: "v", ResponseContentType: "text/plain" }),
  new PutObjectCommand({
    Bucket: "b",
    Key: "k",
    Body: "content",
    Metadata: { a: "1" },
    ContentType: "text/plain",
    ServerSideEncryption: "AES256",
  }),
];
const OPTIONS: readonly RequestPresigningArguments[] = [
  {},
  { expiresIn: 60 },
  { unhoistableHeaders: new Set(["x-amz-meta-a"]) },
  { hoistableHeaders: new Set(["x-amz-server-side-encryption", "content-type"]) },
  { signableHeaders: new Set(["content-type"]), signingRegion: "us-west-2" },
];

for (const command of COMMANDS) {
  for (const [index, options] of OPTIONS.entries()) {
    test(`${command.constructor.name} is presigned as by the stock presigner, options ${index}`, async (t) => {
      for (const credentials of [KEYS, SESSION_KEYS]) {
        const { stock, native } = presigners(credentials);
        const request = await requestOf(command);
        const copy = () => structuredClone({ ...request, body: undefined }) as unknown as HttpRequest;
        const given = () => ({
          ...options,
          signingDate: DATE,
          ...(options.unhoistableHeaders && { unhoistableHeaders: new Set(options.unhoistableHeaders) }),
        });
        t.deepEqual(await native.presign(copy(), given()), await stock.presign(copy(), given()));
        t.deepEqual(
          await native.presignWithCredentials(copy(), EXPRESS, given()),
          await stock.presignWithCredentials(copy(), EXPRESS, given()),
        );
      }
    });
  }
}
