/** Hundreds of commands of every client that is installed, signed by us and by the SDK: what is sent is the same. */
import test from "ava";
import { Choices, caseSeed } from "../../parity/smithy-random.js";
import { freezeDate } from "../frozen-date.js";
import { OURS, type SigningWay, STOCK } from "../signing-ways.js";
import { KINDS } from "./kinds.js";
import { type Filling, madeInput } from "./made-inputs.js";
import { RecordingHandler, type Sent } from "./recording-handler.js";
import { chosenCommands, loadService, type SdkService, TARGETS } from "./services.js";

// Fixed, so that the gate sees the same commands at every run; SEED tries others, MOST more of each service.
const SEED = Number(process.env.SEED ?? 6);
const MOST = Number(process.env.MOST ?? 12);
const NOW = Date.UTC(2026, 10, 21, 14);

/** Each command is sent once by clients of each round; those of S3 depend on more than others do. */
const rounds = (service: string): readonly Filling[] =>
  service === "s3" ? ["full", "full", ...Array<Filling>(6).fill("sparse")] : ["full", "sparse"];

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

/** A client that is new, and what its commands come to. */
class Sender {
  readonly #handler: RecordingHandler;
  readonly #client: ReturnType<SdkService["client"]>;
  readonly way: SigningWay;

  constructor(way: SigningWay, service: SdkService, config: object) {
    this.way = way;
    this.#handler = new RecordingHandler(service.handlerProtocol);
    this.#client = way.client((options) => service.client({ ...config, requestHandler: this.#handler, ...options }));
  }

  async send(command: object): Promise<Outcome> {
    const before = this.#handler.sent.length;
    const refusal = await this.#client.send(command).then(
      () => "none",
      (reason: Error) => `${reason.name}: ${reason.message}`,
    );
    const sent = this.#handler.sent.slice(before);
    // The answer is a stand-in: what a client makes of it does not matter.
    return sent.length > 0 ? { sent } : { sent, refusal };
  }

  close(): void {
    this.#client.destroy();
  }
}

const isSigned = ({ headers }: Sent): boolean => /^AWS4-HMAC-SHA256 /.test(headers.authorization ?? "");

const signedCommands = new Set<string>();
const signedServices = new Set<string>();
const seenKinds = new Set<string>();
let requests = 0;

function count(service: string, command: string, sent: readonly Sent[]): void {
  const signed = sent.filter(isSigned);
  if (signed.length === 0) return;
  requests += signed.length;
  signedServices.add(service);
  signedCommands.add(`${service} ${command}`);
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
    const commands = chosenCommands(service, MOST, new Choices(ofService));
    for (const [round, filling] of rounds(service.name).entries()) {
      const ofRound = caseSeed(ofService, round);
      const config = madeConfig(new Choices(ofRound));
      const stock = new Sender(STOCK, service, config);
      const ours = OURS.map((way) => new Sender(way, service, config));
      for (const [at, command] of commands.entries()) {
        // Made anew for every sender, since a stream can be read once only.
        const made = () => {
          const choose = new Choices(caseSeed(ofRound, at));
          const { region } = config;
          return command.make(madeInput(command.input, { choose, filling, service: service.name, region }));
        };
        const expected = await stock.send(made());
        for (const sender of ours) {
          const outcome = await sender.send(made());
          const which = `${command.name} by ${sender.way.name}, round ${round}, SEED=${SEED} MOST=${MOST}`;
          if (JSON.stringify(outcome) !== JSON.stringify(expected)) t.deepEqual(outcome, expected, which);
        }
        count(service.name, command.name, expected.sent);
      }
      for (const sender of [stock, ...ours]) sender.close();
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
