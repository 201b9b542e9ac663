/** URLs of websockets against botocore's presigner: the same, but for the scheme, and for the token that IoT wants unsigned. */
import { presignIotWebSocket, presignTranscribeWebSocket } from "aws-refresh-session/signing";
import { ask, oracleTest } from "./python-oracle.js";
import { seeded } from "./seeded.js";

const random = seeded();
const { below, pick, text } = random;
const BASE64 = [..."ABCxyz019+/="];
const PARAMETERS = [
  "language-code",
  "media-encoding",
  "sample-rate",
  "session-id",
  "vocabulary-name",
  "show-speaker-label",
];
const ODD = [..."aZ09-_.~ +%&=?#/\\:;,@!$'()*", "é", "日本", "😀"];

const newCase = (parameters: Record<string, string>) => ({
  region: pick(["us-east-1", "eu-west-1", "ap-southeast-2"]),
  accessKeyId: `AKIA${text(["A", "B", "7"], 16)}`,
  secretAccessKey: text(BASE64, 40),
  sessionToken: below(2) === 0 ? undefined : text(BASE64, 600),
  expiresIn: 1 + below(300),
  now: below(4_102_444_800) * 1_000,
  parameters,
});

type Case = ReturnType<typeof newCase>;

const credentialsOf = ({ accessKeyId, secretAccessKey, sessionToken }: Case) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
});

oracleTest("300 random Transcribe URLs equal botocore's, byte for byte", async (t) => {
  t.log(`SEED=${random.seed}`);
  const cases = Array.from({ length: 300 }, () => {
    const names = PARAMETERS.filter(() => below(2) === 0);
    return newCase(Object.fromEntries(names.map((name) => [name, text(ODD, 6)])));
  });
  const asked = cases.map((each) => ({
    ...each,
    service: "transcribe",
    url: `https://transcribestreaming.${each.region}.amazonaws.com:8443/stream-transcription-websocket`,
  }));
  const expected = ask<string>("botocore-sockets.py", asked);
  for (const [index, each] of cases.entries()) {
    const { region, expiresIn, parameters, now } = each;
    const made = await presignTranscribeWebSocket({
      region,
      expiresIn,
      parameters,
      credentials: credentialsOf(each),
      clock: () => now,
    });
    t.is(made.url.replace(/^wss:/, "https:"), expected[index] as string, JSON.stringify(each));
    t.true(made.url.includes(`&X-Amz-Signature=${made.signature}`));
  }
});

oracleTest("300 random IoT URLs equal botocore's without the token, which follows unsigned", async (t) => {
  t.log(`SEED=${random.seed}`);
  const cases = Array.from({ length: 300 }, () => newCase({}));
  const endpoint = (each: Case) => `abc-ats.iot.${each.region}.amazonaws.com`;
  const asked = cases.map((each) => ({
    ...each,
    sessionToken: undefined,
    service: "iotdevicegateway",
    url: `https://${endpoint(each)}/mqtt`,
  }));
  const expected = ask<string>("botocore-sockets.py", asked);
  for (const [index, each] of cases.entries()) {
    const { region, expiresIn, sessionToken, now } = each;
    const { url } = await presignIotWebSocket({
      endpoint: endpoint(each),
      region,
      expiresIn,
      credentials: credentialsOf(each),
      clock: () => now,
    });
    const token = sessionToken === undefined ? "" : `&X-Amz-Security-Token=${encodeURIComponent(sessionToken)}`;
    t.is(url.replace(/^wss:/, "https:"), `${expected[index]}${token}`, JSON.stringify(each));
  }
});
