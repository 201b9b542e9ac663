/** Requests for region "*" are signed with SigV4a, as S3 clients sign them once a package for it is installed. */
import { createECDH, createPublicKey, verify } from "node:crypto";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4a } from "@smithy/signature-v4a";
import test from "ava";
import { AT, KEYS, ours, request, SESSION_KEYS } from "./examples.js";

/** Their signer, and what it signs with which key; it leaves the signature itself out. */
function telling(init: object): { signer: SignatureV4a; told: { stringToSign: string; privateKey: Uint8Array } } {
  const told = { stringToSign: "", privateKey: new Uint8Array() };
  const getSignature = async (privateKey: Uint8Array, stringToSign: string) => {
    Object.assign(told, { privateKey, stringToSign });
    return "";
  };
  // The method is private in its types.
  return { signer: Object.assign(new SignatureV4a(init as never), { getSignature }) as never, told };
}

/** Whether a signature over a text was made with a private key. */
function isSigned(text: string, signature: string, privateKey: Uint8Array): boolean {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(privateKey);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  const key = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y } });
  return verify("sha256", Buffer.from(text), key, Buffer.from(signature, "hex"));
}

const ALL = { ...AT, signingRegion: "*" };
const SIGNATURE = /Signature=([0-9a-f]*)$/;

for (const credentials of [KEYS, SESSION_KEYS]) {
  for (const uriEscapePath of [true, false]) {
    test(`${credentials.accessKeyId}, ${uriEscapePath ? "with" : "without"} path encoding`, async (t) => {
      const init = { service: "s3", credentials, uriEscapePath };
      const input = () => request({ path: "/a b/(c)/./d", query: { x: "1 2", y: ["b", "a"] } });
      const { signer, told } = telling({ ...init, region: "us-east-1", sha256: Sha256 });
      const theirs = await signer.sign(input(), ALL);
      const signed = await ours(init).sign(input(), ALL);
      const [, signature = ""] = SIGNATURE.exec(signed.headers.authorization ?? "") ?? [];
      t.true(isSigned(told.stringToSign, signature, told.privateKey));
      t.false(isSigned(`${told.stringToSign}x`, signature, told.privateKey));
      const authorization = signed.headers.authorization?.replace(SIGNATURE, "Signature=");
      t.deepEqual({ ...signed.headers, authorization }, { ...theirs.headers });
    });
  }
}

test("a presigned request carries the region set as a parameter", async (t) => {
  const { query = {} } = await ours({ service: "s3", credentials: SESSION_KEYS }).presign(request(), ALL);
  t.is(query["X-Amz-Algorithm"], "AWS4-ECDSA-P256-SHA256");
  t.is(query["X-Amz-Region-Set"], "*");
  t.is(query["X-Amz-Credential"], "ASIAEXAMPLE/20150830/s3/aws4_request");
  t.regex(String(query["X-Amz-Signature"]), /^30[0-9a-f]{136,142}$/);
});

test("a text and an event have no region set: they are signed as ever", async (t) => {
  t.is((await ours().sign("text", ALL)).length, 64);
});
