/** Hundreds of commands of every client that is installed, signed by us and by the SDK: what is sent is the same. */
import test from "ava";
import { SignatureV4 } from "aws-refresh-session/aws-sdk";
import { Choices, caseSeed } from "../../parity/smithy-random.js";
import { freezeDate } from "../frozen-date.js";
import { type Filling, madeInput } from "./made-inputs.js";
import { RecordingHandler, type Sent } from "./recording-handler.js";
import { chosenCommands, loadService, type SdkClient, type SdkCommand, type SdkService, TARGETS } from "./services.js";

// Fixed, so that the gate sees the same commands at every run; SEED tries others, MOST more of each service.
const SEED = Number(process.env.SEED ?? 6);
const MOST = Number(process.env.MOST ?? 12);
const NOW = Date.UTC(2026, 10, 21, 14);

type MakeClient = (service: SdkService, config: object) => SdkClient;

const stockClient: MakeClient = (service, config) => service.client(config);

/** How a client comes to sign with us. */
const OUR_CLIENTS: Readonly<Record<string, MakeClient>> = {
  signerConstructor: (service, config) => service.client({ ...config, signerConstructor: SignatureV4 }),
};

/** Buckets, checksums and bodies that stream have many forms, each by few members of an input. */
const fillings = (service: string): readonly Filling[] =>
  service === "s3" ? ["full", "full", ...Array<Filling>(6).fill("sparse")] : ["full", "sparse"];

/** Everything that one request is made of. The same seed makes it anew, since a stream can be read once only. */
function made(seed: number, service: SdkService, { input, make }: SdkCommand, filling: Filling) {
  const choose = new Choices(seed);
  const config = madeConfig(choose);
  const { region } = config;
  return { config, command: make(madeInput(input, { choose, filling, service: service.name, region })) };
}

function madeConfig(choose: Choices) {
  const credentials = {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    sessionToken: `token+/=${"x".repeat(choose.below(600))}`,
  };
  return {
    region: choose.one(["us-east-1", "us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]),
    credentials: choose.chance(0.5) ? credentials : async () => credentials,
    systemClockOffset: choose.one([0, 0, 3_600_000, -500]),
    useDualstackEndpoint: choose.chance(0.1),
    maxAttempts: 1,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    // Metrics of this length and longer are sent compressed.
    requestMinCompressionSizeBytes: 100,
  };
}

interface Outcome {
  readonly sent: readonly Sent[];
  /** Why nothing was sent. */
  readonly refusal?: string;
}

async function outcome(client: MakeClient, service: SdkService, { config, command }: ReturnType<typeof made>) {
  const requestHandler = new RecordingHandler();
  const made = client(service, { ...config, requestHandler });
  const refusal = await made.send(command).then(
    () => "none",
    (reason: Error) => `${reason.name}: ${reason.message}`,
  );
  made.destroy();
  const { sent } = requestHandler;
  // The answer is a stand-in: what a client makes of it does not matter.
  return (sent.length > 0 ? { sent } : { sent, refusal }) satisfies Outcome;
}

/** What a request has that is awkward to sign. */
const KINDS: Readonly<Record<string, (sent: Sent) => boolean>> = {
  "an encoded path": ({ path }) => path.includes("%"),
  "a path with dots": ({ path }) => path.split("/").includes(".."),
  "a path with empty segments": ({ path }) => path.includes("//"),
  "a list in the query": ({ query = {} }) => Object.values(query).some(Array.isArray),
  "an awkward query": ({ query = {} }) => Object.values(query).some((value) => /[ +%~*]/.test(String(value))),
  "a header with runs of spaces": ({ headers }) => Object.values(headers).some((value) => / {2}|\t/.test(value)),
  "a header that is not ASCII": ({ headers }) => Object.values(headers).includes("é"),
  "a header of metadata": ({ headers }) => Object.keys(headers).some((name) => name.startsWith("x-amz-meta-")),
  "a checksum in the trailer": ({ headers }) => payloadHash(headers) === "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "an unsigned payload": ({ headers }) => payloadHash(headers) === "UNSIGNED-PAYLOAD",
  "signed events": ({ body }) => body.split(Buffer.from(":chunk-signature").toString("hex")).length > 3,
  "a compressed body": ({ headers }) => headers["content-encoding"] === "gzip",
  "a token of S3 Express": ({ headers }) => headers["x-amz-s3session-token"] === "s3-express-token",
  "a host that the input names": ({ hostname }) => hostname.startsWith("io-label."),
  "a host of an access point": ({ hostname }) => hostname.startsWith("point-123456789012."),
  CBOR: ({ headers }) => headers["content-type"] === "application/cbor",
};

const payloadHash = (headers: Sent["headers"]): string | undefined => headers["x-amz-content-sha256"];
const isSigned = ({ headers }: Sent): boolean => /^AWS4-HMAC-SHA256 /.test(headers.authorization ?? "");

const signedCommands = new Set<string>();
const signedServices = new Set<string>();
const seenKinds = new Set<string>();
let requests = 0;

function count(service: SdkService, command: SdkCommand, sent: readonly Sent[]): void {
  const signed = sent.filter(isSigned);
  if (signed.length === 0) return;
  requests += signed.length;
  signedServices.add(service.name);
  signedCommands.add(`${service.name} ${command.name}`);
  for (const [kind, has] of Object.entries(KINDS)) if (signed.some(has)) seenKinds.add(kind);
}

for (const [index, target] of TARGETS.entries()) {
  const title = target.protocol === undefined ? target.service : `${target.service} by ${target.protocol}`;

  test.serial(`${title} sends what the stock client sends`, async (t) => {
    freezeDate(t, NOW);
    const { randomUUID } = crypto;
    // The id of an invocation is signed, and tokens of idempotency are.
    crypto.randomUUID = () => "0123abcd-4567-49ef-8123-456789abcdef";
    t.teardown(() => {
      crypto.randomUUID = randomUUID;
    });
    const service = loadService(target);
    const ofService = caseSeed(SEED, index);
    for (const [at, command] of chosenCommands(service, MOST, new Choices(ofService)).entries()) {
      for (const [time, filling] of fillings(service.name).entries()) {
        const seed = caseSeed(ofService, at * 10 + time);
        const stock = await outcome(stockClient, service, made(seed, service, command, filling));
        for (const [way, client] of Object.entries(OUR_CLIENTS)) {
          const ours = await outcome(client, service, made(seed, service, command, filling));
          const which = `${command.name}, ${filling}, by ${way}: SEED=${SEED} MOST=${MOST}`;
          if (JSON.stringify(ours) !== JSON.stringify(stock)) t.deepEqual(ours, stock, which);
        }
        count(service, command, stock.sent);
      }
    }
    t.pass();
  });
}

test.serial("enough commands of enough services were signed, in every form that requests have", (t) => {
  t.log(`${signedCommands.size} commands of ${signedServices.size} services, ${requests} requests`);
  t.true(signedCommands.size >= 300, String(signedCommands.size));
  t.true(signedServices.size >= 30, String(signedServices.size));
  t.deepEqual(
    Object.keys(KINDS).filter((kind) => !seenKinds.has(kind)),
    [],
  );
});
