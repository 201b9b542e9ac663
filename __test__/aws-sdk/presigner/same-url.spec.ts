/** URLs of random commands, options and configurations equal those of the SDK's own presigner, byte for byte. */
import test from "ava";
import { nativePresigner, type PresigningCommand } from "aws-refresh-session/aws-sdk";
import { seeded } from "../../parity/seeded.js";
import { DATE, KEYS, SESSION_KEYS } from "../examples.js";
import { randomInput, randomOptions, randomShape } from "./random-commands.js";
import { SDKS, type Sdk } from "./sdk-pairs.js";

const ACCOUNT = "123456789012";
const BUCKETS = ["bucket", "a.bucket.with.dots", "Bucket_Old", "b-2"];
const CONFIGS: readonly (readonly [title: string, config: object, buckets?: readonly string[]])[] = [
  ["a region", { region: "eu-west-1" }],
  ["the first region", { region: "us-east-1" }],
  ["the first region, by its global endpoint", { region: "us-east-1", useGlobalEndpoint: true }],
  ["the global region", { region: "aws-global" }],
  ["a session token", { region: "eu-west-1", credentials: SESSION_KEYS }],
  ["path style", { region: "eu-west-1", forcePathStyle: true }],
  ["dual stack", { region: "eu-west-1", useDualstackEndpoint: true }],
  ["FIPS", { region: "us-west-2", useFipsEndpoint: true }],
  ["FIPS and dual stack", { region: "us-west-2", useFipsEndpoint: true, useDualstackEndpoint: true }],
  ["transfer acceleration", { region: "eu-west-1", useAccelerateEndpoint: true }, ["bucket", "b-2"]],
  ["China", { region: "cn-north-1" }],
  ["GovCloud", { region: "us-gov-west-1" }],
  ["a region that is a function", { region: async () => "ap-southeast-2" }],
  ["an endpoint", { region: "eu-west-1", endpoint: "http://127.0.0.1:9000" }],
  ["an endpoint with a path", { region: "eu-west-1", endpoint: "https://store.example.com:8443/base/path" }],
  ["an endpoint in path style", { region: "eu-west-1", endpoint: "http://localhost:9000/", forcePathStyle: true }],
  ["an endpoint with the port of its scheme", { region: "eu-west-1", endpoint: "https://store.example.com:443" }],
  ["an endpoint with capitals", { region: "eu-west-1", endpoint: "https://Store.Example.com" }],
  [
    "access points",
    { region: "eu-west-1", useArnRegion: true },
    [`arn:aws:s3:us-west-2:${ACCOUNT}:accesspoint/point`, `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint:point`],
  ],
  ["an access point elsewhere", { region: "eu-west-1" }, [`arn:aws:s3:us-west-2:${ACCOUNT}:accesspoint/point`]],
  ["Object Lambda", { region: "eu-west-1" }, [`arn:aws:s3-object-lambda:eu-west-1:${ACCOUNT}:accesspoint/point`]],
  ["an alias", { region: "us-west-2" }, ["point-abcdefghijklmnop-s3alias"]],
  ["the bucket as the endpoint", { region: "eu-west-1", bucketEndpoint: true }, ["https://files.example.com/base"]],
  [
    "checksums where they are required",
    { region: "eu-west-1", requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" },
  ],
  [
    "a directory bucket",
    { region: "us-west-2", s3ExpressIdentityProvider: { getS3ExpressIdentity: async () => SESSION_KEYS } },
    ["name--usw2-az1--x-s3"],
  ],
];
/** Of every set of members: the first is made by the client, the others by what was learned of it. */
const INPUTS = 4;
const SHAPES = 9;

const outcome = (call: Promise<string>): Promise<{ readonly url?: string; readonly failed: boolean }> =>
  call.then(
    (url) => ({ url, failed: false }),
    () => ({ failed: true }),
  );

/** The SDK writes into inputs and sets that it is given. */
const copied = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, value instanceof Set ? new Set(value) : value]),
  );

async function differences(sdk: Sdk, config: object, buckets: readonly string[], random = seeded()) {
  const client = sdk.client({ credentials: KEYS, ...config });
  const presigner = nativePresigner(client);
  const found: string[] = [];
  let urls = 0;
  for (let index = 0; index < SHAPES; index++) {
    const shape = randomShape(random, buckets);
    const options = randomOptions(random, DATE);
    for (let round = 0; round < INPUTS; round++) {
      const input = randomInput(random, shape);
      const command = () => sdk.command(shape.operation, { ...input }) as PresigningCommand | undefined;
      const [ours, theirs] = [command(), command()];
      if (ours === undefined || theirs === undefined) continue;
      const before = structuredClone(ours.input);
      const expected = await outcome(sdk.getSignedUrl(client, theirs, copied(options)));
      const actual = await outcome(presigner.presign(ours, options));
      if (expected.url !== undefined) urls++;
      if (expected.failed === actual.failed && expected.url === actual.url) continue;
      found.push(
        `seed ${random.seed}: ${shape.operation} ${JSON.stringify(before)} ${JSON.stringify(options)}\n  theirs ${expected.url}\n  ours   ${actual.url}`,
      );
    }
  }
  return { found, urls };
}

for (const sdk of SDKS) {
  for (const [title, config, buckets = BUCKETS] of CONFIGS) {
    test(`${sdk.name} SDK, ${title}`, async (t) => {
      const { found, urls } = await differences(sdk, config, buckets);
      t.deepEqual(found, []);
      if (title !== "an access point elsewhere") t.true(urls > 0, "something was compared");
    });
  }
}
