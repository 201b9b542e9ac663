/** Keys, dates and requests that the tests of the SDK's parts share. */
import { Sha256 } from "@smithy/core/checksum";
import { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 as TheirSignatureV4 } from "@smithy/signature-v4";
import { SignatureV4, type SignatureV4Init } from "aws-refresh-session/aws-sdk";

export const DATE = new Date("2015-08-30T12:36:00Z");
export const AT = { signingDate: DATE };
export const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const SESSION_KEYS = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "a/token+of==" };

const INIT: SignatureV4Init = { service: "execute-api", region: "us-east-1", credentials: KEYS };

export const ours = (change: Partial<SignatureV4Init> = {}) => new SignatureV4({ ...INIT, ...change });
export const theirs = (change: Partial<SignatureV4Init> = {}) =>
  new TheirSignatureV4({ ...INIT, sha256: Sha256, ...change } as never);

type RequestOptions = ConstructorParameters<typeof HttpRequest>[0];

export const request = (change: RequestOptions = {}) =>
  new HttpRequest({
    method: "POST",
    hostname: "example.amazonaws.com",
    path: "/a/b",
    query: { c: "d" },
    headers: { host: "example.amazonaws.com", "content-type": "application/json" },
    body: "{}",
    ...change,
  });

/** What a call rejects with, whatever that is. */
export const rejection = (call: () => Promise<unknown>): Promise<unknown> =>
  call().then(
    (result) => {
      throw new Error(`did not reject, but gave ${JSON.stringify(result)}`);
    },
    (reason) => reason,
  );
