/** Tests of tampering: whatever is changed of what was signed is refused, by hand and by chance. */
import { inspect } from "node:util";
import test from "ava";
import { type ReceivedRequest, VerificationError, type VerifyOptions } from "aws-refresh-session/signing";
import { AT, KEYS, SESSION_KEYS, signerWith } from "./examples.js";
import { received } from "./received.js";
import { meaning, presignedAs } from "./reference.js";
import { host, plain, refusal, verify } from "./refusals.js";

const service = "execute-api";
for (const [form, make] of [
  [
    "headers",
    async () =>
      received(
        await signerWith({ service, credentials: SESSION_KEYS }).signRequest(
          {
            method: "PUT",
            url: `https://${host}/path/to?x=1&y=2`,
            headers: { "Content-Type": "text/plain" },
            body: "content",
          },
          AT,
        ),
      ),
  ],
  [
    "query",
    async () => {
      const request = {
        method: "PUT",
        url: `https://${host}/path/to?x=1&y=2`,
        headers: { "Content-Type": "text/plain" },
        body: "content",
      };
      const { url } = signerWith({ service, credentials: SESSION_KEYS }).presignSync(request, { ...AT, expiresIn: 60 });
      return received({ ...request, url });
    },
  ],
] as const) {
  const options = { service, getCredentials: () => SESSION_KEYS };
  const header = (request: ReceivedRequest, name: string, value: string) => {
    const at = request.rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
    return { ...request, rawHeaders: request.rawHeaders.with(at + 1, value) };
  };

  for (const [title, tamper] of [
    ["the method", (request) => ({ ...request, method: "GET" })],
    ["the path", (request) => ({ ...request, target: request.target.replace("/to", "/too") })],
    ["the case of the path", (request) => ({ ...request, target: request.target.replace("/to", "/To") })],
    ["an escape in the path", (request) => ({ ...request, target: request.target.replace("/to", "/t%6F") })],
    ["a slash at the end of the path", (request) => ({ ...request, target: request.target.replace("/to", "/to/") })],
    ["a value of the query", (request) => ({ ...request, target: request.target.replace("x=1", "x=2") })],
    ["a name of the query", (request) => ({ ...request, target: request.target.replace("x=1", "X=1") })],
    ["one parameter more", (request) => ({ ...request, target: `${request.target}&z` })],
    ["one parameter less", (request) => ({ ...request, target: request.target.replace("x=1&", "") })],
    ["two values exchanged", (request) => ({ ...request, target: request.target.replace("x=1&y=2", "x=2&y=1") })],
    ["a parameter repeated", (request) => ({ ...request, target: request.target.replace("x=1", "x=1&x=1") })],
    ["a signed header", (request) => header(request, "content-type", "text/html")],
    ["the case of a signed header's value", (request) => header(request, "content-type", "TEXT/plain")],
    [
      "a signed header repeated",
      (request) => ({ ...request, rawHeaders: [...request.rawHeaders, "content-type", "text/plain"] }),
    ],
    [
      "a signed header dropped",
      (request) => ({
        ...request,
        rawHeaders: request.rawHeaders.filter((text) => !/^(content-type|text.plain)$/i.test(text)),
      }),
    ],
    ["the body", (request) => ({ ...request, body: "Content" })],
    ["a body cut short", (request) => ({ ...request, body: "conten" })],
    ["no body", (request) => ({ ...request, body: "" })],
  ] satisfies [string, (request: ReceivedRequest) => ReceivedRequest][]) {
    test(`${form}: tampering with ${title} is refused`, async (t) => {
      const request = await make();
      t.is((await verify(request, options)).payload, "verified");
      const tampered = tamper(request);
      t.notDeepEqual(tampered, request);
      await t.throwsAsync(verify(tampered, options), refusal("SignatureDoesNotMatch"));
    });
  }

  test(`${form}: every other digit of the signature is refused`, async (t) => {
    const request = await make();
    const text = JSON.stringify(request);
    const signature = /Signature=([0-9a-f]{64})/.exec(text)?.[1] ?? "";
    t.is(signature.length, 64);
    for (let at = 0; at < 64; at++) {
      const digit = signature[at] === "0" ? "1" : "0";
      const changed = signature.slice(0, at) + digit + signature.slice(at + 1);
      const tampered = JSON.parse(text.replace(signature, changed)) as ReceivedRequest;
      await t.throwsAsync(verify(tampered, options), refusal("SignatureDoesNotMatch"));
    }
  });
}

for (const [name, value] of [
  ["X-Amz-Expires", "3601"],
  ["X-Amz-Date", "20150830T123601Z"],
] as const) {
  test(`a presigned URL whose ${name} was changed is refused`, async (t) => {
    const request = presignedAs(plain);
    const target = request.target.replace(new RegExp(`${name}=[^&]+`), `${name}=${value}`);
    t.not(target, request.target);
    await t.throwsAsync(verify({ ...request, target }), refusal("SignatureDoesNotMatch"));
  });
}

// ---- tampering by chance

/** A small generator of random numbers that a seed repeats (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Pick = (below: number) => number;

const ALPHABET = [
  ..."aZ09-._~!$&'()*+,;=:@/?%# \t\"<>[]{}|^`\\",
  "%2F",
  "%2e",
  "..",
  "//",
  "&",
  "=",
  "é",
  "\u0161",
  "\n",
  "\0",
  "\x7f",
];
const NAMES = [
  "x-a",
  "X-Amz-Meta-B",
  "x-amz-date",
  "host",
  "cookie",
  "authorization",
  "x-amz-security-token",
  "content-type",
];

function mutatedText(text: string, pick: Pick): string {
  const at = pick(text.length + 1);
  const insert = ALPHABET[pick(ALPHABET.length)] ?? "";
  switch (pick(6)) {
    case 0:
      return text.slice(0, at) + insert + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + insert + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + text.charAt(at).toUpperCase() + text.slice(at + 1);
    case 4:
      return text.slice(0, at) + text.charAt(at).toLowerCase() + text.slice(at + 1);
    default:
      // One character in its other spelling.
      return (
        text.slice(0, at) +
        (text.charAt(at) === "" ? "" : `%${text.charCodeAt(at).toString(16).padStart(2, "0")}`) +
        text.slice(at + 1)
      );
  }
}

function mutatedQuery(target: string, pick: Pick): string {
  const [path = "", query = ""] = target.split("?");
  const pairs = query.split("&");
  const [one, two] = [pick(pairs.length), pick(pairs.length)];
  const first = pairs[one] ?? "";
  switch (pick(4)) {
    case 0:
      return `${path}?${pairs
        .with(one, pairs[two] ?? "")
        .with(two, first)
        .join("&")}`;
    case 1:
      return `${path}?${pairs.toSpliced(one, 1).join("&")}`;
    case 2:
      return `${path}?${pairs.toSpliced(two, 0, first).join("&")}`;
    default:
      return `${path}?${pairs.toSpliced(one, 0, "").join("&")}`;
  }
}

function mutatedHeaders(rawHeaders: readonly string[], pick: Pick): string[] {
  const at = pick(rawHeaders.length / 2) * 2;
  const name = NAMES[pick(NAMES.length)] ?? "";
  const [heldName = "", heldValue = ""] = rawHeaders.slice(at, at + 2);
  switch (pick(8)) {
    case 0:
      return rawHeaders.with(at, mutatedText(heldName, pick));
    case 1:
      return rawHeaders.toSpliced(at, 2);
    case 2:
      return rawHeaders.toSpliced(at, 0, name, heldValue);
    case 3:
      return [...rawHeaders, heldName, heldValue];
    case 4:
      return [...rawHeaders.toSpliced(at, 2), heldName, heldValue];
    case 5:
      return rawHeaders.with(at + 1, `  ${heldValue.replaceAll(" ", "  ")}\t`);
    default:
      return rawHeaders.with(at + 1, mutatedText(heldValue, pick));
  }
}

function mutated(request: ReceivedRequest, pick: Pick): ReceivedRequest {
  switch (pick(7)) {
    case 0:
      return { ...request, method: ["POST", "put", "Put", "PUTT", "PUT ", "", "GET"][pick(7)] ?? "" };
    case 1:
      return { ...request, body: mutatedText(String(request.body), pick) };
    case 2:
      return { ...request, target: mutatedQuery(request.target, pick) };
    case 3:
    case 4:
      return { ...request, target: mutatedText(request.target, pick) };
    default:
      return { ...request, rawHeaders: mutatedHeaders(request.rawHeaders, pick) };
  }
}

const seed = process.env.FUZZ_SEED === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(process.env.FUZZ_SEED);
const ROUNDS = 2_000;

for (const [index, fuzzed] of ["execute-api", "s3"].entries()) {
  test(`${fuzzed}: of ${ROUNDS} random changes each that changes what is signed is refused`, async (t) => {
    const pick = randomFrom(seed + index);
    const signer = signerWith({ service: fuzzed, credentials: SESSION_KEYS });
    const request = {
      method: "PUT",
      url: `https://${host}/path/%20to/(it)?x=1&y=a%2Fb&y=a+c&z`,
      headers: { "Content-Type": "text/plain  ; a", "X-A": "1", "X-Amz-Meta-B": "b", Cookie: "c=d" },
      body: "content",
    };
    const options: Partial<VerifyOptions> = {
      service: fuzzed,
      payload: "allow-unsigned",
      getCredentials: ({ accessKeyId }) => (accessKeyId === KEYS.accessKeyId ? SESSION_KEYS : undefined),
    };
    const unsigned = signerWith({ service: fuzzed, credentials: SESSION_KEYS, unsignedHeaders: ["cookie"] });
    const originals = [
      received(await signer.signRequest(request, AT)),
      received(await unsigned.signRequest(request, AT)),
      received({ ...request, url: signer.presignSync(request, { ...AT, expiresIn: 60 }).url }),
      received({
        ...request,
        body: "",
        url: signer.presignSync({ ...request, body: null }, { ...AT, expiresIn: 60 }).url,
      }),
    ];
    for (const original of originals) await verify(original, options);
    const meanings = originals.map((original) => meaning(original, fuzzed));
    let [accepted, refused] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const which = pick(originals.length);
      let changed = originals[which] as ReceivedRequest;
      for (let times = 1 + pick(2); times > 0; times--) changed = mutated(changed, pick);
      const told = `FUZZ_SEED=${seed}, round ${round}\n${inspect(changed)}\nof ${inspect(originals[which])}`;
      try {
        await verify(changed, options);
        accepted++;
        t.is(meaning(changed, fuzzed), meanings[which] ?? "", told);
      } catch (error) {
        refused++;
        t.true(error instanceof VerificationError, `${told}\n${inspect(error)}`);
        t.false(inspect(error).includes(KEYS.secretAccessKey), told);
      }
    }
    // Spellings that mean the same are among the changes, or the test would prove little.
    t.true(
      accepted > ROUNDS / 50 && refused > ROUNDS / 2,
      `FUZZ_SEED=${seed}: ${accepted} accepted, ${refused} refused`,
    );
  });
}
