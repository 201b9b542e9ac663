/**
 * Measures which dialect of signing real servers accept: signs requests on whose canonical form the dialects differ, or might,
 * in each dialect's way, sends them to the installed servers and prints a table in Markdown.
 *
 * Run `node scripts/measure-dialects.mjs` after `npm run build` and `node scripts/servers.mjs`. docs/dialects.md quotes it.
 */
import http from "node:http";
import { createRequire } from "node:module";
import { compileTests } from "./compile-tests.mjs";
import { DATES, EMPTY_PATH, HEADERS, PATHS, QUERIES } from "./servers/dialect-cases.mjs";

const require = createRequire(import.meta.url);
const { currentTriple, explainPrepared } = require("../dist/signing/prepared.js");
const { asRefreshable } = require("../dist/refresh/credential-source.js");
compileTests();
const { startServer } = await import("../.tests/servers/server-program.js");
const { ACCOUNT, minio, REGION } = await import("../.tests/servers/minio.js");
const { versityGw, versityIam } = await import("../.tests/servers/versitygw.js");
const { makePrincipals, miniStack } = await import("../.tests/servers/ministack.js");
const { makeRestApi } = await import("../.tests/servers/ministack-api.js");

const DIALECTS = ["aws", "smithy", "botocore"];
const S3 = { service: "s3", region: REGION, doubleEncodePath: false, normalizePath: false };
const API = { service: "execute-api", region: REGION, doubleEncodePath: true, normalizePath: true };
const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** An S3 server, or another kind when `more` says so; `prefix` and `query` stand before those of every case. */
const target = (name, endpoint, keys, more = {}) => ({
  name,
  endpoint: new URL(endpoint),
  prefix: "/bucket",
  query: "",
  scope: S3,
  keys,
  ...more,
});

console.log(`# Dialects before real servers

Each request is sent as its first column shows it, three times: signed in each dialect's way. Clients that bring a dialect with
them never write some of these requests: the AWS SDK and botocore encode a key or a parameter themselves before they sign.
"Whatever the signature" marks requests that the server answers alike when they are signed with a wrong secret.`);

const running = await Promise.all([versityGw, minio, miniStack, versityIam].map(startServer));
try {
  const [versity, min, stack, versitySts] = running.map(({ endpoint }) => endpoint);
  const { user } = await makePrincipals(stack);
  const s3 = [
    target("VersityGW", versity, ACCOUNT),
    target("MinIO", min, ACCOUNT),
    target("MiniStack S3", stack, user),
  ];
  for (const each of s3) {
    const made = await ask(each, "aws", { method: "PUT", path: "", headers: [["content-length", "0"]] }, each.keys);
    if (made.status !== 200) throw new Error(`${each.name} made no bucket: ${made.text}`);
  }
  const lists = QUERIES.map((given) => ({ ...given, path: "/" }));

  await printTable("S3: paths are signed as they are", "s3", s3, [
    EMPTY_PATH,
    ...PATHS,
    ...lists,
    ...HEADERS,
    ...DATES,
  ]);

  const prefix = new URL(await makeRestApi(stack, user)).pathname;
  const api = target("MiniStack API Gateway", stack, user, { prefix, scope: API });
  const action = "Action=GetCallerIdentity&Version=2011-06-15";
  const sts = { prefix: "", query: action, scope: { ...API, service: "sts" } };
  const others = [target("VersityGW IAM", versitySts, ACCOUNT, sts), api];
  const cases = [...PATHS, ...QUERIES, ...HEADERS, ...DATES];
  await printTable("Other services: paths are normalised and encoded again", "other", others, cases);
} finally {
  await Promise.all(running.map((server) => server.stop()));
}

/** Rows of the cases in which a dialect is refused somewhere or the canonical forms differ; those that are alike share one. */
async function printTable(title, kind, targets, cases) {
  console.log(`\n## ${title}\n`);
  console.log(`| request | canonical forms | ${targets.map(({ name }) => name).join(" | ")} | why |`);
  console.log(`| --- | --- |${" --- |".repeat(targets.length + 1)}`);
  let left = 0;
  const rows = new Map();
  for (const given of cases) {
    const cells = [];
    let forms;
    for (const each of targets) {
      const judged = [];
      for (const dialect of DIALECTS) judged.push(await judge(each, dialect, given));
      forms = sameForms(judged.map(({ canonicalRequest }) => canonicalRequest));
      cells.push(cellOf(judged.map(({ verdict }) => verdict)));
    }
    if (forms === "all the same" && cells.every((cell) => cell === "accepted")) left++;
    else {
      const row = [forms, ...cells, given.why?.[kind] ?? ""].map((cell) => cell.replaceAll("|", "\\|")).join(" | ");
      rows.set(row, [...(rows.get(row) ?? []), given.name.replaceAll("|", "\\|")]);
    }
  }
  for (const [row, names] of rows) {
    // The kind of a case is the first word of its name.
    const [kindOf] = names[0].split(" ");
    const alike = names.map((name, index) =>
      index > 0 && name.startsWith(`${kindOf} `) ? name.slice(kindOf.length + 1) : name,
    );
    console.log(`| ${alike.join(", ")} | ${row} |`);
  }
  console.log(`\nIn ${left} other requests all dialects are the same and accepted.`);
}

/** What a server says of a signature in a dialect; a wrong secret tells whether it came as far as the signature. */
async function judge(to, dialect, given) {
  const right = await ask(to, dialect, given, to.keys);
  const { text, status, canonicalRequest } = right;
  if (status === undefined) return { verdict: text, canonicalRequest };
  const wrong = await ask(to, dialect, given, { ...to.keys, secretAccessKey: `${to.keys.secretAccessKey}x` });
  if (/signature/i.test(text)) return { verdict: "refused", canonicalRequest };
  if (wrong.text === text) return { verdict: `${text}, whatever the signature`, canonicalRequest };
  return { verdict: status === 200 || status === 404 ? "accepted" : `accepted (${text})`, canonicalRequest };
}

/** Signs a case in a dialect and sends it. */
async function ask(to, dialect, given, keys) {
  const { method = "GET", path = "/key", wire = path, query = "", wireQuery = query, headers = [] } = given;
  const withAction = (text) => [to.query, text].filter((part) => part !== "").join("&");
  const now = Date.now();
  const amzDate = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const own = [["host", to.endpoint.host]];
  for (const name of given.dates ?? ["x-amz-date"]) {
    own.push([name, name === "date" ? new Date(now).toUTCString() : amzDate]);
  }
  if (to.scope.service === "s3") own.push(["x-amz-content-sha256", EMPTY_HASH]);

  const prepared = {
    method,
    path: given.signedPath ?? to.prefix + path,
    query: withAction(query),
    headers: [...own, ...headers.map(([name, value]) => [name, value])],
    payload: "",
  };
  let signed;
  try {
    signed = explainPrepared(await currentTriple(asRefreshable(keys)), { ...to.scope, dialect }, now, prepared);
  } catch (error) {
    return { text: `not signed: ${error.message}`, canonicalRequest: "" };
  }
  const { canonicalRequest, signedHeaders, signature } = signed;
  const credential = `${keys.accessKeyId}/${amzDate.slice(0, 8)}/${REGION}/${to.scope.service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  const sentQuery = withAction(wireQuery);
  const sent = [
    ...own,
    ...headers.map(([name, value, bytes = value]) => [name, bytes]),
    ["authorization", authorization],
  ];
  const answer = await send(to.endpoint.port, {
    method,
    path: `${given.wirePath ?? to.prefix + wire}${sentQuery === "" ? "" : `?${sentQuery}`}`,
    headers: sent,
  });
  // The moment of signing is no difference between dialects.
  return { ...answer, canonicalRequest: canonicalRequest.replace(/^(x-amz-)?date:.*/gm, "") };
}

/** Sends exactly this; headers may repeat. Resolves to the status and the error code. */
function send(port, { method, path, headers }) {
  return new Promise((resolve) => {
    const fails = (error) => resolve({ text: `not sent: ${error.code ?? error.message}` });
    const options = { method, host: "127.0.0.1", port, path, headers: headers.flat(), agent: false };
    try {
      const request = http.request(options, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => {
          const status = String(response.statusCode);
          const code = /<Code>([^<]*)|"(?:__type|message)":\s*"([^"]{0,40})/.exec(body)?.slice(1).find(Boolean) ?? "";
          resolve({ status: response.statusCode, text: code === status ? status : `${status} ${code}`.trim() });
        });
      });
      request.on("error", fails);
      request.end();
    } catch (error) {
      fails(error);
    }
  });
}

function cellOf(verdicts) {
  if (new Set(verdicts).size === 1) return verdicts[0] ?? "";
  if (verdicts.every((verdict) => verdict === "accepted" || verdict === "refused")) {
    return `${DIALECTS.filter((_, index) => verdicts[index] === "accepted").join(", ")} accepted`;
  }
  return DIALECTS.map((dialect, index) => `${dialect}: ${verdicts[index]}`).join("; ");
}

function sameForms([aws, smithy, botocore]) {
  if (aws === smithy && smithy === botocore) return "all the same";
  if (aws === smithy) return "botocore differs";
  if (aws === botocore) return "smithy differs";
  return smithy === botocore ? "aws differs" : "all differ";
}
