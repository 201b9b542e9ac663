/** Attacks on the payload, and replays. */
import { ReplayGuard } from "aws-refresh-session/signing";
import { presignedAs, sha256, signedAs } from "../../reference.js";
import { plain, withHeaders } from "../../refusals.js";
import { derOf, numbersOf, ORDER, signedV4aAs } from "../reference-v4a.js";
import { type Attack, header, instead, query, replacing, withTarget } from "./attack.js";

const s3 = { service: "s3" } as const;

const s3Header = (hash: string, body: string) =>
  signedAs(
    { ...withHeaders("X-Amz-Content-Sha256", hash), method: "PUT", target: "/bucket/key", body },
    { service: "s3", signedHeaders: "host;x-amz-content-sha256;x-amz-date" },
  );

const v4a = signedV4aAs(plain);

export const PAYLOAD_AND_REPLAY: readonly Attack[] = [
  // ---- the payload
  {
    name: "another body",
    honest: { ...header, body: "" },
    attack: (r) => ({ ...r, body: "x" }),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a body that is not the declared one",
    honest: s3Header(sha256("content"), "content"),
    attack: (r) => ({ ...r, body: "Content" }),
    options: s3,
    code: "XAmzContentSHA256Mismatch",
    statusCode: 400,
  },
  {
    name: "UNSIGNED-PAYLOAD where bodies must be signed",
    honest: s3Header(sha256("content"), "content"),
    attack: instead(s3Header("UNSIGNED-PAYLOAD", "content")),
    options: s3,
    code: "AccessDenied",
  },
  {
    name: "a signed hash replaced by UNSIGNED-PAYLOAD",
    honest: s3Header(sha256("content"), "content"),
    attack: replacing(sha256("content"), "UNSIGNED-PAYLOAD"),
    options: { ...s3, payload: "allow-unsigned" },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "X-Amz-Content-Sha256 in query and header, differing",
    honest: presignedAs(
      withHeaders("x-amz-content-sha256", sha256("")),
      { service: "s3", signedHeaders: "host;x-amz-content-sha256" },
      { "X-Amz-Content-Sha256": sha256("") },
    ),
    attack: instead(
      presignedAs(
        withHeaders("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        { service: "s3", signedHeaders: "host;x-amz-content-sha256" },
        { "X-Amz-Content-Sha256": sha256("") },
      ),
    ),
    options: s3,
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "chunks of the other algorithm",
    honest: v4a,
    attack: instead(
      signedV4aAs(
        {
          ...withHeaders(
            "x-amz-content-sha256",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "x-amz-decoded-content-length",
            "0",
          ),
        },
        { signedHeaders: "host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-region-set" },
      ),
    ),
    code: "InvalidRequest",
  },
  {
    name: "a form of payload that is not known",
    honest: s3Header(sha256(""), ""),
    attack: instead(s3Header("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "")),
    options: s3,
    code: "NotImplemented",
    statusCode: 501,
  },
  // ---- replay
  {
    name: "the same request again",
    honest: header,
    attack: (r) => r,
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "a presigned URL again",
    honest: query,
    attack: (r) => r,
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "the same request in another spelling",
    honest: header,
    attack: (r) =>
      replacing(
        "SignedHeaders=host;x-amz-date, ",
        "SignedHeaders=host;x-amz-date,",
      )(withTarget((t) => t.replace("b=c", "%62=%63"))(r)),
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "the same SigV4a request with the other of its two signatures",
    honest: v4a,
    attack: (r) => {
      const [first, second] = numbersOf(r.rawHeaders.at(-1)?.split("Signature=")[1] ?? "");
      return replacing(/Signature=.*/, `Signature=${derOf(first, ORDER - second)}`)(r);
    },
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "a fresh request to a guard that is full",
    honest: header,
    attack: instead(signedAs({ ...plain, target: "/b" })),
    options: { replay: new ReplayGuard({ maxEntries: 1 }) },
    code: "ServiceUnavailable",
    statusCode: 503,
  },
];
