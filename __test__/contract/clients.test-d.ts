/** The types of clients and resources of a session, pinned against the SDK's own: compiled by tsc, never run. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3, S3Client, type S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3";
import { STS, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { CustomRefreshableSession, RefreshableSession } from "aws-refresh-session";
import {
  ClientCache,
  type ClientCacheKey,
  type ClientClass,
  type ClientConfigOf,
  type NamedClientConfig,
  registerResource,
  type SdkClient,
  type SdkRequestHandler,
} from "aws-refresh-session/clients";
import { S3Client as OldS3Client } from "oldest-client-s3";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
declare function assert<Condition extends true>(): Condition;

declare const session: RefreshableSession;

// ---- a class gives its own instances, for configs of its own
const s3 = session.client(S3Client, { region: "eu-west-1", forcePathStyle: true });
assert<Equals<typeof s3, S3Client>>();
const aggregated = session.client(S3);
assert<Equals<typeof aggregated, S3>>();
const sts = session.client(STSClient, undefined, { evictionPolicy: "LFU", maxSize: null });
assert<Equals<typeof sts, STSClient>>();
const old = session.client(OldS3Client, { region: "eu-west-1" });
assert<Equals<typeof old, OldS3Client>>();
assert<Equals<ClientConfigOf<typeof S3Client>, S3ClientConfig>>();
assert<Equals<ClientConfigOf<typeof STS>, STSClientConfig>>();
session.client(STS).getCallerIdentity({}) satisfies Promise<{ Account?: string | undefined }>;
for (const Class of [S3Client, S3, STSClient, STS, DynamoDBClient, OldS3Client]) Class satisfies ClientClass;

// ---- so does a subclass of the user's, which may need a config
class Bucket extends S3Client {
  readonly bucket: string;
  constructor({ bucket, ...config }: S3ClientConfig & { bucket: string }) {
    super(config);
    this.bucket = bucket;
  }
}
const bucket = session.client(Bucket, { bucket: "reports", region: "eu-west-1" }, { maxSize: 3 });
assert<Equals<typeof bucket, Bucket>>();
class Plain extends STSClient {}
const plain = session.client(Plain);
assert<Equals<typeof plain, Plain>>();
// @ts-expect-error the bucket is missing
session.client(Bucket);
// @ts-expect-error the bucket is missing
session.client(Bucket, { region: "eu-west-1" });

// ---- a name gives what the type argument says, and takes the members that it has
const named = session.client<S3Client>("s3", { region: "eu-west-1", signerConstructor: Object, profile: "reports" });
assert<Equals<typeof named, S3Client>>();
const unknown = session.client("s3", { anything: 1 }, { maxSize: 0 });
assert<Equals<typeof unknown, SdkClient>>();
declare const config: S3ClientConfig;
session.client("s3", config) satisfies SdkClient;
// @ts-expect-error no member of S3's config
session.client<S3Client>("s3", { regoin: "eu-west-1" });
// Whatever a class takes is taken by name.
assert<Equals<Exclude<keyof S3ClientConfig, keyof NamedClientConfig<S3Client>>, never>>();
assert<Equals<Exclude<keyof STSClientConfig, keyof NamedClientConfig<STSClient>>, never>>();

// ---- mistakes do not compile
// @ts-expect-error no member of S3's config
session.client(S3Client, { regoin: "eu-west-1" });
// @ts-expect-error a member of another service's
session.client(STSClient, { forcePathStyle: true });
// @ts-expect-error a region is text
session.client(S3Client, { region: 1 });
// @ts-expect-error a class, not a client
session.client(new S3Client({}));
// @ts-expect-error no client
session.client(Date);
// @ts-expect-error no client
session.client(S3ServiceException, {});
// @ts-expect-error its constructor is not for everybody
session.client(DynamoDBDocumentClient);
// @ts-expect-error policies are in capitals
session.client(S3Client, {}, { evictionPolicy: "lru" });
// @ts-expect-error a number, or null
session.client(S3Client, {}, { maxSize: "10" });
// @ts-expect-error no option
session.client(S3Client, {}, { max_size: 10 });

// ---- resources
const documents = session.resource<DynamoDBDocumentClient>("dynamodb", {
  region: "eu-west-1",
  translateConfig: { marshallOptions: { removeUndefinedValues: true } },
});
assert<Equals<typeof documents, DynamoDBDocumentClient>>();
const untyped = session.resource("dynamodb", undefined, { evictionPolicy: "LRU" });
assert<Equals<typeof untyped, SdkClient>>();
assert<Equals<ReturnType<typeof session.getAvailableResources>, string[]>>();
registerResource("bucket", ({ config: { name, ...config }, client, onDestroy }) => {
  assert<Equals<typeof name, unknown>>();
  const own = client(S3Client, config);
  assert<Equals<typeof own, S3Client>>();
  const byName = client<STSClient>("sts", { region: "eu-west-1" });
  assert<Equals<typeof byName, STSClient>>();
  onDestroy(() => own.destroy());
  return { own, name };
});
registerResource("later", async () => new Map(), { replace: true });
assert<Equals<ReturnType<typeof session.resource>, object>>();
const later = session.resource<Promise<Map<string, string>>>("later");
assert<Equals<typeof later, Promise<Map<string, string>>>>();
// @ts-expect-error a resource is an object
registerResource("number", () => 7);
// @ts-expect-error two arguments at least
registerResource("nothing");

// ---- a cache without a session, and those of a session
const cache = new ClientCache({ evictionPolicy: "LFU", maxSize: null, idleTimeout: 60 });
const cached = cache.client(Bucket, { bucket: "reports" }, { maxSize: 3 });
assert<Equals<typeof cached, Bucket>>();
const found = cache.get(S3Client, { region: "eu-west-1" });
assert<Equals<typeof found, S3Client | undefined>>();
const taken = session.cache.client.LRU.take(STS);
assert<Equals<typeof taken, STS>>();
const key = cache.key(S3Client, { region: "eu-west-1" });
assert<Equals<typeof key, ClientCacheKey>>();
cache.add(key, new S3Client({}));
cache.add(key, new OldS3Client({}));
for (const [entryKey, client] of session.cache.client.LFU) {
  assert<Equals<typeof entryKey, ClientCacheKey>>();
  assert<Equals<typeof client, SdkClient>>();
}
session.cache.resource.LRU.on("evict", ({ resource, reason }) => {
  assert<Equals<typeof resource, object>>();
  reason satisfies string;
}) satisfies () => void;
assert<Equals<typeof cache.maxSize, number | null>>();
// @ts-expect-error a cache has one policy
cache.client(S3Client, {}, { evictionPolicy: "LRU" });
// @ts-expect-error policies are in capitals
new ClientCache({ evictionPolicy: "lfu" });
// @ts-expect-error the bucket is missing
cache.client(Bucket);
// @ts-expect-error no member of S3's config
cache.has(S3Client, { regoin: "eu-west-1" });
// @ts-expect-error no such policy
session.cache.client.FIFO;

// ---- one connection handler for all clients
const customCredentialsMethod = () => ({
  accessKeyId: "",
  secretAccessKey: "",
  sessionToken: "",
  expiration: new Date(),
});
const { requestHandler } = s3.config;
requestHandler satisfies SdkRequestHandler;
new CustomRefreshableSession({ customCredentialsMethod, requestHandler });
new RefreshableSession({ method: "custom", customCredentialsMethod, requestHandler });
// @ts-expect-error options would make one for each client
new CustomRefreshableSession({ customCredentialsMethod, requestHandler: { requestTimeout: 1 } });
