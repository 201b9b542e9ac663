/** Tests of what the verifier accepts and tells: our own signatures over a matrix, payloads, times, tokens, options. */
import test from "ava";
import {
  BRSValidationError,
  type ReceivedRequest,
  VerificationError,
  type VerifyOptions,
  verifyRequest,
} from "aws-refresh-session/signing";
import { AT, clock, DATE, KEYS, NOW, SESSION_KEYS, signerWith } from "./examples.js";
import { received } from "./received.js";

const host = "example.amazonaws.com";

const optionsFor = (service: string, change: Partial<VerifyOptions> = {}): VerifyOptions => ({
  service,
  region: "us-east-1",
  hosts: [host],
  clock,
  getCredentials: () => KEYS,
  ...change,
});

const PATHS = [
  "",
  "/",
  "/a/b/",
  "/a%20b/c",
  "/a b/ü/日本/🦀",
  "/a%2Fb%2f%25",
  "/!$&'()*+,;=:@",
  '/[a]|^`{}"<>',
  "/100%/%zz/%",
  "/~user/.well-known/..x/a..b",
];
const QUERIES = [
  "",
  "?",
  "?a=1",
  "?b=2&a=1&a=0&A=3",
  "?a&b=&=c&&",
  "?a+b=c+d&x=%2B",
  "?a=b=c&d=?/e",
  "?größe=größe&%f0%9f%a6%80=🦀",
  "?a=%zz&%=%&b=%4",
  "?X-Custom=1&x-amzn=2",
];
const BODIES = [undefined, "", "content", "größe\0", Uint8Array.from([0, 255, 10])];

for (const service of ["s3", "execute-api"]) {
  for (const credentials of [KEYS, SESSION_KEYS]) {
    const whose = "sessionToken" in credentials ? "a token" : "no token";
    const signer = signerWith({ service, credentials });
    const options = optionsFor(service, { getCredentials: () => credentials });

    test(`${service}, ${whose}: signatures in headers are accepted for all paths, queries and bodies`, async (t) => {
      for (const path of PATHS) {
        for (const query of QUERIES) {
          for (const body of BODIES) {
            const method = body === undefined ? "GET" : "POST";
            const plain = { method, url: `https://${host}${path}${query}`, headers: { "X-A": " a  b " } };
            const sent = await signer.signRequest({ ...plain, ...(body === undefined ? {} : { body }) }, AT);
            const { payload, accessKeyId } = await verifyRequest(received(sent), options);
            t.is(payload, "verified", sent.url);
            t.is(accessKeyId, KEYS.accessKeyId);
          }
        }
      }
    });

    test(`${service}, ${whose}: presigned URLs are accepted for all paths and queries`, async (t) => {
      for (const path of PATHS) {
        for (const query of QUERIES) {
          const { url, expiresAt } = signer.presignSync(`https://${host}${path}${query}`, { ...AT, expiresIn: 60 });
          const answer = await verifyRequest(received({ url }), { ...options, payload: "allow-unsigned" });
          t.is(answer.payload, service === "s3" ? "unsigned" : "verified", url);
          t.deepEqual(answer.expiresAt, expiresAt);
          t.deepEqual(answer.signedHeaders, ["host"]);
        }
      }
    });

    test(`${service}, ${whose}: presigned requests with a method, headers and a body are accepted`, async (t) => {
      const headers = { "content-type": "text/plain", "x-amz-meta-a": "1" };
      const request = { method: "PUT", url: `https://${host}/a?b=c`, headers, body: "content" };
      const { url } = signer.presignSync(request, { ...AT, expiresIn: 604_800 });
      const answer = await verifyRequest(received({ ...request, url }), options);
      t.is(answer.payload, "verified");
      t.deepEqual(answer.signedHeaders, ["content-type", "host", "x-amz-meta-a"]);
      const open = signer.presignSync({ ...request, body: { unsigned: true } }, { ...AT, expiresIn: 604_800 });
      const unsigned = await verifyRequest(received({ ...request, url: open.url }), {
        ...options,
        payload: "allow-unsigned",
      });
      t.is(unsigned.payload, "unsigned");
    });

    test(`${service}, ${whose}: signed with the second engine`, async (t) => {
      const other = signerWith({ service, credentials, engine: "aws-sigv4" });
      const sent = await other.signRequest(
        { method: "POST", url: `https://${host}/a%20b?c=d`, headers: {}, body: "e" },
        AT,
      );
      t.is((await verifyRequest(received(sent), options)).payload, "verified");
    });
  }
}

test("header values beyond ASCII are accepted when they are sent as UTF-8, and only then", async (t) => {
  const headers = { "x-name": "größe 日本 🦀" };
  for (const service of ["s3", "execute-api"]) {
    const sent = received(await signerWith({ service }).signRequest({ url: `https://${host}/`, headers }, AT));
    t.is((await verifyRequest(sent, optionsFor(service))).payload, "verified");
    // In Latin-1 the same text is other bytes, and what Latin-1 does not have cannot be sent at all.
    for (const rawHeaders of [
      sent.rawHeaders.map((text) => (text.startsWith("gr") ? "gr\u00f6\u00dfe" : text)),
      ["x-name", "日本"],
    ]) {
      await t.throwsAsync(verifyRequest({ ...sent, rawHeaders }, optionsFor(service)), {
        instanceOf: VerificationError,
      });
    }
  }
});

test("S3 keys with dot segments and runs of slashes are accepted as they are", async (t) => {
  const signer = signerWith({ service: "s3" });
  for (const path of ["/a//b", "/a/../b", "/a/./b", "/a/.", "/a//"]) {
    const sent = await signer.signRequest({ url: `https://${host}${path}`, headers: {} }, AT);
    t.is((await verifyRequest(received(sent), optionsFor("s3"))).payload, "verified", path);
  }
});

test("the answer tells who, when, and what was signed", async (t) => {
  const signer = signerWith({ service: "s3", credentials: SESSION_KEYS });
  const principal = { name: "alice" };
  const asked: unknown[] = [];
  const getCredentials: VerifyOptions["getCredentials"] = (claimed) => {
    asked.push(claimed);
    return { ...SESSION_KEYS, principal };
  };
  const scope = { date: "20150830", region: "us-east-1", service: "s3" };
  const sent = await signer.signRequest({ url: `https://${host}/`, headers: { "x-a": "1" } }, AT);
  const answer = await verifyRequest(received(sent), optionsFor("s3", { getCredentials }));
  t.deepEqual(answer, {
    accessKeyId: KEYS.accessKeyId,
    principal,
    algorithm: "sigv4",
    scope,
    signedHeaders: ["host", "x-a", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"],
    payload: "verified",
    signedAt: DATE,
    expiresAt: undefined,
  });
  t.is(answer.principal, principal);
  t.deepEqual(asked, [{ accessKeyId: KEYS.accessKeyId, sessionToken: SESSION_KEYS.sessionToken, scope }]);
});

test("the lookup may answer later, and answers for one request at a time", async (t) => {
  const signers = Array.from({ length: 50 }, (_, index) =>
    signerWith({ credentials: { accessKeyId: `AK${index}`, secretAccessKey: `secret ${index}` } }),
  );
  const answers = await Promise.all(
    signers.map(async (signer) =>
      verifyRequest(
        received(await signer.signRequest({ url: `https://${host}/`, headers: {} }, AT)),
        optionsFor("service", {
          getCredentials: async ({ accessKeyId }) => {
            await new Promise((resolve) => setImmediate(resolve));
            return { secretAccessKey: `secret ${accessKeyId.slice(2)}` };
          },
        }),
      ),
    ),
  );
  t.deepEqual(
    answers.map(({ accessKeyId }) => accessKeyId),
    signers.map((_, index) => `AK${index}`),
  );
});

test("a secret may hold any byte", async (t) => {
  const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
  for (const secretAccessKey of [bytes, "\0", "\n", "größe 日本 🦀", "a".repeat(10_000), "\ud800", " "]) {
    const credentials = { accessKeyId: "AK", secretAccessKey };
    const sent = await signerWith({ credentials }).signRequest({ url: `https://${host}/`, headers: {} }, AT);
    const answer = await verifyRequest(received(sent), optionsFor("service", { getCredentials: () => credentials }));
    t.is(answer.accessKeyId, "AK");
    await t.throwsAsync(
      verifyRequest(
        received(sent),
        optionsFor("service", { getCredentials: () => ({ secretAccessKey: `${secretAccessKey}x` }) }),
      ),
      { instanceOf: VerificationError, code: "SignatureDoesNotMatch" },
    );
  }
});

// ---- payloads

const request = { method: "POST", url: `https://${host}/`, headers: {}, body: "content" };
const accept = (sent: ReceivedRequest, service: string, change: Partial<VerifyOptions> = {}) =>
  verifyRequest(sent, optionsFor(service, change));
const withoutBody = ({ method, target, rawHeaders }: ReceivedRequest) => ({ method, target, rawHeaders });

test("a body that was not read leaves a declared hash pending", async (t) => {
  const sent = received(await signerWith({ service: "s3" }).signRequest(request, AT));
  t.is((await accept(withoutBody(sent), "s3")).payload, "pending");
});

test("a body that was not read and has no declared hash can only be none", async (t) => {
  const none = received(await signerWith().signRequest({ url: request.url, headers: {} }, AT));
  t.is((await accept(withoutBody(none), "service")).payload, "verified");
  const zero = received(
    await signerWith().signRequest({ ...request, body: "", headers: { "content-length": "0" } }, AT),
  );
  t.is((await accept(withoutBody(zero), "service")).payload, "verified");
  for (const headers of [{ "content-length": "7" }, { "transfer-encoding": "chunked" }, { "content-length": "" }]) {
    const some = received(await signerWith().signRequest({ ...request, headers }, AT));
    await t.throwsAsync(accept(withoutBody(some), "service"), {
      instanceOf: VerificationError,
      code: "InvalidRequest",
    });
  }
});

test("an unsigned payload is accepted only where it is allowed, unless the body is empty", async (t) => {
  for (const service of ["s3", "execute-api"]) {
    const signer = signerWith({ service, payload: "unsigned" });
    const sent = received(await signer.signRequest(request, AT));
    t.is((await accept(sent, service, { payload: "allow-unsigned" })).payload, "unsigned");
    t.is((await accept(withoutBody(sent), service, { payload: "allow-unsigned" })).payload, "unsigned");
    for (const refused of [sent, withoutBody(sent)]) {
      await t.throwsAsync(accept(refused, service), { instanceOf: VerificationError, code: "AccessDenied" });
    }
    t.is((await accept({ ...sent, body: "" }, service)).payload, "unsigned");
  }
});

test("where unsigned payloads are allowed, a signed one must still be right", async (t) => {
  const sent = received(await signerWith({ service: "s3" }).signRequest(request, AT));
  const options = { payload: "allow-unsigned" } as const;
  t.is((await accept(sent, "s3", options)).payload, "verified");
  await t.throwsAsync(accept({ ...sent, body: "other" }, "s3", options), { code: "XAmzContentSHA256Mismatch" });
  const plain = received(await signerWith().signRequest(request, AT));
  await t.throwsAsync(accept({ ...plain, body: "other" }, "service", options), { code: "SignatureDoesNotMatch" });
});

test("a body may be text, a Buffer or bytes", async (t) => {
  const sent = received(await signerWith().signRequest(request, AT));
  for (const body of ["content", Buffer.from("content"), new TextEncoder().encode("content")]) {
    t.is((await accept({ ...sent, body }, "service")).payload, "verified");
  }
});

// ---- times

test("the signer's clock may differ by maxSkew, and not by a millisecond more", async (t) => {
  const sent = received(await signerWith().signRequest(request, AT));
  const at = (seconds: number, maxSkew?: number) =>
    accept(sent, "service", { clock: () => NOW + seconds * 1000, ...(maxSkew === undefined ? {} : { maxSkew }) });
  for (const [seconds, maxSkew] of [
    [900, undefined],
    [-900, undefined],
    [5, 5],
    [-5, 5],
    [0, 0],
    [1e9, Number.POSITIVE_INFINITY],
  ] as const) {
    t.is((await at(seconds, maxSkew)).payload, "verified", `${seconds} ${maxSkew}`);
  }
  for (const [seconds, maxSkew] of [
    [900.001, undefined],
    [-900.001, undefined],
    [5.001, 5],
    [-5.001, 5],
    [0.001, 0],
    [-0.001, 0],
    [-1, 0],
  ] as const) {
    await t.throwsAsync(at(seconds, maxSkew), { instanceOf: VerificationError, code: "RequestTimeTooSkewed" });
  }
});

test("a presigned URL lives from its date, less the skew, to its end, without any", async (t) => {
  const sent = received({ url: signerWith().presignSync(request.url, { ...AT, expiresIn: 3600 }).url });
  const at = (seconds: number) => accept(sent, "service", { clock: () => NOW + seconds * 1000 });
  for (const seconds of [-900, 0, 3599.999]) t.is((await at(seconds)).payload, "verified");
  await t.throwsAsync(at(-900.001), { instanceOf: VerificationError, code: "RequestTimeTooSkewed" });
  for (const seconds of [3600, 3601, 1e9]) {
    await t.throwsAsync(at(seconds), { instanceOf: VerificationError, code: "AccessDenied", message: /expired/ });
  }
});

test("a presigned URL may live for seven days", async (t) => {
  const sent = received({ url: signerWith().presignSync(request.url, { ...AT, expiresIn: 604_800 }).url });
  const { expiresAt } = await accept(sent, "service", { clock: () => NOW + 604_799_000 });
  t.deepEqual(expiresAt, new Date(NOW + 604_800_000));
});

test("a clock that makes no sense refuses", async (t) => {
  const sent = received(await signerWith().signRequest(request, AT));
  for (const now of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE]) {
    await t.throwsAsync(accept(sent, "service", { clock: () => now }), { code: "RequestTimeTooSkewed" }, String(now));
  }
});

// ---- hosts

test("hosts are compared without regard to case, with their ports", async (t) => {
  const sent = received(await signerWith().signRequest({ ...request, url: "https://Example.com:8443/" }, AT));
  t.is((await accept(sent, "service", { hosts: ["a", "EXAMPLE.com:8443"] })).payload, "verified");
  for (const hosts of [["example.com"], ["example.com:443"], ["example.com:84433"], ["xample.com:8443"]]) {
    await t.throwsAsync(accept(sent, "service", { hosts }), {
      code: "SignatureDoesNotMatch",
      message: /not served here/,
    });
  }
});

test("any host will do only for who says so", async (t) => {
  const sent = received(await signerWith().signRequest(request, AT));
  t.is((await verifyRequest(sent, { ...optionsFor("service"), hosts: "any" })).payload, "verified");
});

// ---- options

const WRONG: Record<string, readonly unknown[]> = {
  getCredentials: [undefined, null, KEYS],
  service: [undefined, "", 1, null],
  region: [undefined, "", 1, null],
  hosts: [undefined, null, [], "example.com", [""], ["a b"], ["a\nb"]],
  payload: [null, "unsigned", true, ""],
  maxSkew: [null, -1, Number.NaN, "900"],
  clock: [null, 1, "now"],
  replay: [{}],
  host: [["example.com"]],
  maxskew: [900],
};

for (const [param, values] of Object.entries(WRONG)) {
  test(`the option "${param}" is refused by name when it is wrong or unknown`, async (t) => {
    const sent = received(await signerWith().signRequest(request, AT));
    for (const value of values) {
      const options = { ...optionsFor("service"), [param]: value } as never;
      const error = await t.throwsAsync(verifyRequest(sent, options), { instanceOf: BRSValidationError });
      t.is((error as BRSValidationError).param, param);
      t.regex(error.message, new RegExp(`"${param}"`));
    }
  });
}

test("a request that is none is the caller's mistake, not the sender's", async (t) => {
  const sent = received(await signerWith().signRequest(request, AT));
  for (const wrong of [
    undefined,
    null,
    {},
    { ...sent, method: undefined },
    { ...sent, target: undefined },
    { ...sent, rawHeaders: undefined },
    { ...sent, rawHeaders: { host } },
    { ...sent, rawHeaders: sent.rawHeaders.slice(1) },
    { ...sent, body: { a: 1 } },
    { ...sent, body: null },
    { ...sent, body: new Uint8Array(new SharedArrayBuffer(7)) },
  ]) {
    await t.throwsAsync(verifyRequest(wrong as never, optionsFor("service")), { instanceOf: BRSValidationError });
  }
});
