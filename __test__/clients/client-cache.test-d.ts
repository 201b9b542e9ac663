/** The caches are typed by the classes that they are asked for: compiled by tsc, never run. */
import { S3, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { ClientCache, type ResourceCache, type ResourceCacheKey } from "aws-refresh-session/clients";

declare const cache: ClientCache;
declare const resources: ResourceCache;
declare const config: S3ClientConfig;
declare const resourceKey: ResourceCacheKey;

cache.client(S3Client, { region: "eu-west-1", forcePathStyle: true }, { maxSize: null }) satisfies S3Client;
cache.client(S3) satisfies S3;
cache.client<S3Client>("s3", { region: "eu-west-1" }, { maxSize: 3 }) satisfies S3Client;
cache.get(S3Client, { region: "eu-west-1" }) satisfies S3Client | undefined;
cache.take(S3Client) satisfies S3Client;
cache.take<S3Client>("s3") satisfies S3Client;
cache.get("s3") satisfies object | undefined;
// Interfaces have no index signature, and are taken all the same.
cache.client("s3", config);
cache.client<S3Client>("s3", config) satisfies S3Client;
cache.take("s3", config);
cache.key("s3", config);
resources.resource("dynamodb", config).send satisfies object;
resources.has("dynamodb", config);
cache.client(S3Client, {
  // @ts-expect-error: no member of the class's config, which is said of the member
  regio: "eu-west-1",
});
cache.get(S3Client, {
  // @ts-expect-error: the same
  regio: "eu-west-1",
});
// @ts-expect-error: of another type there
cache.client(S3Client, { forcePathStyle: "yes" });
// @ts-expect-error: not the class of a client
cache.client(Date);
// @ts-expect-error: one policy for each cache
cache.client(S3Client, {}, { evictionPolicy: "LRU" });
// @ts-expect-error
cache.has(S3Client, { regio: "eu-west-1" });
// @ts-expect-error: aggregated is another class
cache.client(S3Client) satisfies S3;
// @ts-expect-error
new ClientCache({ evictionPolicy: "lru" });
// @ts-expect-error: keys of clients and of resources are two kinds
cache.has(resourceKey);
