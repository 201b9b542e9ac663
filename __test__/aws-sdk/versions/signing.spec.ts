/** Clients and presigners of every version send with our signer what they send with the one of that version. */
import { S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import { Sha256 } from "@smithy/core/checksum";
import type { HttpRequest } from "@smithy/types";
import test from "ava";
import { type SdkCredentials, SignatureV4 } from "aws-refresh-session/aws-sdk";
import { S3RequestPresigner as OldestS3RequestPresigner } from "oldest-s3-request-presigner";
import { freezeDate } from "../frozen-date.js";
import { AnsweringHandler } from "./answering-handler.js";
import { clientSignedBy, EVERY, REGION, type SdkService, SIGNINGS, type Signing, stock } from "./sdk-versions.js";

const NOON = Date.UTC(2026, 10, 21, 12);
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const CREDENTIALS: Readonly<Record<string, SdkCredentials>> = {
  "long-lived keys": KEYS,
  "a session token": { ...KEYS, sessionToken: "token+/=" },
  "a provider": async () => ({ ...KEYS, sessionToken: "token+/=", expiration: new Date(NOON + 3_600_000) }),
};

/** The invocation id is random, and signed. */
const withSameInvocation = (next: (args: { request: HttpRequest }) => unknown) => (args: { request: HttpRequest }) => {
  args.request.headers["amz-sdk-invocation-id"] = "0123abcd-4567-89ef-0123-456789abcdef";
  return next(args);
};
const SAME_INVOCATION = { relation: "before", toMiddleware: "httpSigningMiddleware", name: "sameInvocation" };

async function sentBy(service: SdkService, signing: Signing, credentials: SdkCredentials, systemClockOffset: number) {
  const requestHandler = new AnsweringHandler(service.protocol, () => ({}));
  const client = clientSignedBy(service, signing, credentials, { requestHandler, systemClockOffset });
  client.middlewareStack.addRelativeTo(withSameInvocation as never, SAME_INVOCATION as never);
  await client.send(service.command() as never);
  client.destroy();
  return requestHandler.sent;
}

for (const { service, title } of EVERY) {
  test.serial(`${title} is sent as signed by the stock signer, whoever signs`, async (t) => {
    freezeDate(t, NOON);
    for (const credentials of Object.values(CREDENTIALS)) {
      for (const offset of [0, 3_600_000]) {
        const expected = await sentBy(service, stock, credentials, offset);
        t.regex(expected[0]?.headers.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//);
        t.is(expected[0]?.headers["x-amz-date"], `20261121T1${offset === 0 ? 2 : 3}0000Z`);
        for (const [how, signing] of Object.entries(SIGNINGS)) {
          t.deepEqual(await sentBy(service, signing, credentials, offset), expected, how);
        }
      }
    }
  });
}

interface Presigner {
  presign(request: object, options: object): Promise<{ query?: Record<string, unknown> }>;
}
const PRESIGNERS = { "3.699": OldestS3RequestPresigner, newest: S3RequestPresigner } as object;

for (const [version, Presigner] of Object.entries(PRESIGNERS) as [string, new (init: object) => Presigner][]) {
  test.serial(`the presigner of S3 of ${version} makes the same URLs`, async (t) => {
    freezeDate(t, NOON);
    const request = {
      method: "GET",
      protocol: "https:",
      hostname: "a-bucket.s3.eu-west-1.amazonaws.com",
      path: "/a%20b/%C3%BC",
      query: { versionId: "v", "response-content-type": "text/plain" },
      headers: { host: "a-bucket.s3.eu-west-1.amazonaws.com", "x-amz-meta-a": "1", "content-type": "text/plain" },
    };
    for (const credentials of Object.values(CREDENTIALS)) {
      const init = { service: "s3", region: REGION, credentials, uriEscapePath: false, applyChecksum: false };
      const stock = new Presigner({ ...init, sha256: Sha256 });
      const native = Object.assign(new Presigner({ ...init, sha256: Sha256 }), {
        signer: new SignatureV4(init),
      });
      for (const options of [{}, { expiresIn: 60 }, { unhoistableHeaders: new Set(["x-amz-meta-a"]) }]) {
        const { query } = await stock.presign(request, options);
        t.regex(String(query?.["X-Amz-Signature"]), /^[0-9a-f]{64}$/);
        t.deepEqual((await native.presign(request, options)).query, query);
      }
    }
  });
}
