/** Uploads in signed chunks before a real S3 server: all forms it has to accept, and every change it has to refuse. */
import { randomBytes } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Signer, type SignStreamOptions } from "aws-refresh-session/signing";
import { ALGORITHMS } from "../signing/streams/checksums.js";
import { type EncodedBody, parseBody, writeBody } from "../signing/streams/encoded-body.js";
import { errorCode, type RawRequest, type RawResponse, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";

type Server = Parameters<typeof serverTests>[0];

/** An upload as it goes over the wire. */
interface Upload {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const CHUNK = 65_536;
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * 1024 * 1024 + 17];
/** Changes are made to a body of three chunks and a short one. */
const DECODED = 3 * 8192 + 100;

export function streamTests(
  server: Server,
  credentials: { accessKeyId: string; secretAccessKey: string },
  region: string,
) {
  let endpoint = "";
  const signer = new Signer({ service: "s3", region, credentials });
  const sendSigned = async (request: RawRequest): Promise<RawResponse> =>
    send({ ...request, headers: { ...request.headers, ...(await signer.sign(request)) } });
  const test = serverTests(server, async (running) => {
    endpoint = running.endpoint;
    const made = await sendSigned({ method: "PUT", url: `${endpoint}/streams` });
    if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
  });

  async function upload(key: string, content: Buffer, options: Partial<SignStreamOptions> = {}): Promise<Upload> {
    const url = `${endpoint}/streams/${key}`;
    const { headers, stream } = await signer.signStream(
      { method: "PUT", url },
      { decodedContentLength: content.length, body: [content], ...options },
    );
    const body = Buffer.concat(await stream.toArray());
    return { url, headers, body };
  }
  const put = ({ url, headers, body }: Upload) => send({ method: "PUT", url, headers, body });
  const stored = async (url: string): Promise<Buffer> => {
    const headers = await signer.sign({ url });
    return new Promise((resolve, reject) => {
      const request = http.get(url, { headers, agent: false }, (response) => {
        response.toArray().then((pieces) => resolve(Buffer.concat(pieces)), reject);
      });
      request.on("error", reject);
    });
  };
  const exists = async (url: string) => (await sendSigned({ method: "HEAD", url })).status === 200;

  for (const size of SIZES) {
    test(`a body of ${size} bytes in signed chunks is stored as it is`, async (t) => {
      const content = randomBytes(size);
      const sent = await upload(`signed-${size}`, content);
      const answer = await put(sent);
      t.is(answer.status, 200, answer.body);
      t.true(content.equals(await stored(sent.url)));
    });

    for (const checksumAlgorithm of ALGORITHMS) {
      for (const payload of ["signed", "unsigned"] as const) {
        test(`a body of ${size} bytes with a ${checksumAlgorithm} trailer, ${payload}`, async (t) => {
          const content = randomBytes(size);
          const sent = await upload(`${payload}-${checksumAlgorithm}-${size}`, content, { checksumAlgorithm, payload });
          const answer = await put(sent);
          t.is(answer.status, 200, answer.body);
          t.true(content.equals(await stored(sent.url)));
        });
      }
    }
  }

  test("a file is piped through to the server, with a content encoding of its own", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "streams-"));
    try {
      const path = join(folder, "body");
      const content = randomBytes(8 * 1024 * 1024 + 5);
      writeFileSync(path, content);
      const url = `${endpoint}/streams/piped`;
      const { headers, stream } = await signer.signStream(
        { method: "PUT", url, headers: { "Content-Encoding": "gzip", "X-Amz-Meta-Kind": "piped" } },
        { decodedContentLength: content.length, checksumAlgorithm: "CRC64NVME", chunkSize: 1 << 17 },
      );
      t.is(headers["content-encoding"], "aws-chunked,gzip");
      const request = http.request(url, {
        method: "PUT",
        headers: { ...headers, "x-amz-meta-kind": "piped" },
        agent: false,
      });
      const answered = new Promise<number | undefined>((resolve, reject) => {
        request.on("response", (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on("error", reject);
      });
      await pipeline(createReadStream(path), stream, request);
      t.is(await answered, 200);
      t.true(content.equals(await stored(url)));
      const { headers: kept } = await sendSigned({ method: "HEAD", url });
      // S3 drops "aws-chunked"; not every server does.
      t.regex(String(kept["content-encoding"]), /^(?:aws-chunked,)?gzip$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const flip = (bytes: Buffer) => {
    const changed = Buffer.from(bytes);
    changed[0] = (changed[0] ?? 0) ^ 1;
    return changed;
  };
  const otherDigit = (signature: string) => (signature.startsWith("0") ? "1" : "0") + signature.slice(1);
  type Change = (body: EncodedBody) => EncodedBody;
  const chunkChanged = (
    index: number,
    change: (chunk: EncodedBody["chunks"][number]) => EncodedBody["chunks"][number],
  ): Change => {
    return ({ chunks, trailers }) => ({
      trailers,
      chunks: chunks.map((chunk, at) => (at === index ? change(chunk) : chunk)),
    });
  };
  const CHANGES: Record<string, Change> = {
    "a byte of the first chunk": chunkChanged(0, (chunk) => ({ ...chunk, data: flip(chunk.data) })),
    "a byte of the last chunk with data": chunkChanged(3, (chunk) => ({ ...chunk, data: flip(chunk.data) })),
    "the signature of the second chunk": chunkChanged(1, (chunk) => ({
      ...chunk,
      signature: otherDigit(chunk.signature ?? ""),
    })),
    "the signature of the final chunk": chunkChanged(4, (chunk) => ({
      ...chunk,
      signature: otherDigit(chunk.signature ?? ""),
    })),
    "two chunks in each other's place": ({ chunks: [one, two, ...rest], trailers }) => ({
      chunks: [two, one, ...rest].filter((chunk) => chunk !== undefined),
      trailers,
    }),
    "a chunk twice": ({ chunks: [one, ...rest], trailers }) => ({
      chunks: [one, one, ...rest].filter((chunk) => chunk !== undefined),
      trailers,
    }),
    "a chunk left out": ({ chunks: [one, _, ...rest], trailers }) => ({
      chunks: [one, ...rest].filter((chunk) => chunk !== undefined),
      trailers,
    }),
  };
  const TRAILER_CHANGES: Record<string, Change> = {
    "the value of the trailer": ({ chunks, trailers: [checksum = "", ...rest] }) => ({
      chunks,
      trailers: [checksum.replace(/:(.)/, (_, first) => `:${first === "A" ? "B" : "A"}`), ...rest],
    }),
    "the signature of the trailer": ({ chunks, trailers: [checksum = "", signature = ""] }) => ({
      chunks,
      trailers: [checksum, signature.replace(/:(.)/, (_, first) => `:${first === "0" ? "1" : "0"}`)],
    }),
    "no signature of the trailer": ({ chunks, trailers: [checksum = ""] }) => ({ chunks, trailers: [checksum] }),
  };

  const refused = (what: string, options: Partial<SignStreamOptions>, change: Change, index: number) =>
    test(`refused: ${what}, changed after signing`, async (t) => {
      const sent = await upload(`changed-${index}`, randomBytes(DECODED), { chunkSize: 8192, ...options });
      const parsed = parseBody(sent.body);
      t.true(writeBody(parsed).equals(sent.body), "an unchanged body is the same");
      const body = writeBody(change(parsed));
      t.false(body.equals(sent.body));
      const headers = { ...sent.headers, "content-length": String(body.length) };
      // Whoever changes a body can sign no new length; with the old one the server would wait for the rest.
      const answer = await put({ ...sent, headers: body.length === sent.body.length ? sent.headers : headers, body });
      t.true(answer.status >= 400, `${answer.status} ${answer.body}`);
      t.not(errorCode(answer), "InternalError");
      t.false(await exists(sent.url), "nothing is stored");
    });
  let index = 0;
  for (const [what, change] of Object.entries(CHANGES)) {
    refused(what, {}, change, index++);
    refused(`${what} (with a trailer)`, { checksumAlgorithm: "CRC32" }, change, index++);
  }
  for (const [what, change] of Object.entries(TRAILER_CHANGES)) {
    refused(what, { checksumAlgorithm: "CRC32C" }, change, index++);
  }
  refused(
    "a byte of an unsigned body",
    { checksumAlgorithm: "SHA1", payload: "unsigned" },
    chunkChanged(1, (chunk) => ({ ...chunk, data: flip(chunk.data) })),
    index++,
  );

  test("refused: a wrong secret", async (t) => {
    const stranger = new Signer({
      service: "s3",
      region,
      credentials: { ...credentials, secretAccessKey: "not the secret" },
    });
    const url = `${endpoint}/streams/stranger`;
    const { headers, stream } = await stranger.signStream(
      { method: "PUT", url },
      { decodedContentLength: 3, body: ["abc"] },
    );
    const answer = await put({ url, headers, body: Buffer.concat(await stream.toArray()) });
    t.is(errorCode(answer), "SignatureDoesNotMatch");
  });

  test("a body that ends too early leaves nothing on the server", async (t) => {
    const url = `${endpoint}/streams/short`;
    const { headers, stream } = await signer.signStream({ method: "PUT", url }, { decodedContentLength: 2 * CHUNK });
    const request = http.request(url, { method: "PUT", headers, agent: false });
    const gone = new Promise<void>((resolve) => {
      request.on("error", () => resolve());
      request.on("response", (response) => response.resume().on("close", resolve));
    });
    await t.throwsAsync(pipeline([randomBytes(CHUNK + 1)], stream, request), { code: "ERR_SIGN_LENGTH" });
    await gone;
    t.false(await exists(url));
  });
}
