/** What requests of the transcript have that is awkward to sign: each kind has to be met. */
import type { Sent } from "./recording-handler.js";

export const KINDS: Readonly<Record<string, (sent: Sent) => boolean>> = {
  "an encoded path": ({ path }) => path.includes("%"),
  "a path with dots": ({ path }) => path.split("/").includes(".."),
  "a path with empty segments": ({ path }) => path.includes("//"),
  "a list in the query": ({ query = {} }) => Object.values(query).some(Array.isArray),
  "an awkward query": ({ query = {} }) => Object.values(query).some((value) => /[ +%~*]/.test(String(value))),
  "a header with runs of spaces": ({ headers }) => Object.values(headers).some((value) => / {2}|\t/.test(value)),
  "a header that is not ASCII": ({ headers }) => Object.values(headers).includes("é"),
  "a header of metadata": ({ headers }) => Object.keys(headers).some((name) => name.startsWith("x-amz-meta-")),
  "a checksum in the trailer": ({ headers }) => payloadHash(headers) === "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "an unsigned payload": ({ headers }) => payloadHash(headers) === "UNSIGNED-PAYLOAD",
  "signed events": ({ body }) => body.split(Buffer.from(":chunk-signature").toString("hex")).length > 3,
  "a compressed body": ({ headers }) => headers["content-encoding"] === "gzip",
  "a token of S3 Express": ({ headers }) => headers["x-amz-s3session-token"] === "s3-express-token",
  "a host that the input names": ({ hostname }) => hostname.startsWith("io-label."),
  "a host of an access point": ({ hostname }) => hostname.startsWith("point-123456789012."),
  "an authority in the place of a host": ({ headers }) =>
    (headers.authorization ?? "").includes("SignedHeaders=:authority;"),
  CBOR: ({ headers }) => headers["content-type"] === "application/cbor",
};

const payloadHash = (headers: Sent["headers"]): string | undefined => headers["x-amz-content-sha256"];
