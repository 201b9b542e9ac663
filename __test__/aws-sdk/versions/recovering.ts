/** A session whose n-th triple has the key AKIDn, and clients whose services refuse the keys that were revoked. */
import type { ExecutionContext } from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { expiredTokenRecovery } from "aws-refresh-session/aws-sdk";
import { ManualClock } from "aws-refresh-session/testing";
import { AnsweringHandler, type Told } from "./answering-handler.js";
import {
  clientSignedBy,
  keyOf,
  type SdkClient,
  type SdkService,
  type Signing,
  stock,
  VERSIONS,
} from "./sdk-versions.js";

export interface Recovering {
  readonly session: CustomRefreshableSession;
  readonly time: ManualClock;
  /** Keys that services refuse, and with what. */
  readonly revoked: Map<string | undefined, Told>;
  /** How often the source was asked. */
  made(): number;
  /** While it is set the source fails with it. */
  outage: Error | undefined;
  /** The source answers when this has settled. */
  pending: Promise<void> | undefined;
  /** A client of the session with the plugin. */
  client(service: SdkService, config?: object, signing?: Signing): Recoverable;
}

export interface Recoverable {
  readonly client: SdkClient;
  readonly handler: AnsweringHandler;
}

export const EXPIRED: Told = { code: "ExpiredTokenException" };

export function open(t: ExecutionContext): Recovering {
  let made = 0;
  const time = new ManualClock(Date.now());
  const revoked = new Map<string | undefined, Told>();
  const session = new CustomRefreshableSession({
    clock: time.clock,
    customCredentialsMethod: async () => {
      made++;
      const serial = made;
      await recovering.pending;
      if (recovering.outage !== undefined) throw recovering.outage;
      const expiry_time = new Date(time.clock() + 3_600_000);
      return { access_key: `AKID${serial}`, secret_key: "secret", token: `token-${serial}`, expiry_time };
    },
  });
  t.teardown(() => session.close());
  const recovering: Recovering = {
    session,
    time,
    revoked,
    made: () => made,
    outage: undefined,
    pending: undefined,
    client: (service, config = {}, signing = stock) => {
      const handler = new AnsweringHandler(service.protocol, (request) => revoked.get(keyOf(request)) ?? {});
      const more = { requestHandler: handler, logger: SILENT, ...config };
      const client = clientSignedBy(service, signing, session.credentials, more);
      client.middlewareStack.use(expiredTokenRecovery(session));
      t.teardown(() => client.destroy());
      return { client, handler };
    },
  };
  return recovering;
}

const silent = () => {};
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** The service of a version that is called so. */
export function serviceOf(version: string, name: string): SdkService {
  const found = VERSIONS[version]?.find(({ service }) => service === name);
  if (found === undefined) throw new Error(`no ${name} of ${version}`);
  return found;
}

export interface Answered {
  readonly $metadata: { readonly attempts?: number; readonly httpStatusCode?: number };
}

export const send = (client: SdkClient, service: SdkService, options?: { abortSignal?: AbortSignal }) =>
  client.send(service.command() as never, options) as Promise<Answered>;
