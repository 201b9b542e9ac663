/** Signing and presigning against aws4, @smithy/signature-v4 and the AWS SDK's getSignedUrl, in one run. */
import { randomBytes } from "node:crypto";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { SignatureV4a } from "@smithy/signature-v4a";
import { aws4 as ourAws4 } from "aws-refresh-session/http";
import { Signer } from "aws-refresh-session/signing";
import aws4 from "aws4";
import { awaited, compare, sync } from "./rounds.mjs";

const credentials = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  // As long as the tokens that STS gives.
  sessionToken: randomBytes(383).toString("base64").slice(0, 510),
};
const region = "us-east-1";

// A small JSON request, built anew for each signature as an HTTP client does.
const host = "dynamodb.us-east-1.amazonaws.com";
const body = JSON.stringify({ TableName: "orders", Key: { pk: { S: "customer#1" }, sk: { S: "order#0123456789" } } });
const headers = () => ({
  host,
  "content-type": "application/x-amz-json-1.0",
  "content-length": String(body.length),
  "x-amz-target": "DynamoDB_20120810.GetItem",
});

const signer = new Signer({ service: "dynamodb", region, credentials });
const crateSigner = new Signer({ service: "dynamodb", region, credentials, engine: "aws-sigv4" });
const smithy = new SignatureV4({ service: "dynamodb", region, credentials, sha256: Sha256 });

const ourRequest = () => ({ method: "POST", url: `https://${host}/`, headers: headers(), body });

/** Signing: name of the contender to nanoseconds. */
export const signing = () =>
  compare([
    { name: "signSync", each: 1, run: sync(() => signer.signSync(ourRequest()).authorization) },
    { name: "await sign", each: 1, run: awaited(() => signer.sign(ourRequest())) },
    { name: "signSync, engine aws-sigv4", each: 1, run: sync(() => crateSigner.signSync(ourRequest()).authorization) },
    {
      name: "aws4",
      each: 1,
      run: sync(
        () =>
          aws4.sign(
            { service: "dynamodb", region, method: "POST", host, path: "/", headers: headers(), body },
            credentials,
          ).headers.Authorization,
      ),
    },
    {
      name: "aws4's call shape",
      each: 1,
      run: sync(
        () =>
          ourAws4.sign(
            { service: "dynamodb", region, method: "POST", host, path: "/", headers: headers(), body },
            credentials,
          ).headers.Authorization,
      ),
    },
    {
      name: "@smithy/signature-v4",
      each: 1,
      run: awaited(() =>
        smithy.sign({
          method: "POST",
          protocol: "https:",
          hostname: host,
          path: "/",
          query: {},
          headers: headers(),
          body,
        }),
      ),
    },
  ]);

const globalSigner = new Signer({ service: "s3", region: "*", credentials, algorithm: "sigv4a" });
const smithyGlobal = new SignatureV4a({
  service: "s3",
  region: "*",
  credentials,
  sha256: Sha256,
  uriEscapePath: false,
});
const globalHost = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com";

/** Signing for a set of regions: name of the contender to nanoseconds. */
export const signingGlobally = () =>
  compare([
    {
      name: "signSync, SigV4a",
      each: 1,
      run: sync(
        () => globalSigner.signSync({ method: "GET", url: `https://${globalHost}/key`, headers: {} }).authorization,
      ),
    },
    {
      name: "@smithy/signature-v4a",
      each: 1,
      run: awaited(() =>
        smithyGlobal.sign({
          method: "GET",
          protocol: "https:",
          hostname: globalHost,
          path: "/key",
          query: {},
          headers: { host: globalHost },
        }),
      ),
    },
  ]);

const bucket = "bucket.s3.us-east-1.amazonaws.com";
const s3Signer = new Signer({ service: "s3", region, credentials });
const s3 = new S3Client({ region, credentials });
const BATCH = 2_000;
const urls = Array.from({ length: BATCH }, (_, index) => `https://${bucket}/photos/2026/11/${index}.jpg`);

/** Ropes are what concatenation leaves; asking for a character makes the text that an HTTP client would send. */
const flattened = (list) => {
  let sum = 0;
  for (const url of list) sum += url.charCodeAt(url.length - 1);
  return sum;
};

/** Presigning of S3 URLs: name of the contender to nanoseconds for each URL. */
export const presigning = () =>
  compare([
    {
      name: "presignMany",
      each: BATCH,
      run: async (times) => {
        for (let index = 0; index < times; index++) flattened(await s3Signer.presignMany(urls, { expiresIn: 900 }));
      },
    },
    {
      name: "presignMany, one core",
      each: 400,
      // Lists of a few hundred are signed on the calling thread.
      run: async (times) => {
        const few = urls.slice(0, 400);
        for (let index = 0; index < times; index++) flattened(await s3Signer.presignMany(few, { expiresIn: 900 }));
      },
    },
    {
      name: "presignSync",
      each: 1,
      run: sync((index) => s3Signer.presignSync(urls[index % BATCH], { expiresIn: 900 }).url),
    },
    {
      name: "aws4 (signQuery)",
      each: 1,
      run: sync(
        (index) =>
          aws4.sign(
            {
              service: "s3",
              region,
              method: "GET",
              host: bucket,
              path: `/photos/2026/11/${index}.jpg?X-Amz-Expires=900`,
              signQuery: true,
            },
            credentials,
          ).path,
      ),
    },
    {
      name: "getSignedUrl (AWS SDK)",
      each: 1,
      run: awaited((index) =>
        getSignedUrl(s3, new GetObjectCommand({ Bucket: "bucket", Key: `photos/2026/11/${index}.jpg` }), {
          expiresIn: 900,
        }),
      ),
    },
  ]);
