/** Tests of websockets' URLs and of AppSync's authorization, by the rules of the services' documentation. */
import { createHash, createHmac } from "node:crypto";
import { inspect } from "node:util";
import test from "ava";
import {
  type AppSyncOptions,
  appSyncRealtimeConnection,
  appSyncRealtimeStart,
  BRSError,
  type IotWebSocketOptions,
  presignIotWebSocket,
  presignTranscribeWebSocket,
  Signer,
  type TranscribeWebSocketOptions,
} from "aws-refresh-session/signing";
import { AT, clock, KEYS, NOW, SESSION_KEYS } from "../examples.js";
import { setSystemTime } from "../system-time.js";

const IOT: IotWebSocketOptions = {
  endpoint: "abc-ats.iot.eu-west-1.amazonaws.com",
  region: "eu-west-1",
  credentials: SESSION_KEYS,
  clock,
};
const TRANSCRIBE: TranscribeWebSocketOptions = {
  region: "us-west-2",
  credentials: SESSION_KEYS,
  parameters: { "language-code": "en-US", "media-encoding": "flac", "sample-rate": 16_000 },
  clock,
};
const APPSYNC: AppSyncOptions = {
  endpoint: "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql",
  region: "eu-west-1",
  credentials: SESSION_KEYS,
  clock,
};

const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

/** A signature by the steps that the documentation lists, nothing of ours in it. */
function signatureOf(canonicalRequest: string, region: string, service: string): string {
  const scope = `20150830/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${sha256(canonicalRequest)}`;
  const key = ["20150830", region, service, "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${SESSION_KEYS.secretAccessKey}`,
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

test("an IoT URL is as the documentation builds it", async (t) => {
  const { url, signature, expiresAt } = await presignIotWebSocket(IOT);
  const query =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fiotdevicegateway%2Faws4_request" +
    "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host";
  const canonical = `GET\n/mqtt\n${query}\nhost:${IOT.endpoint}\n\nhost\n${sha256("")}`;
  t.is(signature, signatureOf(canonical, "eu-west-1", "iotdevicegateway"));
  const token = encodeURIComponent(SESSION_KEYS.sessionToken);
  t.is(url, `wss://${IOT.endpoint}/mqtt?${query}&X-Amz-Signature=${signature}&X-Amz-Security-Token=${token}`);
  t.deepEqual(expiresAt, new Date(NOW + 900_000));
});

test("without a token nothing follows the signature, which is the same", async (t) => {
  const [plain, temporary] = await Promise.all([
    presignIotWebSocket({ ...IOT, credentials: KEYS }),
    presignIotWebSocket(IOT),
  ]);
  t.true(plain.url.endsWith(`&X-Amz-Signature=${plain.signature}`));
  t.is(plain.signature, temporary.signature);
});

test("the host is signed as a client of TLS sends it", async (t) => {
  for (const [endpoint, host] of [
    ["ABC-ats.iot.EU-west-1.amazonaws.com", "abc-ats.iot.eu-west-1.amazonaws.com"],
    ["abc.example.com:443", "abc.example.com"],
    ["abc.example.com:8443", "abc.example.com:8443"],
    ["[::1]:9001", "[::1]:9001"],
  ] as const) {
    const { url, signature } = await presignIotWebSocket({ ...IOT, endpoint, credentials: KEYS });
    t.true(url.startsWith(`wss://${host}/mqtt?`), url);
    const query = /\?(.*)&X-Amz-Signature/.exec(url)?.[1];
    const canonical = `GET\n/mqtt\n${query}\nhost:${host}\n\nhost\n${sha256("")}`;
    t.is(signature, signatureOf(canonical, "eu-west-1", "iotdevicegateway"));
  }
});

test("a Transcribe URL is as the documentation builds it: everything signed, token too", async (t) => {
  const { url, signature, expiresAt } = await presignTranscribeWebSocket(TRANSCRIBE);
  const { host, pathname, search } = new URL(url);
  t.is(url.split("//")[0], "wss:");
  t.is(host, "transcribestreaming.us-west-2.amazonaws.com:8443");
  t.is(pathname, "/stream-transcription-websocket");
  const pairs = search.slice(1).split("&");
  const signed = pairs.filter((pair) => !pair.startsWith("X-Amz-Signature=")).sort();
  t.deepEqual(
    signed.map((pair) => pair.split("=")[0]),
    [
      "X-Amz-Algorithm",
      "X-Amz-Credential",
      "X-Amz-Date",
      "X-Amz-Expires",
      "X-Amz-Security-Token",
      "X-Amz-SignedHeaders",
      "language-code",
      "media-encoding",
      "sample-rate",
    ],
  );
  t.true(signed.includes("X-Amz-Expires=300"));
  t.true(signed.includes("sample-rate=16000"));
  const canonical = `GET\n${pathname}\n${signed.join("&")}\nhost:${host}\n\nhost\n${sha256("")}`;
  t.is(signature, signatureOf(canonical, "us-west-2", "transcribe"));
  t.deepEqual(expiresAt, new Date(NOW + 300_000));
});

test("the other streams, partitions and endpoints of Transcribe", async (t) => {
  const urlOf = async (options: Partial<TranscribeWebSocketOptions>) =>
    (await presignTranscribeWebSocket({ ...TRANSCRIBE, ...options })).url.split("?")[0];
  const host = "transcribestreaming.us-west-2.amazonaws.com:8443";
  t.is(await urlOf({ stream: "medical" }), `wss://${host}/medical-stream-transcription-websocket`);
  t.is(await urlOf({ stream: "call-analytics" }), `wss://${host}/call-analytics-stream-transcription-websocket`);
  t.is(
    await urlOf({ region: "cn-north-1" }),
    "wss://transcribestreaming.cn-north-1.amazonaws.com.cn:8443/stream-transcription-websocket",
  );
  t.is(await urlOf({ endpoint: "127.0.0.1:1234" }), "wss://127.0.0.1:1234/stream-transcription-websocket");
});

test("expiresAt is the end of the credentials when that comes first; minValidity is honoured", async (t) => {
  setSystemTime(t, NOW);
  const expiration = new Date(NOW + 60_000);
  const credentials = { ...SESSION_KEYS, expiration };
  t.deepEqual((await presignIotWebSocket({ ...IOT, credentials })).expiresAt, expiration);
  t.deepEqual((await presignTranscribeWebSocket({ ...TRANSCRIBE, credentials })).expiresAt, expiration);
  await t.throwsAsync(presignIotWebSocket({ ...IOT, credentials, minValidity: 120 }), { instanceOf: BRSError });
});

for (const [caller, call, options, wrong] of [
  [
    "presignIotWebSocket",
    presignIotWebSocket,
    IOT,
    {
      endpoint: ["", "wss://h", "h/mqtt", "h:0", "h:65536", "h:", "a b", "u@h", 7, undefined],
      expiresIn: [0, 86_401, 1.5, "60", null],
      region: ["", "eu/west", undefined],
      credentials: [null, undefined, {}],
      minValidity: [-1, "60"],
      clock: [7],
      service: ["iot"],
    },
  ],
  [
    "presignTranscribeWebSocket",
    presignTranscribeWebSocket,
    TRANSCRIBE,
    {
      endpoint: ["wss://h", "", 7],
      expiresIn: [0, 301, "60"],
      region: ["", "eu/west", undefined],
      stream: ["video", 7, null],
      parameters: [undefined, null, [], "a=b"],
      "parameters.sample-rate": [{ "sample-rate": {} }, { "sample-rate": Number.NaN }, { "sample-rate": undefined }],
      "parameters.X-Amz-Date": [{ "X-Amz-Date": "x" }],
      "parameters.a b": [{ "a b": "x" }],
      credentials: [null, undefined, {}],
      headers: [{}],
    },
  ],
  [
    "appSyncRealtimeConnection",
    appSyncRealtimeConnection,
    APPSYNC,
    {
      endpoint: ["", "h/graphql", "http://h/graphql", "wss://h/graphql", "https://h", "https://h/", "https://h/g?a", 7],
      region: ["", "eu/west", undefined],
      credentials: [null, undefined, {}],
      clock: [7],
      api: ["x"],
    },
  ],
] as const) {
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      test(`${caller} with ${name} ${JSON.stringify(value) ?? value} is refused by name`, async (t) => {
        const option = name.startsWith("parameters.") ? "parameters" : name;
        const given = { ...options, [option]: value } as never;
        const error = await t.throwsAsync<BRSError>((call as (given: never) => Promise<unknown>)(given), {
          instanceOf: BRSError,
        });
        t.is(error?.param, name);
      });
    }
  }
}

// ---- AppSync

/** The request that AppSync checks an authorization against. */
const signedPost = (path: string, body: string) =>
  new Signer({ service: "appsync", region: "eu-west-1", credentials: SESSION_KEYS }).sign(
    {
      method: "POST",
      url: `https://abc.appsync-api.eu-west-1.amazonaws.com${path}`,
      headers: {
        accept: "application/json, text/javascript",
        "content-encoding": "amz-1.0",
        "content-type": "application/json; charset=UTF-8",
      },
      body,
    },
    AT,
  );

const decoded = (text: string, encoding: BufferEncoding) => JSON.parse(Buffer.from(text, encoding).toString());

test("AppSync's connection carries a signed POST of {} to /graphql/connect", async (t) => {
  const made = await appSyncRealtimeConnection(APPSYNC);
  const url = new URL(made.url);
  t.is(url.protocol, "wss:");
  t.is(url.host, "abc.appsync-realtime-api.eu-west-1.amazonaws.com");
  t.is(url.pathname, "/graphql");
  t.deepEqual([...url.searchParams.keys()], ["header", "payload"]);
  t.deepEqual(decoded(url.searchParams.get("payload") ?? "", "base64"), {});
  t.deepEqual(decoded(url.searchParams.get("header") ?? "", "base64"), made.authorization);
  t.deepEqual(made.protocols, ["graphql-ws"]);

  const expected = await signedPost("/graphql/connect", "{}");
  t.is(made.authorization.Authorization, expected.authorization as string);
  t.deepEqual(made.authorization, {
    accept: "application/json, text/javascript",
    "content-encoding": "amz-1.0",
    "content-type": "application/json; charset=UTF-8",
    host: "abc.appsync-api.eu-west-1.amazonaws.com",
    "x-amz-date": "20150830T123600Z",
    "x-amz-security-token": SESSION_KEYS.sessionToken,
    Authorization: expected.authorization as string,
  });
});

test("the authorization may travel as a subprotocol, in characters that one may have", async (t) => {
  const { plainUrl, headerProtocols, authorization } = await appSyncRealtimeConnection(APPSYNC);
  t.is(plainUrl, "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql");
  t.is(headerProtocols.length, 2);
  t.is(headerProtocols[0], "graphql-ws");
  t.regex(headerProtocols[1] ?? "", /^header-[\w-]+$/);
  t.deepEqual(decoded((headerProtocols[1] ?? "").slice("header-".length), "base64url"), authorization);
});

test("a domain of one's own has the socket below its path", async (t) => {
  const endpoint = new URL("https://api.example.com/graphql");
  const { plainUrl, authorization } = await appSyncRealtimeConnection({ ...APPSYNC, endpoint });
  t.is(plainUrl, "wss://api.example.com/graphql/realtime");
  t.is(authorization.host, "api.example.com");
});

test("a subscription carries a signed POST of its data to /graphql", async (t) => {
  const query = "subscription OnOrder($id: ID!) { onOrder(id: $id) { total } }";
  const variables = { id: "ü 7" };
  const start = await appSyncRealtimeStart({ id: "one", query, variables }, APPSYNC);
  t.is(start.id, "one");
  t.is(start.type, "start");
  t.deepEqual(JSON.parse(start.payload.data), { query, variables });
  const expected = await signedPost("/graphql", start.payload.data);
  t.is(start.payload.extensions.authorization.Authorization, expected.authorization as string);
});

test("a subscription without variables has none; without a token none is told", async (t) => {
  const start = await appSyncRealtimeStart({ id: "1", query: "subscription { a }" }, { ...APPSYNC, credentials: KEYS });
  t.is(start.payload.data, '{"query":"subscription { a }","variables":{}}');
  t.false("x-amz-security-token" in start.payload.extensions.authorization);
});

test("a malformed subscription is refused by name", async (t) => {
  for (const [param, value] of [
    ["id", ""],
    ["id", 7],
    ["query", undefined],
    ["variables", 7],
    ["variables", null],
    ["variables", { id: 1n }],
    ["operation", "x"],
  ] as const) {
    const subscription = { id: "1", query: "subscription { a }", [param]: value } as never;
    const error = await t.throwsAsync<BRSError>(appSyncRealtimeStart(subscription, APPSYNC), { instanceOf: BRSError });
    t.is(error?.param, param);
  }
});

test("a password in an endpoint is not told", async (t) => {
  for (const endpoint of ["https://user:hush@example.com/graphql", "user:hush@example.com/graphql"]) {
    const error = await t.throwsAsync<BRSError>(appSyncRealtimeConnection({ ...APPSYNC, endpoint }), {
      instanceOf: BRSError,
    });
    t.is(error?.param, "endpoint");
    t.false(inspect(error).includes("hush"));
  }
});
