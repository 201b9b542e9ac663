/** Random requests of every shape that botocore signs, told as JSON so that botocore and we can both make them. */
import type { Seeded } from "./seeded.js";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export type DataCase =
  | { kind: "none" }
  | { kind: "text"; text: string }
  | { kind: "form"; pairs: ReadonlyArray<readonly [string, string | number | string[]]> }
  | { kind: "bytes"; bytes: string }
  | { kind: "stream"; bytes: string; position: number };

export interface SigningCase {
  /** Seconds. */
  now: number;
  serviceId: string;
  operation: string;
  version: string;
  signingType: "standard" | "presign-url" | "presign-post";
  method: string;
  url: string;
  headers: Array<[string, string]>;
  data: DataCase;
  params: { mapping: boolean; pairs: Array<[string, string | number]> } | null;
  context: Record<string, unknown>;
  credentials: Keys;
  region: string;
  service: string;
  explicitRegion: string | null;
  explicitService: string | null;
  expires: number | string | null;
  token: string | null;
  /** How often the same request is signed. */
  times: number;
  /** Whether the hooks of botocore's clients are registered, and their settings. */
  hooks?: { preference: string[]; regionSet: string | null };
}

const REGIONS = ["us-east-1", "eu-central-1", "ap-south-2", "us-gov-west-1"];
const SERVICES = ["s3", "sqs", "execute-api", "s3express", "sts"];
const SCHEMES = ["sigv4", "noAuth", "httpBearerAuth", "unheard"];
const METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "patch", "Get"];
const AUTHORITIES = [
  "sqs.eu-west-1.amazonaws.com",
  "Bucket.S3.Amazonaws.COM",
  "localhost:8080",
  "example.com:443",
  "example.com:80",
  "[::1]:9000",
  "[2001:DB8::1]",
  "user:secret@example.com",
  "127.0.0.1",
  "example.com:0443",
];
const TEXTS = [
  "a",
  "key",
  "Z9",
  "é",
  "日本",
  "😀",
  "%20",
  "%2F",
  "%c3%a9",
  "%",
  "%zz",
  "+",
  "~",
  "-._",
  "*",
  "'()!",
  "$,;:@",
  " ",
  "=",
  "&x",
];
const SEGMENTS = [
  "a",
  "b c",
  ".",
  "..",
  "",
  "é",
  "%20",
  "%2F",
  "%2e",
  "a+b",
  "~",
  "x.y",
  ".hidden",
  "...",
  "日本",
  "(x)",
  "*",
  "a=b",
  ";",
  "%",
  "😀",
];
const VALUES = [
  "v",
  "  padded  ",
  "a   b",
  "tab\there",
  "nbsp\u00a0here",
  "em\u2003space ",
  "\u0085next",
  "sep\u001cfile\u001funit",
  "vt\u000bff\u000c",
  '"quoted   text"',
  "",
  " ",
  "é",
  "日本",
  "a,b",
  "zero\u200bwidth",
  "\ufeffbom",
  "ideographic\u3000space",
  "mongolian\u180e",
];
const NAMES = [
  "X-Custom",
  "x-custom",
  "Content-Type",
  "content-md5",
  "Accept",
  "Cache-Control",
  "X-Amz-Meta-Tag",
  "x-amz-meta-tag",
  "Range",
  "If-Match",
  "Referer",
  "Content-Length",
  "X-Amz-Target",
  "x-amz-checksum-crc32",
  "Sec-Fetch-Mode",
];
const NEVER_SIGNED = [
  "Connection",
  "Expect",
  "User-Agent",
  "TE",
  "Trailer",
  "Upgrade",
  "X-Amzn-Trace-Id",
  "Keep-Alive",
  "Transfer-Encoding",
];
const LEFT_BEHIND = [
  "Authorization",
  "X-Amz-Date",
  "x-amz-security-token",
  "X-Amz-Content-SHA256",
  "Date",
  "date",
  "x-amz-s3session-token",
];
/** White space to the CRT and to no HTTP client: none can send it. */
const UNSENDABLE = ["\v", "\f"];
const FORM = "application/x-www-form-urlencoded; charset=utf-8";

export function keys(random: Seeded): Keys {
  return {
    accessKeyId: `AKID${random.below(1000)}`,
    secretAccessKey: random.pick(["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "s", "sécrèt 日本", "x".repeat(200)]),
    ...(random.chance(0.5)
      ? { sessionToken: random.pick(["token", "Fwo//+==", `t${"A/+=".repeat(100)}`, "a%b&c~*"]) }
      : {}),
  };
}

export function headerCase(random: Seeded): SigningCase {
  const version = random.pick(["v4", "s3v4", "v4-s3express"]);
  return aCase(random, version, "standard", (made) => {
    made.times = random.chance(0.1) ? 2 : 1;
    made.data = data(random);
    if (made.data.kind === "stream" && made.times === 2) made.times = 1;
    if (random.chance(0.3)) made.params = params(random);
  });
}

export function presignCase(random: Seeded): SigningCase {
  const version = random.pick(["v4", "v4-query", "s3v4", "s3v4-query", "v4-s3express"]);
  return aCase(random, version, "presign-url", (made) => {
    made.expires = random.pick([null, 1, 60, 3600, 604_800, 604_801, 0, -5, 3600.5, "abc", "1 2"]);
    if (random.chance(0.3)) made.headers.push(["Content-Type", FORM]);
    if (random.chance(0.3)) made.params = params(random);
    if (random.chance(0.1)) made.url += "#fragment";
    made.data = random.pick<() => DataCase>([
      () => ({ kind: "none" }),
      () => ({ kind: "text", text: "" }),
      () => ({ kind: "text", text: jsonText(random) }),
      () => ({ kind: "bytes", bytes: base64(jsonText(random)) }),
      () => ({ kind: "form", pairs: form(random) }),
    ])();
  });
}

export function postCase(random: Seeded): SigningCase {
  return aCase(random, random.pick(["s3v4", "s3v4-presign-post", "v4-s3express"]), "presign-post", (made) => {
    if (random.chance(0.8)) {
      made.context.s3PresignPostFields = Object.fromEntries(random.list(3, () => [`f${text(random)}`, text(random)]));
    }
    if (random.chance(0.9)) {
      made.context.s3PresignPostPolicy = {
        expiration: "2030-01-01T00:00:00Z",
        ...(random.chance(0.8) ? { conditions: random.list(5, () => condition(random)) } : {}),
        ...(random.chance(0.2) ? { after: text(random) } : {}),
      };
    }
  });
}

/** A case of v4a and s3v4a, within what the CRT takes: see the test for what it does otherwise. */
export function asymmetricCase(random: Seeded): SigningCase {
  const signingType = random.pick(["standard", "presign-url"] as const);
  return aCase(random, random.pick(["v4a", "s3v4a"]), signingType, (made) => {
    made.region = random.pick(["us-east-1", "*", "us-east-1,eu-west-1", "us-*,eu-central-1"]);
    made.method = made.method.toUpperCase();
    made.headers = made.headers.filter(([, value]) => !UNSENDABLE.some((each) => value.includes(each)));
    if (signingType === "standard") made.data = data(random);
    // The CRT is given parameters as they are, and reads a "%" or "&" of theirs for its own: these are read the same by both.
    if (signingType === "standard" && random.chance(0.3)) {
      made.params = {
        mapping: true,
        pairs: random.list(4, (n) => [
          `${random.pick(["a b", "é", "x'", "/"])}${n}`,
          random.pick(["c d", "x/y:z", 5, "日本", "~"]),
        ]),
      };
    }
    if (signingType !== "standard") made.expires = random.pick([null, 1, 60, 3600, 604_800]);
    // The CRT hashes a body from its first byte, whatever the position from which it is then sent.
    if (made.data.kind === "stream") made.data.position = 0;
  });
}

/** A case with the hooks of clients. */
export function hookCase(random: Seeded): SigningCase {
  const [serviceId, operation] = random.pick([
    ["S3", "PutObject"],
    ["Polly", "SynthesizeSpeech"],
    ["STS", "AssumeRoleWithWebIdentity"],
    ["STS", "AssumeRole"],
    ["Cognito Identity", "GetId"],
    ["Cognito Identity", "ListIdentities"],
  ] as const);
  return aCase(random, random.pick(["v4", "s3v4"]), random.pick(["standard", "presign-url"] as const), (made) => {
    Object.assign(made, { serviceId, operation, token: "token", url: "https://example.com/a/../b" });
    made.hooks = { preference: random.list(2, () => random.pick(SCHEMES)), regionSet: random.pick([null, "eu-*"]) };
    delete made.context.s3PayloadSigning;
    // botocore would add a second one to an unsigned request.
    made.headers = made.headers.filter(([name]) => name !== "X-Amz-Content-SHA256");
    if (random.chance(0.5)) made.context.authType = random.pick(["v4", "none", "bearer", "v4-unsigned-body", "s3v4"]);
    if (random.chance(0.3)) made.context.unsignedPayload = random.chance(0.5);
    if (random.chance(0.5)) {
      made.context.authOptions = random.list(3, () =>
        random.pick(["aws.auth#sigv4", "smithy.api#noAuth", "smithy.api#httpBearerAuth"]),
      );
    }
  });
}

function aCase(
  random: Seeded,
  version: string,
  signingType: SigningCase["signingType"],
  refine: (made: SigningCase) => void,
): SigningCase {
  const made: SigningCase = {
    now: random.below(4_000_000_000),
    serviceId: "S3",
    operation: "Operation",
    version,
    signingType,
    method: random.pick(METHODS),
    url: url(random),
    headers: headers(random),
    data: { kind: "none" },
    params: null,
    context: context(random),
    credentials: keys(random),
    region: random.pick(REGIONS),
    service: random.pick(SERVICES),
    explicitRegion: random.chance(0.1) ? random.pick(REGIONS) : null,
    explicitService: random.chance(0.1) ? random.pick(SERVICES) : null,
    expires: null,
    token: null,
    times: 1,
  };
  if (version.startsWith("v4-s3express"))
    made.context.identity = { ...keys(random), sessionToken: random.pick(["express", "A/+=&%"]) };
  refine(made);
  return made;
}

function text(random: Seeded): string {
  return random.list(4, () => random.pick(TEXTS)).join("") || "t";
}

function url(random: Seeded): string {
  const scheme = random.pick(["https", "https", "http", "HTTPS"]);
  const path = random.pick<() => string>([
    () => "",
    () => "/",
    () => `/${random.list(5, () => random.pick(SEGMENTS)).join("/")}`,
    () => `/${random.list(5, () => random.pick(SEGMENTS)).join("/")}/`,
    () => "//",
  ])();
  const query = random.chance(0.5) ? `?${random.list(5, () => pair(random)).join(random.pick(["&", "&", "&&"]))}` : "";
  return `${scheme}://${random.pick(AUTHORITIES)}${path}${query}`;
}

function pair(random: Seeded): string {
  const name = random.pick(["a", "A", "b", "list-type", "é", "%20", "%c3%a9", "+", "a%2Fb", "X-Amz-Meta", "", "日本"]);
  return random.pick([
    name,
    `${name}=`,
    `${name}=${random.pick(["1", "v/x", "a=b", "a b", "%7E", "~", "+", "%zz", "é", "%ff", ";"])}`,
  ]);
}

function headers(random: Seeded): Array<[string, string]> {
  const made: Array<[string, string]> = random.list(5, () => [random.pick(NAMES), random.pick(VALUES)]);
  if (random.chance(0.3)) made.push([random.pick(NEVER_SIGNED), random.pick(VALUES)]);
  if (random.chance(0.3))
    made.push([random.pick(LEFT_BEHIND), random.pick(["old", "2015", "UNSIGNED-PAYLOAD", "a  b"])]);
  if (random.chance(0.1))
    made.push([random.pick(["Host", "host"]), random.pick(["Other.example.com", "example.com:443"])]);
  return made;
}

function context(random: Seeded): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  if (random.chance(0.3)) made.payloadSigningEnabled = random.chance(0.5);
  if (random.chance(0.3)) made.hasStreamingInput = random.chance(0.5);
  if (random.chance(0.2)) made.s3PayloadSigning = random.chance(0.5);
  if (random.chance(0.3)) {
    made.checksum = {
      requestAlgorithm: { in: random.pick(["header", "trailer"]), name: "x-amz-checksum-crc32", algorithm: "crc32" },
    };
  }
  if (random.chance(0.2)) {
    made.signing = {
      ...(random.chance(0.5) ? { region: random.pick(REGIONS) } : {}),
      ...(random.chance(0.5) ? { signingName: random.pick(SERVICES) } : {}),
      ...(random.chance(0.3) ? { requestCredentials: keys(random) } : {}),
    };
  }
  return made;
}

function data(random: Seeded): DataCase {
  const content = random.pick(["", "x", "{}", "é日本😀", "a".repeat(10_000)]);
  return random.pick<() => DataCase>([
    () => ({ kind: "none" }),
    () => ({ kind: "text", text: content }),
    () => ({ kind: "bytes", bytes: base64(content) }),
    () => ({ kind: "form", pairs: form(random) }),
    () => ({ kind: "stream", bytes: base64(content), position: Math.min(random.below(3), Buffer.byteLength(content)) }),
  ])();
}

function params(random: Seeded): SigningCase["params"] {
  const value = () => random.pick<() => string | number>([() => text(random), () => random.below(100), () => 1.5])();
  const pairs = random.list(4, (): [string, string | number] => [text(random), value()]);
  return { mapping: random.chance(0.5), pairs };
}

function form(random: Seeded): Array<readonly [string, string | number | string[]]> {
  return random.list(4, (index) => {
    const value = random.pick<() => string | number | string[]>([
      () => text(random),
      () => random.below(1000),
      () => random.list(3, () => text(random)),
    ])();
    return [`${random.pick(["p", "2", ""])}${index}${text(random)}`, value] as const;
  });
}

/** JSON as other programs write it, which `JSON.stringify` would not. */
function jsonText(random: Seeded): string {
  const scalar = () =>
    random.pick([
      JSON.stringify(text(random)),
      "1",
      "-0",
      "1.0",
      "1e5",
      "0.00001",
      "12345678901234567890",
      "1e16",
      "true",
      "null",
      '"\\u00e9\\n"',
    ]);
  const members = random.list(4, () => {
    const value = random.chance(0.2) ? `[${random.list(3, scalar).join(" , ")}]` : scalar();
    return `${JSON.stringify(text(random))}:${random.pick(["", " "])}${value}`;
  });
  return `{${random.pick(["", "\n"])}${members.join(",")}}`;
}

function condition(random: Seeded): unknown {
  return random.pick<() => unknown>([
    () => ({ bucket: text(random) }),
    () => ["starts-with", "$key", text(random)],
    () => ["content-length-range", 1, random.below(1_000_000)],
    () => ({ acl: 'quo"te\\ \u007f\u0001\n\t/' }),
    () => ["eq", "$x", true],
    () => ({ n: null, nested: { a: [1.5, []] } }),
  ])();
}

function base64(content: string): string {
  return Buffer.from(content).toString("base64");
}
