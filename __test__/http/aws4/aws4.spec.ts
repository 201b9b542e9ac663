/** Tests of aws4's call shape: credentials of every kind, URLs, CodeCommit's Git, and what a server receives. */
import { type RequestOptions, request as send } from "node:http";
import { inspect } from "node:util";
import test from "ava";
import { type Aws4Keys, type Aws4Request, aws4 } from "aws-refresh-session/http";
import peer, { type Request as PeerRequest } from "aws4";
import { freezeDate } from "../../parity/frozen-date.js";
import { KEYS, NOW, SESSION_KEYS } from "../../signing/examples.js";
import { rotatingSession } from "../../signing/refreshing-session.js";
import { startVerifier } from "../verifying-server.js";

const NAMES = ["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN"];

test.serial("keys of the environment sign, under both of their names, as they are at the call", (t) => {
  freezeDate(t, () => NOW);
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  const restore = () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  t.teardown(restore);
  for (const name of NAMES) delete process.env[name];
  t.throws(() => aws4.sign({ service: "sqs" }), { code: "ERR_CREDENTIALS", message: /AWS_ACCESS_KEY_ID/ });
  for (const names of [NAMES.filter((_, at) => at % 2 === 0), NAMES.filter((_, at) => at % 2 === 1)]) {
    for (const [at, name] of names.entries()) process.env[name] = [KEYS.accessKeyId, KEYS.secretAccessKey, "token"][at];
    t.deepEqual(aws4.sign({ service: "sqs" }).headers, peer.sign({ service: "sqs" }).headers);
    for (const name of NAMES) delete process.env[name];
  }
});

test("a session signs with what it holds; until it holds anything signAsync awaits it", async (t) => {
  const { session } = rotatingSession();
  const request: Aws4Request = { host: "sqs.us-east-1.amazonaws.com", path: "/" };
  t.throws(() => aws4.sign(request, session), { code: "ERR_CREDENTIALS_NOT_READY" });
  const { headers } = await aws4.signAsync({ ...request, headers: {} }, session);
  t.regex(String(headers.Authorization), /Credential=AKID1\//);
  t.is(headers["X-Amz-Security-Token"], "token1");
  t.is(aws4.sign({ ...request, headers: {} }, session).headers["X-Amz-Security-Token"], "token1");
  await session.getCredentials().refresh({ force: true });
  t.is(aws4.sign({ ...request, headers: {} }, session.credentials).headers["X-Amz-Security-Token"], "token2");
  const provider = async () => SESSION_KEYS;
  const signed = await aws4.signAsync("https://sqs.us-east-1.amazonaws.com/?a=b", provider);
  t.is(signed.headers["X-Amz-Security-Token"], SESSION_KEYS.sessionToken);
  await t.throwsAsync(
    aws4.signAsync(request, async () => Promise.reject(new Error("none today"))),
    {
      message: /none today/,
    },
  );
});

test("keys that are written down at each call, or changed in place, sign as they are", (t) => {
  const sign = (keys: Aws4Keys) => String(aws4.sign({ service: "sqs", headers: {} }, keys).headers.Authorization);
  const keys = { accessKeyId: "A1", secretAccessKey: "one" };
  t.regex(sign(keys), /Credential=A1/);
  keys.accessKeyId = "A2";
  t.regex(sign(keys), /Credential=A2/);
  t.not(sign({ ...keys, secretAccessKey: "two" }).split("Signature=")[1], sign(keys).split("Signature=")[1]);
});

test.serial("the options of a URL are those of aws4, as far as a request needs them", (t) => {
  freezeDate(t, () => NOW);
  for (const url of [
    "https://sqs.us-east-1.amazonaws.com/a%20b/c?x=1&y=z",
    "http://s3.amazonaws.com:8080/bucket/key#fragment",
    "https://iam.amazonaws.com",
    "https://user:secret@iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
  ]) {
    const theirs = peer.sign(url, KEYS) as PeerRequest;
    const ours = aws4.sign(url, KEYS);
    for (const name of ["protocol", "host", "hostname", "path", "headers"] as const) {
      t.deepEqual((ours as PeerRequest)[name], theirs[name], `${name} of ${url}`);
    }
    t.is(ours.port, theirs.port ?? undefined);
  }
});

test.serial("CodeCommit's Git is signed without the Z, and the parts of a signature can be asked for", (t) => {
  freezeDate(t, () => NOW);
  const request = () => ({
    service: "codecommit",
    host: "git-codecommit.us-east-1.amazonaws.com",
    method: "GIT",
    path: "/v1/repos/MyAwesomeRepo",
  });
  const [ours, theirs] = [new aws4.RequestSigner(request(), KEYS), new peer.RequestSigner(request(), KEYS)];
  t.true(ours.isCodeCommitGit);
  t.is(ours.getDateTime(), theirs.getDateTime());
  t.is(ours.signature(), theirs.signature());
  t.deepEqual(ours.sign().headers, theirs.sign().headers);
  const post = () => ({ service: "sqs", path: "/?a=b c", body: "content", headers: { "x-a": " 1  2 " } });
  const [signer, other] = [new aws4.RequestSigner(post(), SESSION_KEYS), new peer.RequestSigner(post(), SESSION_KEYS)];
  for (const part of [
    "createHost",
    "isSingleRegion",
    "getDateTime",
    "getDate",
    "canonicalString",
    "canonicalHeaders",
    "stringToSign",
    "signedHeaders",
    "credentialString",
    "signature",
    "authHeader",
  ] as const) {
    t.is(signer[part](), other[part](), part);
  }
  t.deepEqual((signer.credentials as Aws4Keys).accessKeyId, SESSION_KEYS.accessKeyId);
  t.false(inspect(signer, { depth: 5 }).includes(SESSION_KEYS.secretAccessKey));
});

test("what node:http sends of signed options is verified", async (t) => {
  const server = await startVerifier(t);
  const { session } = rotatingSession();
  const [hostname, port] = server.host.split(":") as [string, string];
  const place = { service: "service", region: "us-east-1", hostname, port };
  const requests: (Aws4Request & RequestOptions)[] = [
    { ...place },
    { ...place, path: "/größe/a b?x=ü&y=z+w", headers: { "X-A": " a  b ", "x-list": ["1", "2"] } },
    { ...place, path: "/a", body: "größe" },
    { ...place, method: "PUT", path: "/a?b", body: Buffer.from([0, 255]) },
    { ...place, path: "/a/b?c=d&e&X-Amz-Expires=60", signQuery: true },
  ];
  for (const request of requests) {
    const signed = await aws4.signAsync(request, session);
    await new Promise((resolve, reject) => {
      send(signed, (answer) => answer.resume().on("end", resolve))
        .on("error", reject)
        .end(signed.body);
    });
    t.is(server.arrived.at(-1)?.verdict, "AKID1", JSON.stringify(request));
  }
});
