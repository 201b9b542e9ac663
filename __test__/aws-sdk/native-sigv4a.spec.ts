/** Native SigV4a in SDK clients: installed in the SDK's containers, by withNativeSigning, and found to be what a verifier accepts. */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import * as multiRegion from "@aws-sdk/signature-v4-multi-region";
import * as smithy from "@smithy/signature-v4";
import * as smithyV4a from "@smithy/signature-v4a";
import type { HttpRequest } from "@smithy/types";
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, nativeSigV4a, SignatureV4a, withNativeSigning } from "aws-refresh-session/aws-sdk";
import { verifyRequest } from "aws-refresh-session/signing";
import * as oldest from "oldest-client-s3";
import { SESSION_KEYS } from "./examples.js";
import { freezeDate } from "./frozen-date.js";
import { type Client, sentBy } from "./sent-requests.js";

const NOW = Date.UTC(2026, 10, 21, 14);
const point = { Bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", Key: "a b/ü" };
const host = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com";
const credentials = SESSION_KEYS;
const { signatureV4CrtContainer } = multiRegion;
const { signatureV4aContainer } = smithy;

type Make = (more: object) => Client;
const s3: Make = (more) => new S3Client({ region: "us-east-1", ...more });
const oldestS3: Make = (more) => new oldest.S3Client({ region: "us-east-1", ...more });

/** Empties the containers now, and puts back at the end of a test what stood in them. */
function emptied(t: ExecutionContext): void {
  const [crt, js] = [{ ...signatureV4CrtContainer }, { ...signatureV4aContainer }];
  t.teardown(() => {
    Object.assign(signatureV4CrtContainer, crt);
    Object.assign(signatureV4aContainer, js);
  });
  signatureV4CrtContainer.CrtSignerV4 = null;
  signatureV4aContainer.SignatureV4a = null;
}

async function verified(target: string, headers: HttpRequest["headers"]) {
  const rawHeaders = Object.entries(headers).flat();
  const { region, ...options } = {
    region: "ap-southeast-2",
    service: "s3",
    hosts: [host],
    payload: "allow-unsigned",
  } as const;
  return verifyRequest(
    { method: "GET", target, rawHeaders, body: Buffer.alloc(0) },
    { ...options, region, getCredentials: () => SESSION_KEYS, clock: () => NOW },
  );
}

const SIGNATURE = /Signature=[0-9a-f]*$/;

/** Of everything but the signature, which ECDSA makes as it likes. */
const comparable = ({ headers, body: _, ...rest }: HttpRequest) => ({
  ...rest,
  headers: { ...headers, authorization: headers.authorization?.replace(SIGNATURE, "Signature=") },
});

async function stockRequest(t: ExecutionContext, make: Make, command: object): Promise<HttpRequest> {
  emptied(t);
  signatureV4aContainer.SignatureV4a = smithyV4a.SignatureV4a;
  const [stock] = await sentBy(make, command, { credentials });
  signatureV4aContainer.SignatureV4a = null;
  return stock as HttpRequest;
}

for (const [title, install] of [
  ["withNativeSigning", (client: Client) => withNativeSigning(client)],
  [
    "nativeSigV4a, given the module",
    (client: Client) => {
      nativeSigV4a(multiRegion);
      return client;
    },
  ],
  [
    "nativeSigV4a, which finds what is loaded",
    (client: Client) => {
      nativeSigV4a();
      return client;
    },
  ],
  [
    "nativeSigV4a, given the container of the JavaScript signer",
    (client: Client) => {
      nativeSigV4a({ signatureV4aContainer });
      return client;
    },
  ],
] as const) {
  test.serial(`a multi-region access point, by ${title}: what the SDK's own SigV4a sends, and verified`, async (t) => {
    freezeDate(t, NOW);
    const command = new GetObjectCommand(point);
    const stock = await stockRequest(t, s3, command);
    t.deepEqual(await sentBy(s3, command, { credentials }), [], "nothing is sent without SigV4a");
    const [sent] = await sentBy((more) => install(s3(more)), command, { credentials });
    t.deepEqual(comparable(sent as HttpRequest), comparable(stock));
    const { query = {}, path, headers } = sent as HttpRequest;
    const { accessKeyId, scope } = await verified(`${path}?x-id=${query["x-id"]}`, headers);
    t.is(accessKeyId, credentials.accessKeyId);
    t.is(scope.region, "*");
    await t.throwsAsync(verified(`${path}x`, headers), { message: /signature/i });
  });
}

test.serial(
  "the oldest client, too: by its own container, which is found where it is loaded, and by withNativeSigning",
  async (t) => {
    freezeDate(t, NOW);
    emptied(t);
    const command = new oldest.GetObjectCommand(point);
    const [installed] = await sentBy((more) => withNativeSigning(oldestS3(more)), command, { credentials });
    t.true(nativeSigV4a() >= 3);
    const [found] = await sentBy(oldestS3, command, { credentials });
    for (const sent of [installed, found]) {
      t.is((await verified(`${sent?.path}?x-id=GetObject`, sent?.headers ?? {})).scope.region, "*");
    }
    t.deepEqual(comparable(found as HttpRequest), comparable(installed as HttpRequest));
  },
);

test.serial(
  "presigned URLs of multi-region access points are made, which JavaScript's SigV4a refuses to",
  async (t) => {
    freezeDate(t, NOW);
    emptied(t);
    const client = new S3Client({ region: "us-east-1", credentials });
    signatureV4aContainer.SignatureV4a = smithyV4a.SignatureV4a;
    await t.throwsAsync(getSignedUrl(client, new GetObjectCommand(point)), {
      message: /only supported when using the CRT/,
    });
    nativeSigV4a(multiRegion);
    const url = new URL(await getSignedUrl(client, new GetObjectCommand(point), { expiresIn: 60 }));
    t.is(url.searchParams.get("X-Amz-Algorithm"), "AWS4-ECDSA-P256-SHA256");
    t.is(url.host, host);
    const { expiresAt } = await verified(url.pathname + url.search, { host });
    t.is(expiresAt?.getTime(), NOW + 60_000);
  },
);

test.serial("a signer in the container signs for the regions it is given, whatever they are", async (t) => {
  const signer = new SignatureV4a({ service: "events", region: "us-east-1,eu-west-1", credentials });
  const request = { method: "POST", protocol: "https:", hostname: "h", path: "/", headers: { host: "h" }, body: "{}" };
  const { headers } = await signer.sign(request, { signingDate: new Date(NOW) });
  t.is(headers["x-amz-region-set"], "us-east-1,eu-west-1");
  t.regex(
    headers.authorization ?? "",
    /^AWS4-ECDSA-P256-SHA256 Credential=ASIAEXAMPLE\/20261121\/events\/aws4_request, /,
  );
});

test.serial("without a container there is an error that says where it was looked for", (t) => {
  for (const module of [smithyV4a, {}, undefined, { signatureV4CrtContainer: null }, SESSION_KEYS]) {
    t.throws(() => nativeSigV4a(module as never), {
      instanceOf: BRSConfigurationError,
      message:
        /^nativeSigV4a\(\) takes the module @aws-sdk\/signature-v4-multi-region or @smithy\/signature-v4, found <\w+>$/,
    });
  }
});
