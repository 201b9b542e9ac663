/** Tests of codes made from a secret: the vectors of RFC 6238, and Python's hmac as an oracle. */
import { inspect } from "node:util";
import test from "ava";
import { BRSValidationError } from "aws-refresh-session";
import { decodeBase32 } from "../../../dist/strategies/mfa/base32.js";
import { TotpCodes } from "../../../dist/strategies/mfa/totp.js";
import { ask, oracleTest } from "../../parity/python-oracle.js";
import { seeded } from "../../parity/seeded.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 for the secrets of the RFC, which it gives as ASCII; written the slow way round. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}

const codesOf = (totp: object) => new TotpCodes(totp, () => 0);

// RFC 6238, appendix B: codes of eight digits, of which the last six are those of six digits.
const SECRETS = {
  SHA1: "12345678901234567890",
  SHA256: "12345678901234567890123456789012",
  SHA512: "1234567890123456789012345678901234567890123456789012345678901234",
} as const;
const VECTORS: Array<[seconds: number, sha1: string, sha256: string, sha512: string]> = [
  [59, "94287082", "46119246", "90693936"],
  [1111111109, "07081804", "68084774", "25091201"],
  [1111111111, "14050471", "67062674", "99943326"],
  [1234567890, "89005924", "91819424", "93441116"],
  [2000000000, "69279037", "90698825", "38618901"],
  [20000000000, "65353130", "77737706", "47863826"],
];

for (const [index, algorithm] of (["SHA1", "SHA256", "SHA512"] as const).entries()) {
  test(`RFC 6238 with ${algorithm}`, (t) => {
    const codes = codesOf({ secret: base32(Buffer.from(SECRETS[algorithm])), algorithm });
    for (const [seconds, ...expected] of VECTORS) t.is(codes.codeAt(seconds * 1000), (expected[index] ?? "").slice(2));
  });
}

test("asks its clock, and changes the code at the step alone", async (t) => {
  let now = 29_999;
  const codes = new TotpCodes({ secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }, () => now);
  // RFC 4226, appendix D: counters 0 and 1.
  t.is(await codes.ask(), "755224");
  now = 30_000;
  t.is(await codes.ask(), "287082");
  now = 59_999;
  t.is(await codes.ask(), "287082");
});

test("how the secret is written does not matter", (t) => {
  const expected = codesOf({ secret: "JBSWY3DPEHPK3PXP" }).codeAt(1e12);
  for (const secret of [
    "jbswy3dpehpk3pxp",
    "JBSW Y3DP EHPK 3PXP",
    "jbsw-y3dp-ehpk-3pxp",
    " JBSWY3DPEHPK3PXP======\n",
  ]) {
    t.is(codesOf({ secret }).codeAt(1e12), expected, secret);
  }
});

for (const [param, totp] of [
  ["mfaTokenProvider.totp", null],
  ["mfaTokenProvider.totp", "JBSWY3DPEHPK3PXP"],
  ["mfaTokenProvider.totp.secret", {}],
  ["mfaTokenProvider.totp.secret", { secret: "" }],
  ["mfaTokenProvider.totp.secret", { secret: "  ==" }],
  ["mfaTokenProvider.totp.secret", { secret: "JBSWY3DPEHPK3PX0" }],
  ["mfaTokenProvider.totp.secret", { secret: "JBSWY3DPE" }],
  ["mfaTokenProvider.totp.secret", { secret: "JBSW=Y3DPEHPK3PX" }],
  ["mfaTokenProvider.totp.secret", { secret: "JBSWY3DPEHPK3PXÅ" }],
  ["mfaTokenProvider.totp.secret", { secret: Buffer.from("JBSWY3DPEHPK3PXP") }],
  ["mfaTokenProvider.totp.algorithm", { secret: "JBSWY3DPEHPK3PXP", algorithm: "MD5" }],
  ["mfaTokenProvider.totp.algorithm", { secret: "JBSWY3DPEHPK3PXP", algorithm: "sha1" }],
  ["mfaTokenProvider.totp.digits", { secret: "JBSWY3DPEHPK3PXP", digits: 8 }],
  ["mfaTokenProvider.totp.period", { secret: "JBSWY3DPEHPK3PXP", period: 0 }],
  ["mfaTokenProvider.totp.period", { secret: "JBSWY3DPEHPK3PXP", period: 29.5 }],
  ["mfaTokenProvider.totp.period", { secret: "JBSWY3DPEHPK3PXP", period: "30" }],
  ["mfaTokenProvider.totp.issuer", { secret: "JBSWY3DPEHPK3PXP", issuer: "aws" }],
] as const) {
  test(`refuses ${inspect(totp)}`, (t) => {
    const error = t.throws(() => codesOf(totp as never), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
    t.notRegex(`${inspect(error)} ${JSON.stringify(error)}`, /JBSW/);
  });
}

test("shows its secret nowhere", (t) => {
  const codes = codesOf({ secret: "JBSWY3DPEHPK3PXP" });
  const texts = [inspect(codes, { depth: 9, showHidden: true }), JSON.stringify(codes), Object.values(codes).join()];
  t.notRegex(texts.join(), /JBSWY3DPEHPK3PXP|48656c6c6f21deadbeef|Hello!|SGVsbG8h/i);
});

test("base32 gives back what was written, of any length", (t) => {
  const { seed, below } = seeded();
  t.log(`SEED=${seed}`);
  for (let length = 0; length < 200; length++) {
    const bytes = Buffer.from(Array.from({ length }, () => below(256)));
    t.deepEqual(decodeBase32(base32(bytes)), bytes);
  }
});

oracleTest("400 random secrets and times give the codes that Python gives", (t) => {
  const { seed, below, pick } = seeded();
  t.log(`SEED=${seed}`);
  const cases = Array.from({ length: 400 }, () => ({
    secret: base32(Buffer.from(Array.from({ length: 1 + below(70) }, () => below(256)))),
    algorithm: pick(["SHA1", "SHA256", "SHA512"]),
    period: pick([30, 60, 1, 90]),
    ms: below(2 ** 43),
  }));
  const expected = ask<string>("totp.py", cases);
  const ours = cases.map(({ ms, ...totp }) => codesOf(totp).codeAt(ms));
  t.is(expected.length, cases.length);
  t.deepEqual(ours, expected);
});
