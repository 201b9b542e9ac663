/** The public types of signing, pinned: compiled by tsc, never run. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Readable, Transform } from "node:stream";
import type { RefreshableSession } from "aws-refresh-session";
import {
  type AuthInstance,
  type AuthType,
  type AwsHeaders,
  type AwsPreparedRequest,
  AwsRequest,
  appSyncRealtimeConnection,
  appSyncRealtimeStart,
  authTypes,
  clientErrorListener,
  type Explanation,
  generateDbAuthToken,
  generateDbConnectAdminAuthToken,
  generateDbConnectAuthToken,
  type PresignedPost,
  type PresignedSocket,
  type PresignedUrl,
  presignIotWebSocket,
  presignTranscribeWebSocket,
  type ReceivedRequest,
  ReplayGuard,
  RequestSigner,
  type registerDefaultSigningHooks,
  type resolveAuthType,
  S3ExpressIdentityResolver,
  type SignedEventStream,
  type SignedHeaders,
  type SignedStream,
  Signer,
  SigningEvents,
  type VerifiedPost,
  type VerifiedRequest,
  type VerifyOptions,
  verifyingListener,
  verifyPost,
  verifyRequest,
} from "aws-refresh-session/signing";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
declare function assert<Condition extends true>(): Condition;

const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
const region = "eu-west-1";
const url = "https://photos.s3.eu-west-1.amazonaws.com/cat.jpg";
const expiresIn = 60;

// ---- a signer: its options
const signer = new Signer({ service: "s3", region, credentials });
new Signer({ service: "s3", region: ["us-east-1", "eu-*"], credentials, algorithm: "sigv4a" });
new Signer({ service: "s3", region, credentials: async () => credentials, payload: "unsigned", engine: "core" });
// @ts-expect-error a region is needed
new Signer({ service: "s3", credentials });
// @ts-expect-error no such algorithm
new Signer({ service: "s3", region, credentials, algorithm: "v4a" });
// @ts-expect-error a misspelt option
new Signer({ service: "s3", region, credentials, unsignedHeader: ["a"] });
declare const session: RefreshableSession;
session.signer({ service: "s3", algorithm: "sigv4a", region: ["us-east-1", "eu-*"] }) satisfies Signer;

// ---- its methods
assert<Equals<ReturnType<typeof signer.sign>, Promise<SignedHeaders>>>();
assert<Equals<ReturnType<typeof signer.signSync>, SignedHeaders>>();
assert<Equals<ReturnType<typeof signer.presign>, Promise<PresignedUrl>>>();
assert<Equals<ReturnType<typeof signer.presignSync>, PresignedUrl>>();
assert<Equals<ReturnType<typeof signer.presignMany>, Promise<string[]>>>();
assert<Equals<ReturnType<typeof signer.presignStream>, AsyncGenerator<string, void, undefined>>>();
assert<Equals<ReturnType<typeof signer.signStream>, Promise<SignedStream>>>();
assert<Equals<ReturnType<typeof signer.signEventStream>, Promise<SignedEventStream>>>();
assert<Equals<ReturnType<typeof signer.createPresignedPost>, Promise<PresignedPost>>>();
assert<Equals<ReturnType<typeof signer.explain>, Explanation>>();
signer.signRequest({ method: "POST", url, body: "{}", signal: AbortSignal.timeout(1) }).then(({ signal }) => signal);
signer.signRequest(new Request(url)) satisfies Promise<Request>;
signer.sign({ url, headers: new Headers() });
signer.sign({ url, headers: [["a", "b"]], body: Buffer.alloc(1) });
signer.presignMany(new Set(["a.jpg"]), { base: "https://photos.s3.amazonaws.com/", expiresIn, minValidity: 1 });
signer.presignStream(
  (async function* () {
    yield { method: "PUT", url };
  })(),
  { expiresIn, onProgress: (done) => assert<Equals<typeof done, number>>() },
);
signer.signStream({ method: "PUT", url }, { decodedContentLength: 1, checksumAlgorithm: "CRC64NVME" });
signer.createPresignedPost({ bucket: "b", key: "k", expiresIn, conditions: [["content-length-range", 1, 2]] });
// @ts-expect-error a presigned URL has to end
signer.presign(url);
// @ts-expect-error a misspelt option
signer.presign(url, { expiresIn, minvalidity: 1 });
// @ts-expect-error an async iterable is for presignStream
signer.presignMany((async function* () {})(), { expiresIn });
// @ts-expect-error a stream is signed by signStream
signer.sign({ url, body: process.stdin });
// @ts-expect-error the length has to be known
signer.signStream({ url }, {});
// @ts-expect-error no such checksum
signer.signStream({ url }, { decodedContentLength: 1, checksumAlgorithm: "MD5" });
// @ts-expect-error no such condition
signer.createPresignedPost({ bucket: "b", key: "k", expiresIn, conditions: [["begins-with", "$key", "a"]] });

// ---- botocore's signer
authTypes satisfies readonly AuthType[];
const version: AuthType = "s3v4-query";
const events = new SigningEvents();
const boto = new RequestSigner({ serviceId: "S3", region, signingName: "s3", signatureVersion: version, events });
const request = new AwsRequest({ method: "GET", url, params: { versionId: "1" } });
assert<Equals<ReturnType<typeof boto.sign>, Promise<void>>>();
assert<Equals<ReturnType<typeof boto.generatePresignedUrl>, Promise<string>>>();
assert<Equals<ReturnType<typeof boto.explain>, Promise<Explanation>>>();
assert<Equals<ReturnType<typeof boto.getAuthInstance>, AuthInstance>>();
assert<Equals<ReturnType<typeof request.prepare>, AwsPreparedRequest>>();
assert<Equals<ReturnType<typeof resolveAuthType>, AuthType>>();
request.headers satisfies AwsHeaders;
request.context.signing = { region: "us-east-1", requestCredentials: credentials };
boto.sign("GetObject", request, { signingType: "presign-url", expiresIn });
events.on("choose-signer.s3.*", (event) => {
  event.signatureVersion = "none";
});
events.on("before-sign", (event) => {
  event.request satisfies AwsRequest;
});
assert<Equals<ReturnType<typeof registerDefaultSigningHooks>, () => void>>();
new S3ExpressIdentityResolver({ region, credentials }).register(events);
// @ts-expect-error no such type of signature
boto.sign("GetObject", request, { signingType: "presign" });
// @ts-expect-error an AwsRequest is needed
boto.sign("GetObject", { method: "GET", url });
// @ts-expect-error botocore's own spelling
new RequestSigner({ service_id: "S3", signatureVersion: "v4" });
// @ts-expect-error the list is frozen
authTypes.push("v5");

// ---- verification
const lookup = { region, getCredentials: () => ({ secretAccessKey: "secret" }) };
const options: VerifyOptions = { ...lookup, service: "s3", hosts: ["h"], replay: new ReplayGuard({ maxEntries: 1 }) };
declare const received: ReceivedRequest;
declare const incoming: IncomingMessage;
assert<Equals<ReturnType<typeof verifyRequest>, Promise<VerifiedRequest>>>();
assert<Equals<ReturnType<typeof verifyPost>, Promise<VerifiedPost>>>();
verifyRequest(received, options).then((verified) => verified.bodyVerifier() satisfies Transform);
verifyPost(new FormData(), { ...lookup, bucket: "photos", fileSize: 1 });
verifyPost({ key: "a" }, { ...lookup, bucket: "photos" });
createServer(verifyingListener(options, (_request, _response, { body }) => assert<Equals<typeof body, Buffer>>()));
verifyingListener(options, (_request, response, { principal }) => response.end(`hello ${principal}`));
const streaming = verifyingListener({ ...options, body: "stream" }, (_request, _response, { body }) => {
  assert<Equals<typeof body, Readable>>();
});
streaming satisfies (request: IncomingMessage, response: ServerResponse) => void;
createServer(streaming).on("clientError", clientErrorListener("xml"));
// @ts-expect-error hosts have to be told
verifyRequest(received, { ...lookup, service: "s3" });
// @ts-expect-error parsed headers do not do
verifyRequest({ method: "GET", target: "/", rawHeaders: incoming.headers }, options);
// @ts-expect-error nor does Node's request, whose target is called url
verifyRequest(incoming, options);

// ---- passwords and sockets
const where = { region, credentials };
generateDbAuthToken({ ...where, hostname: "h", port: 5432, username: "u" }) satisfies Promise<string>;
generateDbConnectAuthToken({ ...where, hostname: "h" }) satisfies Promise<string>;
generateDbConnectAdminAuthToken({ ...where, hostname: "h", expiresIn }) satisfies Promise<string>;
presignIotWebSocket({ ...where, endpoint: "h" }) satisfies Promise<PresignedSocket>;
presignTranscribeWebSocket({ ...where, stream: "medical", parameters: { "sample-rate": 16_000 } });
const api = { ...where, endpoint: "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql" };
appSyncRealtimeConnection(api).then((connection) => new WebSocket(connection.url, connection.protocols));
appSyncRealtimeStart({ id: "1", query: "subscription { a }" }, api);
// @ts-expect-error a port is a number
generateDbAuthToken({ ...where, hostname: "h", port: "5432", username: "u" });
// @ts-expect-error no such stream
presignTranscribeWebSocket({ ...where, stream: "fast", parameters: {} });
