/** RequestSigner: which version signs, for whom and where, what the hooks may do, and every way of being refused by name. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import test from "ava";
import {
  AwsRequest,
  type AwsRequestInit,
  authTypes,
  BRSConfigurationError,
  BRSCredentialError,
  BRSError,
  BRSValidationError,
  type ChooseSignerEvent,
  NoCredentialsError,
  NoRegionError,
  RequestSigner,
  type RequestSignerOptions,
  type RequestSignOptions,
  registerDefaultSigningHooks,
  resolveAuthSchemePreference,
  resolveAuthType,
  SigningError,
  SigningEvents,
  UnknownSignatureVersionError,
  UnsupportedSignatureVersionError,
} from "aws-refresh-session/signing";
import { MemoryFile } from "../../parity/botocore-ours.js";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hush-secret", sessionToken: "hush-token" };
const NOW = Date.parse("2015-08-30T12:36:00.999Z");

const signerOf = (options: Partial<RequestSignerOptions> = {}) =>
  new RequestSigner({
    serviceId: "API Gateway",
    region: "us-east-1",
    signingName: "execute-api",
    signatureVersion: "v4",
    credentials: KEYS,
    clock: () => NOW,
    ...options,
  });
const requestOf = (init: Partial<AwsRequestInit> = {}) => new AwsRequest({ url: "https://example.com/a", ...init });

async function credentialOf(signer: RequestSigner, init?: Partial<AwsRequestInit>, options?: RequestSignOptions) {
  const request = requestOf(init);
  await signer.sign("GetRest", request, options);
  const found = /Credential=([^,&]+)/.exec(request.headers.get("authorization") ?? request.url)?.[1] ?? "";
  return decodeURIComponent(found);
}

test("every auth type signs in its form", async (t) => {
  for (const version of authTypes) {
    if (version.includes("s3express")) continue;
    const request = requestOf();
    await signerOf({ signatureVersion: version, authToken: { token: "t" } }).sign("GetRest", request);
    const authorization = request.headers.get("authorization");
    if (version === "none") t.is(authorization, undefined);
    else if (version === "bearer") t.is(authorization, "Bearer t");
    else if (version.endsWith("-query")) t.regex(request.url, /X-Amz-Signature=[0-9a-f]{64,}$/, version);
    else if (version.endsWith("-post"))
      t.regex(request.context.s3PresignPostFields?.["x-amz-signature"] ?? "", /^[0-9a-f]{64}$/);
    else
      t.regex(authorization ?? "", /^AWS4-(HMAC-SHA256|ECDSA-P256-SHA256) Credential=AKIDEXAMPLE\/20150830\//, version);
    t.is(request.context.timestamp, version === "none" || version === "bearer" ? undefined : "20150830T123600Z");
  }
});

test("the call's region wins over the request's, that over the signer's; for names the request's wins", async (t) => {
  const signer = signerOf();
  t.is(await credentialOf(signer), "AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request");
  const init = () => ({ context: { signing: { region: "eu-west-1", signingName: "sqs" } } });
  t.is(await credentialOf(signer, init()), "AKIDEXAMPLE/20150830/eu-west-1/sqs/aws4_request");
  const call = { region: "ap-south-1", signingName: "sns" };
  t.is(await credentialOf(signer, init(), call), "AKIDEXAMPLE/20150830/ap-south-1/sqs/aws4_request");
  t.is(await credentialOf(signer, {}, call), "AKIDEXAMPLE/20150830/ap-south-1/sns/aws4_request");
});

test("a request may bring its own credentials and its own version", async (t) => {
  const requestCredentials = async () => ({ accessKeyId: "OTHER", secretAccessKey: "s" });
  const context = { signing: { requestCredentials } };
  t.is(await credentialOf(signerOf(), { context }), "OTHER/20150830/us-east-1/execute-api/aws4_request");
  t.is(
    await credentialOf(signerOf({ credentials: undefined }), { context }),
    "OTHER/20150830/us-east-1/execute-api/aws4_request",
  );
  const request = requestOf({ context: { authType: "s3v4" } });
  await signerOf().sign("GetRest", request);
  t.true(request.headers.has("x-amz-content-sha256"));
});

test("hooks are told in order, by service and operation, before anything is signed", async (t) => {
  const told: string[] = [];
  const events = new SigningEvents();
  const tell = (name: string) => (event: { signatureVersion: string; operationName: string }) => {
    told.push(`${name} ${event.operationName} ${event.signatureVersion}`);
  };
  events.on("before-sign.*.*", tell("any"));
  events.on("before-sign.api-gateway.GetRest", tell("exact"));
  events.on("before-sign.api-gateway.Other", tell("other"));
  events.on("before-sign.s3.*", tell("s3"));
  const off = events.on("before-sign", tell("prefix"));
  events.on("choose-signer.api-gateway", tell("choose"));
  events.on("before-sign.*.GetRest", ({ request, region, signingName, serviceId, requestSigner }) => {
    t.deepEqual([region, signingName, serviceId], ["us-east-1", "execute-api", "API Gateway"]);
    t.true(requestSigner instanceof RequestSigner);
    request.headers.add("x-hook", "signed");
  });
  const request = requestOf();
  const signer = signerOf({ events });
  const signed = signer.sign("GetRest", request, { signingType: "presign-url", region: "eu-west-1" });
  t.deepEqual(told, [
    "choose GetRest v4-query",
    "any GetRest v4-query",
    "exact GetRest v4-query",
    "prefix GetRest v4-query",
  ]);
  await signed;
  t.regex(request.url, /SignedHeaders=host%3Bx-hook/);
  off();
  await signer.sign("Nothing", requestOf());
  t.deepEqual(told.slice(4), ["choose Nothing v4", "any Nothing v4"]);
});

test("the first choice of a version wins, gets its suffix, and ends the event", async (t) => {
  const events = new SigningEvents();
  const seen: string[] = [];
  const choose = (version: string | undefined) => (event: ChooseSignerEvent) => {
    seen.push(event.signatureVersion);
    if (version !== undefined) event.signatureVersion = version;
  };
  events.on("choose-signer.*.*", choose(undefined));
  events.on("choose-signer.*.*", choose("s3v4"));
  events.on("choose-signer.*.*", choose("bearer"));
  const request = requestOf();
  await signerOf({ events }).sign("GetRest", request, { signingType: "presign-url" });
  t.deepEqual(seen, ["v4-query", "v4-query"]);
  t.regex(request.url, /X-Amz-Signature/);
  const twice = new SigningEvents();
  twice.on("choose-signer", (event) => {
    event.signatureVersion = "none";
    event.signatureVersion = "v4";
    t.is(event.signatureVersion, "none");
  });
  const untouched = requestOf();
  twice.on("before-sign", ({ signatureVersion }) => t.is(signatureVersion, "none"));
  await signerOf({ events: twice }).sign("GetRest", untouched, { signingType: "presign-post" });
  t.deepEqual([...untouched.headers], []);
});

test("the hooks of clients choose v4a and its region set, and can be removed", async (t) => {
  const events = new SigningEvents();
  const off = registerDefaultSigningHooks(events, { authSchemePreference: ["sigv4a"], sigv4aSigningRegionSet: "eu-*" });
  const authOptions = ["aws.auth#sigv4", "aws.auth#sigv4a"];
  for (const context of [{ authType: "v4a" }, { authOptions }]) {
    const request = requestOf({ context });
    await signerOf({ events }).sign("GetRest", request);
    t.is(request.headers.get("x-amz-region-set"), "eu-*");
  }
  const s3 = requestOf({ context: { authType: "v4a", signing: { region: "us-west-2", signingName: "s3" } } });
  await signerOf({ events }).sign("GetRest", s3);
  t.is(s3.headers.get("x-amz-region-set"), "eu-*", "the configured set wins over the request's region");
  t.regex(s3.headers.get("authorization") ?? "", /ECDSA.*\/s3\/.*x-amz-content-sha256/);
  off();
  const preferring = registerDefaultSigningHooks(events, { authSchemePreference: ["sigv4"] });
  const own = requestOf({ context: { authType: "s3v4", authOptions } });
  await signerOf({ events }).sign("GetRest", own);
  t.true(own.headers.has("x-amz-content-sha256"), "a preference for what the signer does anyway changes nothing");
  preferring();
  registerDefaultSigningHooks(events);
  for (const [region, signing] of [
    ["us-west-2", { region: "us-west-2" }],
    ["*", {}],
  ] as const) {
    const request = requestOf({ context: { authType: "v4a", signing } });
    await signerOf({ events }).sign("GetRest", request);
    t.is(request.headers.get("x-amz-region-set"), region);
  }
  for (const [param, wrong] of [
    ["nonsense", { nonsense: 1 }],
    ["authSchemePreference", { authSchemePreference: "sigv4" }],
    ["sigv4aSigningRegionSet", { sigv4aSigningRegionSet: 5 }],
  ] as const) {
    const error = t.throws(() => registerDefaultSigningHooks(events, wrong as never), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, param);
  }
});

test("a hook that throws ends the signature", async (t) => {
  const events = new SigningEvents();
  events.on("before-sign", () => {
    throw new Error("not today");
  });
  const request = requestOf();
  await t.throwsAsync(signerOf({ events }).sign("GetRest", request), { message: "not today" });
  t.false(request.headers.has("authorization"));
});

test("a listener that is asynchronous is refused, and what it rejects with is handled", async (t) => {
  const events = new SigningEvents();
  events.on("before-sign", async () => {
    await Promise.resolve();
    throw new Error("too late");
  });
  const request = requestOf();
  await t.throwsAsync(signerOf({ events }).sign("List", request), {
    instanceOf: BRSValidationError,
    message: /before-sign\.api-gateway\.List.*promise/,
  });
  t.false(request.headers.has("authorization"));
  await new Promise((resolve) => setImmediate(resolve));
});

test("signing again replaces what the first signature wrote", async (t) => {
  for (const signatureVersion of ["v4", "s3v4", "v4a", "s3v4a"]) {
    let now = NOW;
    const signer = signerOf({ signatureVersion, clock: () => now });
    const request = requestOf({ method: "PUT", data: "content" });
    await signer.sign("PutRest", request);
    const names = [...request.headers].map(([name]) => name.toLowerCase()).sort();
    now += 60_000;
    await signer.handler("PutRest", request);
    t.deepEqual([...request.headers].map(([name]) => name.toLowerCase()).sort(), names, signatureVersion);
    t.is(request.headers.get("x-amz-date"), "20150830T123700Z");
  }
});

test("the token of an earlier signature leaves with its credentials", async (t) => {
  const { sessionToken: _, ...lasting } = KEYS;
  const request = requestOf();
  await signerOf().sign("List", request);
  const copy = request.copy();
  const fresh = requestOf();
  const signer = signerOf({ credentials: lasting });
  for (const each of [request, copy, fresh]) await signer.sign("List", each);
  t.deepEqual([...request.headers], [...fresh.headers]);
  t.deepEqual([...copy.headers], [...fresh.headers]);
  const own = requestOf({ headers: { "X-Amz-Security-Token": "mine" } });
  await signer.sign("List", own);
  t.is(own.headers.get("x-amz-security-token"), "mine");
});

test("presigning takes a request or its parts, and changes neither", async (t) => {
  const parts = { url: "https://example.com/a?x=1", params: { y: "2" }, data: '{"z":"3"}', method: "POST" };
  const request = new AwsRequest(parts);
  const [first, second] = [
    await signerOf().generatePresignedUrl(request, "GetRest", { expiresIn: -5 }),
    await signerOf().generatePresignedUrl(parts, "GetRest", { expiresIn: -5 }),
  ];
  t.is(first, second);
  t.regex(first, /^https:\/\/example\.com\/a\?x=1&y=2&z=3&X-Amz-Algorithm=.*&X-Amz-Expires=-5&/);
  t.is(request.url, parts.url);
  t.is(request.data, parts.data);
  t.regex(await signerOf().generatePresignedUrl(parts, "GetRest"), /X-Amz-Expires=3600/);
});

test("an auth instance signs without hooks", async (t) => {
  const events = new SigningEvents();
  events.on("before-sign", () => t.fail());
  const instance = signerOf({ events }).getAuthInstance({
    signatureVersion: "s3v4-query",
    region: "eu-west-1",
    expiresIn: 7,
  });
  const request = requestOf();
  await instance.addAuth(request);
  t.regex(request.url, /eu-west-1%2Fexecute-api.*X-Amz-Expires=7/);
  t.is(instance.signatureVersion, "s3v4-query");
});

test("explain shows the texts behind a signature and no token", async (t) => {
  const request = requestOf({ data: "content", method: "PUT" });
  const explanation = await signerOf().explain("GetRest", request);
  t.is(request.headers.size, 0);
  const hashed = createHash("sha256").update(explanation.exactCanonicalRequest).digest("hex");
  t.true(explanation.stringToSign.endsWith(hashed));
  t.regex(explanation.exactResult, new RegExp(`Signature=${explanation.signature}$`));
  t.deepEqual(explanation.signedHeaders, ["host", "x-amz-date", "x-amz-security-token"]);
  t.true(explanation.canonicalRequest.includes("<token, 10 bytes>"));
  t.false(`${inspect(explanation)}${JSON.stringify(explanation)}`.includes("hush"));
  const url = await signerOf().explain("GetRest", requestOf(), { signingType: "presign-url" });
  t.regex(url.exactResult, /^https:.*X-Amz-Signature=/);
  await t.throwsAsync(signerOf({ signatureVersion: "none" }).explain("GetRest", request), { instanceOf: SigningError });
});

test("large bodies and bodies to seek in are hashed like others, and left where they were", async (t) => {
  const content = Buffer.alloc(5 << 20, "0123456789");
  const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const file = new MemoryFile(content, 7);
  for (const [data, hash] of [
    [content, hashOf(content)],
    [content.toString("latin1"), hashOf(content)],
    [file, hashOf(content.subarray(7))],
  ] as const) {
    const request = requestOf({ method: "PUT", data });
    await signerOf({ signatureVersion: "s3v4" }).sign("Put", request);
    t.is(request.headers.get("x-amz-content-sha256"), hash);
    t.true((await signerOf().explain("Put", request)).exactCanonicalRequest.endsWith(hash));
  }
  t.is(file.tell(), 7);
});

test("signatures of requests that share a body to seek in wait for each other", async (t) => {
  const content = Buffer.from("0123456789".repeat(300_000));
  const data = new MemoryFile(content);
  const request = requestOf({ method: "PUT", data });
  const copy = request.copy();
  const signer = signerOf({ signatureVersion: "s3v4", signingName: "s3" });
  await Promise.all([request, copy, request].map((each) => signer.sign("PutObject", each)));
  const hash = createHash("sha256").update(content).digest("hex");
  for (const each of [request, copy]) t.is(each.headers.get("x-amz-content-sha256"), hash);
  t.is(data.tell(), 0);
});

test("a body that cannot be read rejects, and is sought back", async (t) => {
  const file = new MemoryFile(Buffer.from("abc"), 1);
  file.read = () => {
    file.seek(3);
    throw new Error("disk on fire");
  };
  const request = requestOf({ method: "PUT", data: file });
  await t.throwsAsync(signerOf().sign("Put", request), { message: "disk on fire" });
  t.is(file.tell(), 1);
  t.is(request.headers.size, 0, "nothing is half signed");
});

test("a body that is shorter or longer than it says, or gives no bytes, is refused", async (t) => {
  const body = (size: number, read: (bytes: number) => unknown) => ({ size, tell: () => 0, seek: () => {}, read });
  const file = () => new MemoryFile(Buffer.from("abc"));
  const short = file();
  const long = file();
  for (const [what, data] of [
    ["shorter", body(4, (bytes) => short.read(bytes))],
    ["longer", body(2, (bytes) => long.read(bytes))],
    ["endless", body(5_000_000, (bytes) => Buffer.alloc(bytes))],
    ["text", body(1, () => "a")],
    ["nothing", body(1, () => undefined)],
  ] as const) {
    const error = await t.throwsAsync(signerOf().sign("Put", requestOf({ data: data as never })), {
      instanceOf: SigningError,
    });
    t.is(error?.param, "data", what);
  }
  for (const size of [Number.NaN, -1, "3", undefined]) {
    const error = t.throws(() => requestOf({ data: body(size as never, () => "") as never }), {
      instanceOf: SigningError,
    });
    t.is(error?.param, "data.size");
  }
});

test("what a hook makes of a request is looked at", async (t) => {
  for (const [param, change] of [
    ["request.url", { url: 5 }],
    ["request.method", { method: undefined }],
    ["request.headers", { headers: {} }],
    ["request.context", { context: null }],
    ["context.signing", { context: { signing: 5 } }],
    ["region", { context: { signing: { region: 5 } } }],
    ["signingName", { context: { signing: { signingName: {} } } }],
    ["context.signing.requestCredentials", { context: { signing: { requestCredentials: 5 } } }],
    ["context.signing.identityCache", { context: { authType: "v4-s3express", signing: { identityCache: 5 } } }],
  ] as const) {
    const request = Object.assign(requestOf(), change);
    const error = await t.throwsAsync(signerOf().sign("X", request), { instanceOf: BRSError }, param);
    t.is(error?.param, param);
  }
});

test("a stream is signed only where it need not be hashed", async (t) => {
  const stream = () => Readable.from(["a"]);
  const signer = signerOf();
  const error = await t.throwsAsync(signer.sign("Put", requestOf({ data: stream() })), { instanceOf: SigningError });
  t.is(error?.param, "data");
  const inits: Array<Partial<AwsRequestInit>> = [
    { data: stream(), headers: { "x-amz-content-sha256": "a".repeat(64) } },
    { data: stream(), context: { payloadSigningEnabled: false } },
    { data: stream(), context: { checksum: { requestAlgorithm: { in: "trailer", name: "x-amz-checksum-crc32" } } } },
  ];
  for (const init of inits) await t.notThrowsAsync(signer.sign("Put", requestOf(init)));
  const insecure = requestOf({ url: "http://example.com/", data: stream(), context: { payloadSigningEnabled: true } });
  await t.throwsAsync(signer.sign("Put", insecure), { instanceOf: SigningError });
});

test("versions are refused by name: unknown, unsupported, legacy", async (t) => {
  const refused = async (signatureVersion: string, signingType: RequestSignOptions["signingType"]) => {
    const error = await t.throwsAsync(signerOf({ signatureVersion }).sign("X", requestOf(), { signingType }), {
      instanceOf: SigningError,
    });
    t.is(error?.param, "signatureVersion");
    t.true(error?.message.includes(signatureVersion));
    return error?.constructor;
  };
  t.is(await refused("v5", "standard"), UnknownSignatureVersionError);
  t.is(await refused("v5", "presign-url"), UnsupportedSignatureVersionError);
  t.is(await refused("v4", "presign-post"), UnsupportedSignatureVersionError);
  t.is(await refused("bearer", "presign-url"), UnsupportedSignatureVersionError);
  t.is(await refused("__proto__", "standard"), UnknownSignatureVersionError);
  for (const legacy of ["v2", "v3", "v3https", "s3"])
    t.is(await refused(legacy, "standard"), UnsupportedSignatureVersionError);
  t.is(await refused("s3", "presign-url"), UnsupportedSignatureVersionError);
});

test("what is missing is named", async (t) => {
  const refusedAs = async (options: Partial<RequestSignerOptions>, sign: RequestSignOptions = {}) =>
    (await t.throwsAsync(signerOf(options).sign("X", requestOf(), sign), { instanceOf: BRSError })) as BRSError;
  const noCredentials = await refusedAs({ credentials: undefined });
  t.true(noCredentials instanceof NoCredentialsError && noCredentials instanceof BRSCredentialError);
  const noRegion = await refusedAs({ region: undefined }, { region: "us-east-1" });
  t.true(noRegion instanceof NoRegionError && noRegion instanceof BRSConfigurationError);
  t.is((await refusedAs({ signingName: undefined })).param, "signingName");
  t.is((await refusedAs({ signatureVersion: "bearer" })).param, "authToken");
  t.is((await refusedAs({}, { region: "a b" })).param, "region");
  t.is((await refusedAs({}, { region: "us\nx" })).param, "region");
  t.is((await refusedAs({}, { expiresIn: 5 })).param, "expiresIn");
  t.is(
    (await refusedAs({ signatureVersion: "s3v4" }, { signingType: "presign-post", expiresIn: 5 })).param,
    "expiresIn",
  );
  const asymmetric = { signatureVersion: "v4a" };
  for (const region of [",", "us-east-1,", ",*"])
    t.is((await refusedAs(asymmetric, { region })).param, "region", region);
  for (const expiresIn of [0, -5, 1.5, "60", Number.NaN]) {
    t.is(
      (await refusedAs(asymmetric, { signingType: "presign-url", expiresIn })).param,
      "expiresIn",
      String(expiresIn),
    );
  }
  t.is((await refusedAs({}, { signingType: "presign-url", expiresIn: Number.NaN })).param, "expiresIn");
});

test("a URL without a host and a policy that is no JSON are named", async (t) => {
  const refusedAs = async (init: Partial<AwsRequestInit>, options?: RequestSignOptions, version = "s3v4") =>
    (
      await t.throwsAsync(signerOf({ signatureVersion: version }).sign("X", requestOf(init), options), {
        instanceOf: SigningError,
      })
    )?.param;
  t.is(await refusedAs({ url: "/path" }), "url");
  t.is(await refusedAs({ url: "https://example.com:99999/" }), "url");
  const post: RequestSignOptions = { signingType: "presign-post" };
  t.is(
    await refusedAs({ context: { s3PresignPostPolicy: { conditions: {} as never } } }, post),
    "context.s3PresignPostPolicy.conditions",
  );
  t.is(await refusedAs({ context: { s3PresignPostPolicy: [] as never } }, post), "context.s3PresignPostPolicy");
  t.is(await refusedAs({ context: { s3PresignPostFields: "x" as never } }, post), "context.s3PresignPostFields");
  t.is(
    await refusedAs({ context: { s3PresignPostPolicy: { conditions: [{ when: new Date() }] } } }, post),
    "context.s3PresignPostPolicy.conditions[0].when",
  );
  const url: RequestSignOptions = { signingType: "presign-url" };
  for (const data of [
    "no json",
    "[]",
    '"x"',
    '{"a":{"b":1}}',
    '{"a":[[1]]}',
    Readable.from(["a"]),
    new MemoryFile(Buffer.from("x")),
  ]) {
    t.is(await refusedAs({ data }, url), "data", inspect(data));
  }
  t.is(await refusedAs({ params: { a: "\ud800" } }, undefined, "v4"), "params");
});

test("policies with holes or without an end are named, and long ones are signed", async (t) => {
  const post = async (conditions: unknown[]) => {
    const request = requestOf({ method: "POST", context: { s3PresignPostPolicy: { conditions } } });
    await signerOf({ signatureVersion: "s3v4" }).sign("PutObject", request, { signingType: "presign-post" });
    return Buffer.from(request.context.s3PresignPostFields?.policy ?? "", "base64").toString();
  };
  const endless: unknown[] = [];
  endless.push(endless);
  const holed = ["eq", "$key", "x"];
  delete holed[1];
  const malformed = { instanceOf: SigningError, code: "ERR_SIGN_POLICY" };
  await t.throwsAsync(post(endless), malformed);
  await t.throwsAsync(post([holed]), { ...malformed, message: /conditions\[0\]\[1\]/ });
  const long = Array.from({ length: 200_000 }, () => ["eq", "$key", "x"]);
  t.is(JSON.parse(await post(long)).conditions.length, 200_004);
});

test("arguments of other types are refused by name", async (t) => {
  const signer = signerOf();
  const refused = (param: string) => ({ instanceOf: BRSValidationError, message: new RegExp(`"${param}"`) });
  const odd = requestOf({ context: { authType: 5 as never } });
  await t.throwsAsync(signer.sign("List", odd), refused("context.authType"));
  await t.throwsAsync(signer.explain("List", undefined as never), refused("request"));
  t.throws(() => signer.getAuthInstance(null as never), refused("options"));
  t.throws(() => registerDefaultSigningHooks(new SigningEvents(), null as never), {
    instanceOf: BRSValidationError,
    message: /options/,
  });
});

test("a request that is refused stays as it was", async (t) => {
  const form = "application/x-www-form-urlencoded; charset=utf-8";
  for (const [version, signingType, init] of [
    ["v4", "standard", { url: "/path" }],
    ["v4a", "standard", { url: "/path" }],
    ["v4", "standard", { data: Readable.from(["a"]) }],
    ["v4", "presign-url", { data: "no json", params: { a: "b" } }],
    ["v4a", "presign-url", { data: "no json", params: { a: "b" } }],
    ["s3v4", "presign-post", { context: { s3PresignPostPolicy: { conditions: [Symbol("no")] } } }],
  ] as const) {
    const request = requestOf({
      headers: { "content-type": form, "x-amz-date": "old" },
      ...(init as Partial<AwsRequestInit>),
    });
    const shot = () => inspect([request, request.params, request.data, request.context], { depth: 9 });
    const before = shot();
    await t.throwsAsync(signerOf({ signatureVersion: version }).sign("X", request, { signingType }), {
      instanceOf: SigningError,
    });
    t.is(shot(), before, `${version} ${signingType}`);
  }
});

test("a policy that is signed again has the conditions of its last signature alone", async (t) => {
  let now = NOW;
  const signer = signerOf({ signatureVersion: "s3v4", clock: () => now });
  const request = requestOf({ context: { s3PresignPostPolicy: { conditions: [{ bucket: "b" }] } } });
  await signer.sign("PostObject", request, { signingType: "presign-post" });
  const names = () => request.context.s3PresignPostPolicy?.conditions?.flatMap((each) => Object.keys(each as object));
  const first = names();
  t.deepEqual(first, ["bucket", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token"]);
  now += 60_000;
  await signer.sign("PostObject", request, { signingType: "presign-post" });
  t.deepEqual(names(), first);
  t.is(request.context.s3PresignPostFields?.["x-amz-date"], "20150830T123700Z");
});

test("wrong options are refused at once, by name", async (t) => {
  for (const [param, wrong] of [
    ["nonsense", { nonsense: 1 }],
    ["serviceId", { serviceId: "" }],
    ["signatureVersion", { signatureVersion: undefined }],
    ["region", { region: 5 }],
    ["signingName", { signingName: "" }],
    ["clock", { clock: 5 }],
    ["events", { events: {} }],
    ["credentials", { credentials: 5 }],
    ["authToken", { authToken: "text" }],
  ] as const) {
    const error = t.throws(() => signerOf(wrong as never), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
  }
  t.throws(() => new RequestSigner(null as never), { instanceOf: BRSValidationError });
  for (const [param, call] of [
    ["request", () => signerOf().sign("X", { url: "https://example.com/" } as never)],
    ["operationName", () => signerOf().sign(5 as never, requestOf())],
    ["options", () => signerOf().sign("X", requestOf(), null as never)],
    ["nonsense", () => signerOf().sign("X", requestOf(), { nonsense: 1 } as never)],
    ["signingType", () => signerOf().sign("X", requestOf(), { signingType: "presign" as never })],
  ] as const) {
    const error = await t.throwsAsync(call(), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
  }
  const events = new SigningEvents();
  for (const pattern of ["", "before-call.s3", "before-sign.s3.A.b", "before-sign..x", 5]) {
    t.is(t.throws(() => events.on(pattern as never, () => {}), { instanceOf: BRSValidationError })?.param, "pattern");
  }
  t.is(t.throws(() => events.on("before-sign", 5 as never), { instanceOf: BRSValidationError })?.param, "listener");
});

test("auth schemes come to signature versions", (t) => {
  t.is(resolveAuthType(["aws.auth#sigv4a", "aws.auth#sigv4"]), "v4a");
  t.is(resolveAuthType(["smithy.api#noAuth"]), "none");
  t.is(resolveAuthType(["smithy.api#httpBearerAuth"]), "bearer");
  t.throws(() => resolveAuthType(["aws.auth#sigv5"]), { instanceOf: UnknownSignatureVersionError });
  t.throws(() => resolveAuthType([]), { instanceOf: UnsupportedSignatureVersionError });
  t.throws(() => resolveAuthType("sigv4" as never), { instanceOf: BRSValidationError });
  const offered = ["aws.auth#sigv4", "aws.auth#sigv4a", "smithy.api#httpBearerAuth"];
  t.is(resolveAuthSchemePreference([], offered), "v4");
  t.is(resolveAuthSchemePreference(["httpBearerAuth", "sigv4a"], offered), "bearer");
  t.is(resolveAuthSchemePreference(["unheard", "noAuth", "sigv4a"], offered), "v4a");
  const error = t.throws(() => resolveAuthSchemePreference(["sigv4"], ["x#b", "x#a"]), {
    instanceOf: UnsupportedSignatureVersionError,
  });
  t.regex(error?.message ?? "", /a, b/);
});

test("hooks are registered at events and nowhere else", (t) => {
  for (const events of [undefined, {}, "events"]) {
    const error = t.throws(() => registerDefaultSigningHooks(events as never), { instanceOf: BRSValidationError });
    t.is(error?.param, "events");
  }
});
