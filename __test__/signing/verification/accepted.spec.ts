/** Tests of the forms that the verifier accepts: SigV4a by our reference and by the AWS SDK's, a Date header, late tokens. */

import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4a } from "@smithy/signature-v4a";
import test from "ava";
import { KEYS, NOW, TOKEN } from "../examples.js";
import { received } from "../received.js";
import { presignedAs, sha256, signedAs } from "../reference.js";
import { host, plain, verify, withHeaders } from "../refusals.js";
import { derOf, numbersOf, ORDER, presignedV4aAs, signedV4aAs } from "./reference-v4a.js";

test("SigV4a is accepted in headers and in the query, with its algorithm and region set told", async (t) => {
  for (const request of [signedV4aAs(plain), presignedV4aAs(plain)]) {
    const { algorithm, scope, payload } = await verify(request);
    t.is(algorithm, "sigv4a");
    t.is(payload, "verified");
    t.deepEqual(scope, { date: "20150830", region: "us-east-1", service: "service" });
  }
});

test("what the AWS SDK signs with SigV4a is accepted", async (t) => {
  for (let index = 0; index < 20; index++) {
    const signer = new SignatureV4a({ credentials: KEYS, service: "service", region: "us-east-1", sha256: Sha256 });
    const request = {
      method: "POST",
      protocol: "https:",
      hostname: host,
      path: `/a/${index}`,
      query: { b: "c d" },
      headers: { host, "x-amz-region-set": "us-*" },
      body: `content ${index}`,
    };
    const { headers, body } = await signer.sign(request as never, {
      signingDate: new Date(NOW),
      signingRegion: "us-*",
    });
    const sent = received({ method: "POST", url: `https://${host}/a/${index}?b=c%20d`, headers, body });
    t.is((await verify(sent)).algorithm, "sigv4a");
  }
});

for (const regionSet of ["*", "us-*", "us-east-*", "*-east-1", "eu-west-1,us-east-1", "eu-west-1, us-east-1", "u*1"]) {
  test(`the region set ${regionSet} holds us-east-1`, async (t) => {
    t.is((await verify(signedV4aAs(plain, { regionSet }))).scope.region, regionSet);
    t.is((await verify(presignedV4aAs(plain, { regionSet }))).scope.region, regionSet);
  });
}

test("both of the two signatures that ECDSA has for one text are accepted, as signers make both", async (t) => {
  const request = signedV4aAs(plain);
  const [r, s] = numbersOf(request.rawHeaders.at(-1)?.split("Signature=")[1] ?? "");
  const other = request.rawHeaders.map((text) => text.replace(/Signature=.*/, `Signature=${derOf(r, ORDER - s)}`));
  t.notDeepEqual(other, request.rawHeaders);
  t.is((await verify({ ...request, rawHeaders: other })).payload, "verified");
});

test("a signed Date header takes the place of X-Amz-Date", async (t) => {
  const date = "Sun, 30 Aug 2015 12:36:00 GMT";
  const signed = signedAs(withHeaders("Date", date), { signedHeaders: "date;host" });
  const rawHeaders = signed.rawHeaders.filter(
    (text, index, all) => !/^x-amz-date$/i.test(all[index - (index % 2)] ?? text),
  );
  t.false(rawHeaders.some((text) => /x-amz-date/i.test(text) && !text.startsWith("AWS4")));
  t.deepEqual((await verify({ ...signed, rawHeaders })).signedAt, new Date(NOW));
});

test("with X-Amz-Date the Date header is a header like any other", async (t) => {
  const request = signedAs(withHeaders("Date", "Mon, 01 Jan 1990 00:00:00 GMT"));
  t.deepEqual((await verify(request)).signedAt, new Date(NOW));
});

test("an S3 Express session is known by its own token", async (t) => {
  const names = "host;x-amz-content-sha256;x-amz-date;x-amz-s3session-token";
  const request = withHeaders("x-amz-content-sha256", sha256(""), "x-amz-s3session-token", TOKEN);
  const asked: unknown[] = [];
  const options = {
    service: "s3express",
    getCredentials: (claimed: object) => {
      asked.push(claimed);
      return { ...KEYS, sessionToken: TOKEN };
    },
  };
  await verify(signedAs(request, { service: "s3express", signedHeaders: names }), options);
  const scope = { date: "20150830", region: "us-east-1", service: "s3express" };
  t.deepEqual(asked, [{ accessKeyId: KEYS.accessKeyId, sessionToken: TOKEN, scope, isS3Session: true }]);
  const url = presignedAs(
    withHeaders("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    { service: "s3express", signedHeaders: "host;x-amz-content-sha256" },
    { "X-Amz-S3session-Token": TOKEN },
  );
  t.is((await verify(url, { ...options, payload: "allow-unsigned" })).payload, "unsigned");
});

test("a token after the signature is accepted by who asks for it, and so is one before", async (t) => {
  const options = { tokenAfterSignature: true, getCredentials: () => ({ ...KEYS, sessionToken: TOKEN }) };
  const url = presignedAs(plain);
  const late = { ...url, target: `${url.target}&X-Amz-Security-Token=${encodeURIComponent(TOKEN)}` };
  t.is((await verify(late, options)).payload, "verified");
  t.is((await verify(presignedAs(plain, {}, { "X-Amz-Security-Token": TOKEN }), options)).payload, "verified");
});
