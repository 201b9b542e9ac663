/** Tests of SigV4a: what is signed and sent, verified by Node's own ECDSA with a key that is derived here. */
import { createECDH, createHmac, createPublicKey, type KeyObject, verify } from "node:crypto";
import test from "ava";
import { BRSValidationError, type SignerOptions } from "aws-refresh-session/signing";
import { AT, field, KEYS, SESSION_KEYS, signerWith, TOKEN } from "./examples.js";

const global = (options: Partial<SignerOptions> = {}) =>
  signerWith({ algorithm: "sigv4a", region: "us-east-1", ...options });
const url = "https://example.amazonaws.com/a%20b?x=1&y=2";

/** The public key of an identity: NIST SP 800-108 in counter mode over HMAC-SHA-256, as the SigV4a specification has it. */
function publicKey(accessKeyId: string, secretAccessKey: string): KeyObject {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  for (let counter = 1; ; counter++) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from("AWS4-ECDSA-P256-SHA256\0"),
      Buffer.from(accessKeyId),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const candidate = BigInt(`0x${createHmac("sha256", `AWS4A${secretAccessKey}`).update(input).digest("hex")}`);
    if (candidate > order - 2n) continue;
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey((candidate + 1n).toString(16).padStart(64, "0"), "hex");
    const point = ecdh.getPublicKey();
    return createPublicKey({
      format: "jwk",
      key: {
        kty: "EC",
        crv: "P-256",
        x: point.subarray(1, 33).toString("base64url"),
        y: point.subarray(33).toString("base64url"),
      },
    });
  }
}

const isSigned = (stringToSign: string, signature: string) =>
  verify(
    "sha256",
    Buffer.from(stringToSign),
    publicKey(KEYS.accessKeyId, KEYS.secretAccessKey),
    Buffer.from(signature, "hex"),
  );

test("headers: scope without a region, the region set signed and sent", async (t) => {
  const signer = global({ region: ["us-east-1", "eu-*"], credentials: SESSION_KEYS });
  const headers = await signer.sign({ method: "POST", url, body: "{}" }, AT);
  t.is(headers["x-amz-region-set"], "us-east-1,eu-*");
  t.is(headers["x-amz-security-token"], TOKEN);
  t.is(field(headers.authorization, "Credential"), "AKIDEXAMPLE/20150830/service/aws4_request");
  t.true(headers.authorization?.startsWith("AWS4-ECDSA-P256-SHA256 Credential="));
  t.is(field(headers.authorization, "SignedHeaders"), "host;x-amz-date;x-amz-region-set;x-amz-security-token");
  const { stringToSign, canonicalRequest } = signer.explain({ method: "POST", url, body: "{}" }, AT);
  t.true(canonicalRequest.includes("\nx-amz-region-set:us-east-1,eu-*\n"));
  t.true(isSigned(stringToSign, field(headers.authorization, "Signature")));
  t.false(isSigned(`${stringToSign}x`, field(headers.authorization, "Signature")));
});

test("the same request has the same signature: the nonce comes from key and text", (t) => {
  t.deepEqual(global().signSync({ url }, AT), global().signSync({ url }, AT));
});

test("presigned: the region set is a parameter", (t) => {
  const signer = global({ region: "*" });
  const { url: presigned } = signer.presignSync({ url }, { expiresIn: 60, ...AT });
  t.is(field(presigned, "X-Amz-Algorithm"), "AWS4-ECDSA-P256-SHA256");
  t.is(field(presigned, "X-Amz-Region-Set"), "%2A");
  t.is(field(presigned, "X-Amz-Credential"), "AKIDEXAMPLE%2F20150830%2Fservice%2Faws4_request");
  const { stringToSign, signature } = signer.explain({ url }, { expiresIn: 60, ...AT });
  t.is(field(presigned, "X-Amz-Signature"), signature);
  t.true(isSigned(stringToSign, signature));
  // Presigning again replaces all of it.
  t.is(signer.presignSync({ url: presigned }, { expiresIn: 60, ...AT }).url, presigned);
});

test("a list of URLs is presigned with it as one by one", async (t) => {
  const signer = global({ service: "s3" });
  const urls = Array.from(
    { length: 60 },
    (_, index) => `https://b.s3.amazonaws.com/${index}${index % 7 ? "" : "?a=b"}`,
  );
  const one = urls.map((each) => signer.presignSync(each, { expiresIn: 60, ...AT }).url);
  t.deepEqual(await signer.presignMany(urls, { expiresIn: 60, ...AT }), one);
  t.deepEqual(await signer.presignMany(urls.slice(0, 3), { expiresIn: 60, ...AT }), one.slice(0, 3));
});

test("signing again replaces the region set of an earlier signature", async (t) => {
  const once = await global({ region: "us-east-1" }).signRequest({ url, headers: { "X-Amz-Region-Set": "old" } }, AT);
  t.deepEqual(once, await global({ region: "us-east-1" }).signRequest({ url, headers: {} }, AT));
});

for (const region of ["", [], ["us-east-1", ""], "us-east-1,", "a b", ["us\neast"], 1, undefined]) {
  test(`a region set of ${JSON.stringify(region)} is refused`, (t) => {
    const error = t.throws(() => global({ region: region as string }), { instanceOf: BRSValidationError });
    t.is(error.param, "region");
  });
}

test("the second engine signs for one region only", (t) => {
  const error = t.throws(() => global({ engine: "aws-sigv4" }), { instanceOf: BRSValidationError });
  t.is(error.param, "engine");
  t.throws(() => signerWith({ algorithm: "v4a" as "sigv4a" }), { instanceOf: BRSValidationError });
  t.throws(() => signerWith({ region: "*" }), { instanceOf: BRSValidationError });
});
