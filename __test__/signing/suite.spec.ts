/** The AWS signing suite, taken from the sources of the aws-sigv4 crate, through the boundary: as headers and as a query. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { Signer, type SignerOptions, SigningError } from "aws-refresh-session/signing";
import { KEYS, pairsOf, partsOf } from "./examples.js";
import { sendable } from "./received.js";

/** Cases of an older form: no context.json, no query form, and a canonical request of another day than the signature. */
const OLD_FORM = ["double-encode-path", "double-url-encode"];

/** Cases that expect the path to be encoded once. The suite has no field for it, and the crate itself leaves them out. */
const ENCODED_ONCE = ["get-space-normalized", "get-space-unnormalized", "get-utf8"];

/** Cases that the second engine cannot sign, and how it fails: the crate's URI takes no blank, and leaves UTF-8 raw. */
const BEYOND_THE_SECOND_ENGINE = new Map([
  ["get-space-unnormalized", "refused"],
  ["get-utf8", "other signature"],
]);

type Form = "header" | "query";

interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: (readonly [name: string, value: string])[];
  /** Values as they were folded, before each fold was replaced with blanks (RFC 9112, 5.2). */
  readonly folded: string[];
  readonly body: string;
}

interface Context {
  readonly credentials: { access_key_id: string; secret_access_key: string; token?: string };
  readonly region: string;
  readonly service: string;
  readonly timestamp: string;
  readonly expiration_in_seconds: number;
  readonly normalize?: boolean;
  readonly omit_session_token?: boolean;
  readonly sign_body?: boolean;
}

const KNOWN_SETTINGS = [
  "credentials",
  "expiration_in_seconds",
  "normalize",
  "omit_session_token",
  "region",
  "service",
  "sign_body",
  "timestamp",
];

const folder = suiteFolder();
const names = readdirSync(folder).sort();
const file = (name: string, kind: string) => readFileSync(join(folder, name, kind), "utf8").replaceAll("\r\n", "\n");
const expected = (name: string, form: Form, kind: string) => file(name, `${form}-${kind}.txt`).trimEnd();

/** Only packages of this machine's platform: cargo may not have fetched those of others. */
function suiteFolder(): string {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1 << 26,
      stdio: ["ignore", "pipe", "ignore"],
    });
  const host = /^host: (.+)$/m.exec(run("rustc", ["-vV"]))?.[1] ?? "";
  const args = ["metadata", "--format-version", "1", "--filter-platform", host];
  let metadata: string;
  try {
    metadata = run("cargo", [...args, "--offline"]);
  } catch {
    metadata = run("cargo", args);
  }
  const { packages } = JSON.parse(metadata) as { packages: { name: string; manifest_path: string }[] };
  const found = packages
    .filter(({ name }) => name === "aws-sigv4")
    .map(({ manifest_path }) => join(dirname(manifest_path), "aws-signing-test-suite", "v4"))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("the sources of aws-sigv4 hold no test suite");
  return found;
}

/** Reads an HTTP/1.1 message without judging it: the suite holds blanks, UTF-8 and folded values. */
function rawRequest(text: string): RawRequest {
  const [head = "", body = ""] = text.split(/\n\n(.*)/s);
  const [requestLine = "", ...lines] = head.split("\n");
  const [, method = "", target = ""] = /^(\S+) (.*?)(?: HTTP\/1\.1)?$/.exec(requestLine) ?? [];
  const headers: [string, string][] = [];
  const folded: string[] = [];
  for (const line of lines.filter((line) => line !== "")) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      folded.push(`${last[1]}\n${line}`);
      last[1] += line;
    } else {
      const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      headers.push([name, value]);
    }
  }
  return { method, target, headers, folded, body };
}

const headerOf = (request: RawRequest, name: string) =>
  request.headers.find(([other]) => other.toLowerCase() === name)?.[1];

const signable = (raw: RawRequest) => ({
  method: raw.method,
  url: `https://${headerOf(raw, "host")}${raw.target}`,
  headers: raw.headers,
  ...(raw.body === "" ? {} : { body: raw.body }),
});

function readContext(name: string): Context {
  const context = JSON.parse(file(name, "context.json")) as Context;
  const unknown = Object.keys(context).filter((key) => !KNOWN_SETTINGS.includes(key));
  if (unknown.length > 0) throw new Error(`${name}: this test does not know ${unknown}`);
  return context;
}

function optionsOf(name: string, context: Context, form: Form): SignerOptions {
  const { credentials, region, service, normalize = true, omit_session_token = false, sign_body = true } = context;
  return {
    region,
    service,
    credentials: {
      accessKeyId: credentials.access_key_id,
      secretAccessKey: credentials.secret_access_key,
      ...(credentials.token === undefined ? {} : { sessionToken: credentials.token }),
    },
    normalizePath: normalize,
    doubleEncodePath: !ENCODED_ONCE.includes(name),
    // In a presigned URL the suite signs the hash of the body without naming it.
    contentSha256Header: sign_body && form === "header",
    omitSessionToken: omit_session_token,
  };
}

const authorizationOf = (name: string) =>
  headerOf(rawRequest(file(name, "header-signed-request.txt")), "authorization") ?? "";
const onlySignature = (query: string) => pairsOf(query).filter((pair) => pair.startsWith("X-Amz-"));

for (const name of names.filter((name) => !OLD_FORM.includes(name))) {
  const context = readContext(name);
  const request = rawRequest(file(name, "request.txt"));
  const at = { signingDate: new Date(context.timestamp) };

  test(`${name} is signed with headers as expected`, (t) => {
    const signer = new Signer(optionsOf(name, context, "header"));
    const explained = signer.explain(signable(request), at);
    t.is(explained.exactCanonicalRequest, expected(name, "header", "canonical-request"));
    t.is(explained.stringToSign, expected(name, "header", "string-to-sign"));
    t.is(explained.signature, expected(name, "header", "signature"));
    t.is(explained.exactResult, authorizationOf(name));
    const signed = signer.signSync(signable(request), at);
    const sent = rawRequest(file(name, "header-signed-request.txt"));
    for (const [header, value] of Object.entries(signed)) t.is(headerOf(sent, header), value, header);
    t.is(signed.authorization, authorizationOf(name));
  });

  test(`${name} is presigned as expected`, (t) => {
    const signer = new Signer(optionsOf(name, context, "query"));
    const expiresIn = context.expiration_in_seconds;
    const explained = signer.explain(signable(request), { ...at, expiresIn });
    t.is(explained.exactCanonicalRequest, expected(name, "query", "canonical-request"));
    t.is(explained.stringToSign, expected(name, "query", "string-to-sign"));
    t.is(explained.signature, expected(name, "query", "signature"));
    const { url } = signer.presignSync(signable(request), { ...at, expiresIn });
    t.is(explained.exactResult, url);
    const wanted = partsOf(`https://h${rawRequest(file(name, "query-signed-request.txt")).target}`);
    const made = partsOf(url);
    t.deepEqual(onlySignature(made.query), onlySignature(wanted.query));
    t.is(made.path, sendable(partsOf(signable(request).url).path));
    t.is(pairsOf(made.query).length, pairsOf(wanted.query).length);
  });

  test(`${name} is signed by the second engine as far as that can`, (t) => {
    const options = (form: Form) => ({ ...optionsOf(name, context, form), engine: "aws-sigv4" }) as const;
    const expiresIn = context.expiration_in_seconds;
    const sign = () => new Signer(options("header")).signSync(signable(request), at).authorization;
    const presign = () => new Signer(options("query")).presignSync(signable(request), { ...at, expiresIn }).url;
    const wanted = onlySignature(
      partsOf(`https://h${rawRequest(file(name, "query-signed-request.txt")).target}`).query,
    );
    switch (BEYOND_THE_SECOND_ENGINE.get(name)) {
      case "refused":
        t.is(t.throws(sign, { instanceOf: SigningError })?.code, "ERR_SIGN_ENGINE");
        t.is(t.throws(presign, { instanceOf: SigningError })?.code, "ERR_SIGN_ENGINE");
        break;
      case "other signature":
        t.not(sign(), authorizationOf(name));
        t.notDeepEqual(onlySignature(partsOf(presign()).query), wanted);
        break;
      default:
        t.is(sign(), authorizationOf(name));
        t.deepEqual(onlySignature(partsOf(presign()).query), wanted);
    }
  });
}

/** Credentials and scope stand in the signed request; one case uses the triple of the AWS SDK for Rust's own tests. */
function oldFormSigner(name: string): Signer {
  const [accessKeyId = "", , region = "", service = ""] =
    /Credential=([^,]+)/.exec(authorizationOf(name))?.[1]?.split("/") ?? [];
  const secretAccessKey = accessKeyId === "ANOTREAL" ? "notrealrnrELgWzOk3IfjzDKtFBhDby" : KEYS.secretAccessKey;
  return new Signer({ service, region, credentials: { accessKeyId, secretAccessKey } });
}

const instantOf = (text: string | undefined) =>
  new Date((text ?? "").replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

for (const name of OLD_FORM) {
  test(`${name}, of the older form, is signed as expected`, (t: ExecutionContext) => {
    const signer = oldFormSigner(name);
    const request = rawRequest(file(name, "request.txt"));
    const canonical = expected(name, "header", "canonical-request");
    const itsDay = { signingDate: instantOf(/^x-amz-date:(.+)$/m.exec(canonical)?.[1]) };
    t.is(signer.explain(signable(request), itsDay).exactCanonicalRequest, canonical);
    const signedAt = { signingDate: instantOf(headerOf(request, "x-amz-date")) };
    const { authorization } = signer.signSync(signable(request), signedAt);
    t.is(authorization, authorizationOf(name));
    if (existsSync(join(folder, name, "header-string-to-sign.txt"))) {
      t.is(signer.explain(signable(request), signedAt).stringToSign, expected(name, "header", "string-to-sign"));
    }
  });
}

test("the suite is whole: 40 cases, of which two are of the older form, and every exception names a case", (t) => {
  t.is(names.length, 40, names.join(" "));
  for (const name of [...OLD_FORM, ...ENCODED_ONCE, ...BEYOND_THE_SECOND_ENGINE.keys()])
    t.true(names.includes(name), name);
  t.deepEqual(
    names.filter((name) => !existsSync(join(folder, name, "context.json"))),
    OLD_FORM,
  );
});

test("a folded header value, which no HTTP client sends, is refused unless it is unfolded first", (t) => {
  const folded = names.filter((name) => rawRequest(file(name, "request.txt")).folded.length > 0);
  t.deepEqual(folded, ["get-header-value-multiline"]);
  for (const name of folded) {
    const request = rawRequest(file(name, "request.txt"));
    const signer = new Signer(optionsOf(name, readContext(name), "header"));
    const headers = request.folded.map((value) => ["my-header1", value] as const);
    const refused = { instanceOf: SigningError, code: "ERR_SIGN_HEADER" };
    t.throws(() => signer.signSync({ ...signable(request), headers }), refused);
    t.throws(() => signer.presignSync({ ...signable(request), headers }, { expiresIn: 60 }), refused);
  }
});
