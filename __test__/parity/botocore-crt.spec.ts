/** RequestSigner's v4a types make the same of a request as botocore with the AWS CRT, whose signatures hold over our text. */
import { createECDH, createHmac, createPublicKey, type KeyObject, verify } from "node:crypto";
import { inspect } from "node:util";
import { asymmetricCase, type Keys } from "./botocore-cases.js";
import { askBotocore, type OracleAnswer } from "./botocore-oracle.js";
import { explainOurs, signOurs } from "./botocore-ours.js";
import { oracleTest } from "./python-oracle.js";
import { seeded } from "./seeded.js";

oracleTest("requests and URLs signed with v4a and s3v4a", async (t) => {
  const random = seeded();
  const cases = Array.from({ length: Number(process.env.PARITY_CRT_CASES ?? 400) }, () => asymmetricCase(random));
  const answers = askBotocore(cases, false);
  let refused = 0;
  for (const [index, given] of cases.entries()) {
    const theirs = answers[index] as OracleAnswer;
    const told = () => `SEED=${random.seed}, case ${index}\n${inspect(given, { depth: 6, maxStringLength: 300 })}`;
    // The CRT refuses a query with a "%" that begins no byte; we sign it as it is sent.
    if (theirs.error?.includes("MALFORMED_INPUT_STRING") && /\?.*%(?![0-9a-f]{2})/i.test(given.url)) {
      refused++;
      continue;
    }
    if (theirs.error !== undefined) {
      t.fail(`${told()}\nbotocore: ${theirs.error}`);
      return;
    }
    const ours = await signOurs(given);
    const { canonicalRequest = "", stringToSign = "" } = (await explainOurs(given)) ?? {};
    const key = publicKeyOf(
      (given.context.signing as { requestCredentials?: Keys })?.requestCredentials ?? given.credentials,
    );
    const [expected, theirSignature] = withoutSignature(theirs.url, theirs.headers);
    const [found, ourSignature] = withoutSignature(ours.url, ours.headers);
    const holds = isSignature(key, stringToSign, theirSignature);
    if (holds && isSignature(key, stringToSign, ourSignature) && inspect(found) === inspect(expected)) continue;
    t.log(told());
    t.log("the CRT made", expected, "we made", found);
    t.log(`our canonical request\n${canonicalRequest}\n\nstring to sign\n${stringToSign}`);
    t.true(holds, "the CRT's signature holds over our string to sign");
    t.true(isSignature(key, stringToSign, ourSignature), "our signature holds");
    t.deepEqual(found, expected);
    return;
  }
  t.log(`SEED=${random.seed}: ${cases.length} cases, ${refused} refused by the CRT`);
  t.true(refused < cases.length / 4);
});

/** The signed request without its signature, which is random. The CRT strips the white space around values. */
function withoutSignature(url: string, headers: Iterable<readonly [string, string]>): [object, string] {
  let signature = "";
  const cutOut = (text: string) =>
    text.replace(/Signature=([0-9a-f]+)/, (_, found) => {
      signature = found;
      return "Signature=";
    });
  return [{ headers: [...headers].map(([name, value]) => [name, cutOut(value.trim())]), url: cutOut(url) }, signature];
}

function isSignature(key: KeyObject, stringToSign: string, signature: string): boolean {
  return verify("sha256", Buffer.from(stringToSign), key, Buffer.from(signature, "hex"));
}

const ORDER_LESS_TWO = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f");

/** The key pair that SigV4a derives from a secret; "Signature Version 4A" in the IAM user guide. */
function publicKeyOf({ accessKeyId, secretAccessKey }: Keys): KeyObject {
  for (let counter = 1; ; counter++) {
    const candidate = createHmac("sha256", `AWS4A${secretAccessKey}`)
      .update(Buffer.from([0, 0, 0, 1]))
      .update(`AWS4-ECDSA-P256-SHA256\0${accessKeyId}`)
      .update(Buffer.from([counter, 0, 0, 1, 0]))
      .digest("hex");
    const number = BigInt(`0x${candidate}`);
    if (number > ORDER_LESS_TWO) continue;
    const pair = createECDH("prime256v1");
    pair.setPrivateKey((number + 1n).toString(16).padStart(64, "0"), "hex");
    const point = pair.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x: x as string, y: y as string }, format: "jwk" });
  }
}
