/** Everybody who sends requests as a session before MiniStack: signers of the package and clients of the AWS SDK. */
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { RefreshableSession } from "aws-refresh-session";
import { Signer } from "aws-refresh-session/signing";
import type { LoadClient } from "./load.js";
import { type Keys, queryRequest, REGION } from "./ministack.js";
import { errorCode, type RawResponse, send } from "./raw-request.js";

export interface SessionClients {
  readonly clients: readonly LoadClient[];
  close(): void;
}

const accepted = (answer: RawResponse): RawResponse => {
  if (answer.status === 200) return answer;
  throw new Error(`${answer.status} ${errorCode(answer)}`);
};

/** Makes the bucket that the clients of a session write to and read from. */
export async function makeBucket(endpoint: string, keys: Keys, bucket: string): Promise<void> {
  const request = { method: "PUT", url: `${endpoint}/${bucket}` };
  const signer = new Signer({ service: "s3", region: REGION, credentials: keys });
  accepted(await send({ ...request, headers: await signer.sign(request) }));
}

/**
 * The clients of one session; MiniStack verifies every request of theirs. SDK clients try once: a second attempt would
 * hide what the first one met.
 */
export function clientsOf(session: RefreshableSession, name: string, endpoint: string, bucket: string): SessionClients {
  const signer = session.signer({ service: "sts", region: REGION });
  const settings = { region: REGION, endpoint, credentials: session.credentials, maxAttempts: 1 };
  const sts = new STSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const object = { Bucket: bucket, Key: name };
  const clients: LoadClient[] = [
    {
      name: `${name}, signer`,
      request: async () => {
        const request = queryRequest({ endpoint, service: "sts", action: "GetCallerIdentity" });
        return accepted(await send({ ...request, headers: { ...request.headers, ...(await signer.sign(request)) } }));
      },
    },
    {
      name: `${name}, presigned URL`,
      request: async () => {
        const url = `${endpoint}/?Action=GetCallerIdentity&Version=2011-06-15`;
        const presigned = await signer.presign({ url }, { expiresIn: 60 });
        return accepted(await send({ method: "GET", url: presigned.url }));
      },
    },
    { name: `${name}, STSClient`, request: () => sts.send(new GetCallerIdentityCommand({})) },
    {
      name: `${name}, S3Client`,
      request: async () => {
        await s3.send(new PutObjectCommand({ ...object, Body: "kept" }));
        const answer = await s3.send(new GetObjectCommand(object));
        await answer.Body?.transformToString();
      },
    },
  ];
  return {
    clients,
    close: () => {
      sts.destroy();
      s3.destroy();
    },
  };
}
