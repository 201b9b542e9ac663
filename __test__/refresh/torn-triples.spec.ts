/** Twenty readers by every door while the credentials are refreshed 4 000 times: each sees one whole triple, and signs with it. */
import test from "ava";
import { Signer, type SignerOptions, type TemporaryCredentials } from "aws-refresh-session";
import { SignatureV4 } from "aws-refresh-session/aws-sdk";
import { seeded } from "../parity/seeded.js";
import { open, START, triple, turn } from "./counting-source.js";

const REFRESHES = 4000;
const SETTINGS = { service: "execute-api", region: "eu-west-1" };
const REQUEST = { method: "POST", url: "https://example.com/orders?b=2&a=1", headers: { "x-one": "1" }, body: "{}" };
const DATE = new Date(START);
const SDK_REQUEST = {
  ...{ protocol: "https:", hostname: "example.com", path: "/orders", query: { b: "2" }, method: "GET" },
  headers: { host: "example.com" },
};

const GIVEN_UP = new Date(0);

const signerOf = (credentials: SignerOptions["credentials"]) => new Signer({ ...SETTINGS, credentials });
const sdkSignerOf = (credentials: ConstructorParameters<typeof SignatureV4>[0]["credentials"]) =>
  new SignatureV4({ ...SETTINGS, credentials, applyChecksum: true });

/** What a signer makes that knows nothing but the n-th triple. */
interface Expected {
  readonly headers: string;
  readonly url: string;
  readonly sdkHeaders: string;
}

const known = new Map<number, Promise<Expected>>();
function expected(n: number): Promise<Expected> {
  const found = known.get(n) ?? make(n);
  known.set(n, found);
  return found;
}

async function make(n: number): Promise<Expected> {
  const { accessKeyId, secretAccessKey, sessionToken } = triple(n, 0);
  const identity = { accessKeyId, secretAccessKey, sessionToken };
  return {
    headers: JSON.stringify(signerOf(identity).signSync(REQUEST, { signingDate: DATE })),
    url: signerOf(identity).presignSync(REQUEST, { expiresIn: 60, signingDate: DATE }).url,
    sdkHeaders: JSON.stringify((await sdkSignerOf(identity).sign(SDK_REQUEST, { signingDate: DATE })).headers),
  };
}

const partsOf = (seen: TemporaryCredentials) =>
  [seen.accessKeyId, seen.secretAccessKey, seen.sessionToken, seen.accountId, seen.expiration?.toISOString()].join();
const numberIn = (text: string) => Number(/AKID(\d+)/.exec(text)?.[1]);

test("no reader ever sees parts of two triples", async (t) => {
  const random = seeded();
  t.log(`SEED=${random.seed}`);
  const { credentials, source, time } = open({ lifetime: 40, advisoryTimeout: 20, mandatoryTimeout: 10 });
  const signer = signerOf(credentials);
  const sdkSigner = sdkSignerOf(() => credentials.getFrozenCredentials());
  const mixed: string[] = [];
  let reads = 0;
  const told = (text: string, whole: string) => {
    reads++;
    if (text !== whole) mixed.push(text);
  };
  const look = (seen: TemporaryCredentials) => {
    const n = numberIn(seen.accessKeyId);
    // Between the answer and this look it may have been given up, and says so.
    const expiration = seen.expiration?.getTime() === 0 ? GIVEN_UP : (ends.get(n) as Date);
    told(partsOf(seen), partsOf({ ...triple(n, 0), expiration }));
  };
  const ends = new Map<number, Date | undefined>();
  const sign = async () => {
    const headers = await signer.sign(REQUEST, { signingDate: DATE });
    told(JSON.stringify(headers), (await expected(numberIn(headers.authorization ?? ""))).headers);
  };
  const doors: ReadonlyArray<() => unknown> = [
    async () => look(await credentials.getFrozenCredentials()),
    async () => look(await credentials.refresh()),
    () => credentials.refreshNeeded() || look(credentials.frozen),
    sign,
    async () => {
      const { url } = await signer.presign(REQUEST, { expiresIn: 60, signingDate: DATE });
      told(url, (await expected(numberIn(url))).url);
    },
    async () => {
      const urls = await signer.presignMany([REQUEST, REQUEST], { expiresIn: 60, signingDate: DATE });
      for (const url of urls) told(url, (await expected(numberIn(url))).url);
      // One triple for a whole batch.
      told(urls[0] ?? "", urls[1] ?? "none");
    },
    async () => {
      const { headers } = await sdkSigner.sign(SDK_REQUEST, { signingDate: DATE });
      told(JSON.stringify(headers), (await expected(numberIn(JSON.stringify(headers)))).sdkHeaders);
    },
  ];
  /** Why a refresh comes: force, a complaint, or time. */
  const causes = [
    () => credentials.refresh({ force: true }),
    () => credentials.invalidate(),
    ...[5, 21, 31, 41].map((seconds) => () => time.advance(seconds)),
  ];
  let refreshing = true;
  const reader = async () => {
    while (refreshing) {
      if (random.chance(0.1)) await random.pick(doors)();
      else await turn();
    }
  };
  const readers = Array.from({ length: 20 }, reader);
  while (source.calls < REFRESHES) {
    const slow = random.below(3);
    source.answerNext(async (due) => {
      for (let turns = 0; turns < slow; turns++) await turn();
      // The clock went on meanwhile.
      const expiration = new Date(time.now + 40_000);
      ends.set(numberIn(due.accessKeyId), expiration);
      return { ...due, expiration };
    });
    await random.pick(causes)();
    await Promise.all([turn(), credentials.getFrozenCredentials()]);
  }
  refreshing = false;
  await Promise.all(readers);
  t.deepEqual(mixed.slice(0, 5), []);
  t.true(reads > REFRESHES, `${reads} reads`);
  t.log(`${reads} reads of ${ends.size} triples`);
});
