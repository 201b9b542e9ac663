/** A wrong clock: natively signing clients learn it from the answers, and try again, exactly as their stock signers do. */

import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { HttpResponse } from "@smithy/core/protocols";
import test from "ava";
import { NativeSigV4Signer, withNativeSigning } from "aws-refresh-session/aws-sdk";
import * as oldest from "oldest-client-sts";
import { KEYS, request } from "./examples.js";
import { freezeDate } from "./frozen-date.js";

const NOW = Date.UTC(2026, 10, 21, 14);
const HOUR = 3_600_000;
const MINUTE = 60_000;

interface Answer {
  /** Error code; a success without. */
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const dated = (ahead: number, more: object = {}) => ({
  headers: { date: new Date(NOW + ahead).toUTCString(), ...more },
});

/** One list of answers for each call; the last one is repeated. */
const STORIES: Readonly<Record<string, { readonly answers: readonly Answer[]; readonly config?: object }>> = {
  "an hour behind, and told so": {
    answers: [{ code: "RequestTimeTooSkewed", ...dated(HOUR) }, dated(HOUR), dated(HOUR)],
  },
  "refused whatever is tried": { answers: [{ code: "RequestTimeTooSkewed", ...dated(HOUR) }] },
  "an hour behind, learned from a success": { answers: [dated(HOUR)] },
  "two minutes behind": {
    answers: [dated(2 * MINUTE), { code: "SignatureDoesNotMatch", ...dated(2 * MINUTE) }, dated(0)],
  },
  "refused two minutes behind": {
    answers: [
      { code: "AccessDenied", ...dated(2 * MINUTE) },
      { code: "AccessDenied", ...dated(0) },
    ],
  },
  "a clock that jumps back": { answers: [dated(HOUR), { code: "RequestExpired", ...dated(-HOUR) }, dated(-HOUR)] },
  "an answer from a cache": {
    answers: [dated(HOUR, { age: "10" }), { code: "InvalidSignatureException", ...dated(HOUR, { age: "10" }) }],
  },
  "no date, or none that is one": { answers: [{}, { code: "RequestTimeTooSkewed" }, { headers: { date: "soon" } }] },
  "a date in other letters": { answers: [{ headers: { Date: new Date(NOW + HOUR).toUTCString() } }] },
  "another refusal": { answers: [{ code: "AccessDenied", ...dated(HOUR) }, dated(HOUR)] },
  "told to leave the clock alone": {
    answers: [{ code: "RequestTimeTooSkewed", ...dated(HOUR) }, dated(HOUR)],
    config: { disableClockSkewCorrection: true, systemClockOffset: 5 * MINUTE },
  },
  "told so by a provider": { answers: [dated(HOUR)], config: { disableClockSkewCorrection: async () => true } },
  "an offset that the user gave": { answers: [{}], config: { systemClockOffset: 2 * HOUR } },
};

const ERROR = (code: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

interface StsModule {
  readonly STSClient: new (
    config: never,
  ) => { send(command: never): Promise<unknown>; destroy(): void; config: object };
  readonly GetCallerIdentityCommand: new (input: object) => object;
}

/** The dates of all attempts of three calls, how each call ended, and what the client has learned by then. */
async function told(Sts: StsModule, install: <C>(client: C) => C, more: object, answers: readonly Answer[]) {
  const dates: (string | undefined)[] = [];
  const requestHandler = {
    handle: async ({ headers }: { headers: Record<string, string> }) => {
      const { code, headers: dated = {} } = answers[Math.min(dates.length, answers.length - 1)] ?? {};
      dates.push(headers["x-amz-date"]);
      const body = Buffer.from(code === undefined ? "<Empty/>" : ERROR(code));
      const statusCode = code === undefined ? 200 : 403;
      return { response: new HttpResponse({ statusCode, headers: { "content-type": "text/xml", ...dated }, body }) };
    },
    destroy() {},
  };
  const config = { region: "us-east-1", credentials: KEYS, requestHandler, retryDelay: 0, ...more };
  const client = install(new Sts.STSClient(config as never));
  const outcomes: unknown[] = [];
  for (let call = 0; call < 3; call++) {
    const ended = client.send(new Sts.GetCallerIdentityCommand({}) as never).then(
      () => "answered",
      ({ name, $metadata }) => [name, $metadata.attempts, $metadata.clockSkewCorrected],
    );
    outcomes.push([await ended, (client.config as { systemClockOffset?: number }).systemClockOffset]);
  }
  client.destroy();
  return { dates, outcomes };
}

const schemeId = "aws.auth#sigv4";
const byHand = {
  httpAuthSchemes: [
    {
      schemeId,
      identityProvider: (config: { getIdentityProvider(id: string): unknown }) => config.getIdentityProvider(schemeId),
      signer: new NativeSigV4Signer(),
    },
  ],
};

const asMade = <C>(client: C): C => client;

for (const [title, { answers, config = {} }] of Object.entries(STORIES)) {
  test.serial(`${title}: as with the stock signer`, async (t) => {
    freezeDate(t, NOW);
    const newest = { STSClient, GetCallerIdentityCommand } as unknown as StsModule;
    const stock = await told(newest, asMade, config, answers);
    t.deepEqual(await told(newest, withNativeSigning, config, answers), stock);
    t.deepEqual(await told(newest, asMade, { ...config, ...byHand }, answers), stock);
    // Which does not know the switch.
    if ("disableClockSkewCorrection" in config) return;
    const old = oldest as unknown as StsModule;
    t.deepEqual(await told(old, withNativeSigning, config, answers), await told(old, asMade, config, answers));
  });
}

test.serial("a clock an hour behind costs one attempt more, once", async (t) => {
  freezeDate(t, NOW);
  const { answers = [] } = STORIES["an hour behind, and told so"] ?? {};
  const { dates, outcomes } = await told(
    { STSClient, GetCallerIdentityCommand } as never,
    withNativeSigning,
    {},
    answers,
  );
  t.deepEqual(dates, ["20261121T140000Z", "20261121T150000Z", "20261121T150000Z", "20261121T150000Z"]);
  t.deepEqual(outcomes, Array(3).fill(["answered", HOUR]));
});

test.serial(
  "an answer that took a quarter of an hour tells nothing of the clock, as with the stock signer",
  async (t) => {
    for (const minutes of [15, 16]) {
      const [stock] = new STSClient({ region: "us-east-1" }).config.httpAuthSchemes;
      for (const signer of [new NativeSigV4Signer(), stock?.signer as NativeSigV4Signer]) {
        freezeDate(t, NOW);
        const config = {
          region: "us-east-1",
          signingName: "sts",
          systemClockOffset: 0,
          disableClockSkewCorrection: async () => false,
          signer: async () => ({ sign: async (unsigned: object) => unsigned }),
        };
        const properties = { config, context: {} };
        await signer.sign(request() as never, KEYS, properties as never);
        freezeDate(t, NOW + minutes * MINUTE);
        signer.successHandler(new HttpResponse({ statusCode: 200, ...dated(2 * HOUR) }), properties);
        t.is(config.systemClockOffset, minutes > 15 ? 0 : 2 * HOUR - minutes * MINUTE);
      }
    }
  },
);
