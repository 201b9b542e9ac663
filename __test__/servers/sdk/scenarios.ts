/** What users do with clients of the SDK, run on a real server with the stock signer and with ours: the outcome is the same. */
import { OURS, type SigningWay, STOCK } from "../../aws-sdk/signing-ways.js";
import type { Register } from "../server-process.js";
import { comparable } from "./comparable.js";

/** One run of a scenario. */
export interface Run<Client> {
  readonly client: Client;
  readonly way: SigningWay;
  /** What the run makes is called so; of the same length in every run. */
  readonly name: string;
  /** Another client of the service, which signs in the same way. */
  another(options: object): Client;
}

/** Does something and resolves to everything of it that has to be the same whoever signs. */
export type Scenario<Client> = (run: Run<Client>) => Promise<unknown>;

export interface ServiceScenarios<Client> {
  readonly service: string;
  readonly scenarios: Readonly<Record<string, Scenario<Client>>>;
  /** Any call, for what a server says to a wrong secret. */
  readonly call: (client: Client) => Promise<unknown>;
}

interface SdkClient {
  destroy(): void;
}

/** What is wanted of a server that may be known only once it runs. */
export interface Place<Client> {
  readonly make: (options: object) => Client;
  readonly options: () => { readonly endpoint: string; readonly credentials: { readonly secretAccessKey: string } };
}

let runs = 0;

/** Registers a test for each scenario of a service. */
export function scenarioTests<Client extends SdkClient>(
  test: Register,
  { service, scenarios, call }: ServiceScenarios<Client>,
  { make, options }: Place<Client>,
): void {
  async function through(way: SigningWay, scenario: Scenario<Client>, change: object = {}): Promise<unknown> {
    const clients: Client[] = [];
    const another = (more: object) => {
      const settings = { region: "us-east-1", maxAttempts: 1, ...options(), ...change, ...more };
      const client = way.client((signing) => make({ ...settings, ...signing }));
      clients.push(client);
      return client;
    };
    const name = `run-${String(++runs).padStart(4, "0")}`;
    try {
      return comparable(await scenario({ client: another({}), way, name, another }), name);
    } finally {
      for (const client of clients) client.destroy();
    }
  }

  for (const [title, scenario] of Object.entries(scenarios)) {
    test(`${service}: ${title}`, async (t) => {
      const stock = await through(STOCK, scenario);
      for (const way of OURS) t.deepEqual(await through(way, scenario), stock, way.name);
    });
  }

  test(`${service}: a wrong secret is refused as it is with the stock signer`, async (t) => {
    const { credentials } = options();
    const wrong = { credentials: { ...credentials, secretAccessKey: `${credentials.secretAccessKey}x` } };
    const refused = (way: SigningWay) => through(way, ({ client }) => refusal(call(client)), wrong);
    const stock = await refused(STOCK);
    t.regex(JSON.stringify(stock), /SignatureDoesNotMatch|InvalidSignatureException/);
    for (const way of OURS) t.deepEqual(await refused(way), stock, way.name);
  });
}

/** What a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<object> {
  const reason = await call.then(
    () => undefined,
    (error: Error & { $metadata?: { httpStatusCode?: number } }) => error,
  );
  if (reason === undefined) throw new Error("the call was not refused");
  return { name: reason.name, status: reason.$metadata?.httpStatusCode };
}
