/** Attacks on credentials and session tokens. */
import { KEYS, NOW, TOKEN } from "../../examples.js";
import { sha256, signedAs } from "../../reference.js";
import { withHeaders } from "../../refusals.js";
import { type Attack, adding, header, instead, query, replacing, withTarget } from "./attack.js";

const withToken = signedAs(withHeaders("X-Amz-Security-Token", TOKEN), {
  signedHeaders: "host;x-amz-date;x-amz-security-token",
});

const stored = { getCredentials: () => ({ ...KEYS, sessionToken: TOKEN }) };

const express = (...headers: string[]) => {
  const request = withHeaders("x-amz-content-sha256", sha256(""), ...headers);
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return signedAs(request, { service: "s3express", signedHeaders: [...names, "x-amz-date"].sort().join(";") });
};

const expressOptions = { service: "s3express", ...stored };

const late = withTarget((target) => `${target}&X-Amz-Security-Token=${encodeURIComponent(TOKEN)}`)(query);

export const CREDENTIALS: readonly Attack[] = [
  // ---- credentials
  {
    name: "another token",
    honest: withToken,
    attack: replacing(TOKEN, `${TOKEN}x`),
    options: stored,
    code: "InvalidToken",
    statusCode: 400,
  },
  { name: "the token taken away", honest: withToken, attack: instead(header), options: stored, code: "InvalidToken" },
  { name: "a token where none is stored", honest: header, attack: instead(withToken), code: "InvalidToken" },
  {
    name: "the token repeated",
    honest: withToken,
    attack: adding("x-amz-security-token", TOKEN),
    options: stored,
    code: "IncompleteSignature",
  },
  {
    name: "credentials that have ended",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => ({ ...KEYS, expiration: new Date(NOW) }) },
    code: "ExpiredToken",
    statusCode: 400,
  },
  {
    name: "credentials that have ended, with a wrong signature",
    honest: header,
    attack: withTarget(() => "/b"),
    later: { getCredentials: () => ({ ...KEYS, expiration: new Date(0) }) },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an expiration that is no date",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => ({ ...KEYS, expiration: new Date(Number.NaN) }) },
    code: "InternalFailure",
  },
  {
    name: "a lookup that throws",
    honest: header,
    attack: (r) => r,
    later: {
      getCredentials: () => {
        throw new Error("database is down");
      },
    },
    code: "InternalFailure",
    statusCode: 500,
  },
  {
    name: "a lookup that rejects",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => Promise.reject(new Error("down")) },
    code: "InternalFailure",
  },
  {
    name: "a lookup that never knew the key",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => undefined },
    code: "InvalidClientTokenId",
  },
  // ---- S3 Express
  {
    name: "the token of an S3 Express session under the other name as well",
    honest: express("x-amz-s3session-token", TOKEN),
    attack: instead(express("x-amz-s3session-token", TOKEN, "x-amz-security-token", TOKEN)),
    options: expressOptions,
    code: "InvalidRequest",
  },
  {
    name: "another token of an S3 Express session",
    honest: express("x-amz-s3session-token", TOKEN),
    attack: instead(express("x-amz-s3session-token", `${TOKEN}x`)),
    options: expressOptions,
    code: "InvalidToken",
  },
  {
    name: "the token of an S3 Express session repeated",
    honest: express("x-amz-s3session-token", TOKEN),
    attack: adding("x-amz-s3session-token", TOKEN),
    options: expressOptions,
    code: "IncompleteSignature",
  },
  {
    name: "an S3 Express token in place of the token of another service",
    honest: withToken,
    attack: instead(
      signedAs(withHeaders("x-amz-s3session-token", TOKEN), { signedHeaders: "host;x-amz-date;x-amz-s3session-token" }),
    ),
    options: stored,
    code: "InvalidToken",
  },
  // ---- a token after the signature
  {
    name: "a token after the signature where nobody asked for it",
    honest: late,
    attack: (r) => r,
    options: { ...stored, tokenAfterSignature: true },
    later: { tokenAfterSignature: false },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "another token after the signature",
    honest: late,
    attack: withTarget((t) => `${t}x`),
    options: { ...stored, tokenAfterSignature: true },
    code: "InvalidToken",
  },
  {
    name: "the late token moved before the signature",
    honest: late,
    attack: withTarget((t) => t.replace(/^(.*)(&X-Amz-Signature=.*?)(&X-Amz-Security-Token=.*)$/, "$1$3$2")),
    options: { ...stored, tokenAfterSignature: true },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "another parameter after the signature",
    honest: late,
    attack: withTarget((t) => `${t}&x=y`),
    options: { ...stored, tokenAfterSignature: true },
    code: "SignatureDoesNotMatch",
  },
];
