/** Signing with the credentials of an S3 Express session, beside the SDK's signer for it. */
import { SignatureV4MultiRegion } from "@aws-sdk/signature-v4-multi-region";
import { Sha256 } from "@smithy/core/checksum";
import type { HttpRequest } from "@smithy/core/protocols";
import test from "ava";
import { AT, KEYS, ours, request, SESSION_KEYS } from "./examples.js";

const INIT = { service: "s3express", region: "us-east-1", credentials: SESSION_KEYS, uriEscapePath: false };
const EXPRESS = { accessKeyId: "ASIAEXPRESS", secretAccessKey: "express secret", sessionToken: "express/token+==" };
const stock = () => new SignatureV4MultiRegion({ ...INIT, sha256: Sha256, runtime: "node" });

const REQUESTS: readonly (readonly [title: string, make: () => HttpRequest])[] = [
  ["a request", () => request()],
  ["a request with a token of before", () => request({ headers: { host: "h", "x-amz-s3session-token": "old" } })],
  [
    "the same in other letters",
    () => request({ headers: { host: "h", "X-Amz-S3Session-Token": "old", "X-Amz-Acl": "a" } }),
  ],
  ["a request without a query", () => Object.assign(request(), { query: undefined })],
];

for (const [title, make] of REQUESTS) {
  for (const identity of [EXPRESS, KEYS]) {
    const whose = "sessionToken" in identity ? "with a token" : "without a token";

    test(`${title}, signed ${whose}`, async (t) => {
      const input = make();
      const expected = await stock().signWithCredentials(make(), identity, AT);
      t.deepEqual({ ...(await ours(INIT).signWithCredentials(input, identity, AT)) }, { ...(expected as HttpRequest) });
      t.deepEqual(input, make(), "the input is left as it was");
      t.false("x-amz-security-token" in expected.headers);
    });

    test(`${title}, presigned ${whose}`, async (t) => {
      const input = make();
      const options = { ...AT, expiresIn: 60, unhoistableHeaders: new Set(["x-amz-acl"]) };
      const expected = await stock().presignWithCredentials(make(), identity, options);
      t.deepEqual(
        { ...(await ours(INIT).presignWithCredentials(input, identity, options)) },
        { ...(expected as HttpRequest) },
      );
      t.deepEqual(input, make(), "the input is left as it was");
      t.false("X-Amz-Security-Token" in (expected.query ?? {}));
    });
  }
}

test("the credentials of one call are not those of the next", async (t) => {
  const signer = ours(INIT);
  const [express, own] = await Promise.all([
    signer.signWithCredentials(request(), EXPRESS, AT),
    signer.sign(request(), AT),
  ]);
  t.regex(express.headers.authorization ?? "", /Credential=ASIAEXPRESS/);
  t.regex(own.headers.authorization ?? "", /Credential=ASIAEXAMPLE/);
  // The same identity as an ordinary one keeps its token.
  const ordinary = await ours({ ...INIT, credentials: EXPRESS }).sign(request(), AT);
  t.is(ordinary.headers["x-amz-security-token"], EXPRESS.sessionToken);
  t.is((await signer.signWithCredentials(request(), EXPRESS, AT)).headers["x-amz-security-token"], undefined);
});

test("an identity that is rotated in place while the region is awaited signs whole, as it was", async (t) => {
  const signer = ours({ ...INIT, region: async () => "us-east-1" });
  for (const way of ["signWithCredentials", "presignWithCredentials"] as const) {
    const identity = { ...EXPRESS };
    const expected = await signer[way](request(), { ...EXPRESS }, AT);
    const signing = signer[way](request(), identity, AT);
    Object.assign(identity, { accessKeyId: "ASIANEXT", secretAccessKey: "next secret", sessionToken: "next" });
    t.deepEqual({ ...(await signing) }, { ...expected });
  }
});
