/** What of `/aws-sdk` has to fit the types of installed clients; it is tsc that tests. */
import { DynamoDB, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { TranscribeStreamingClient, type TranscribeStreamingClientConfig } from "@aws-sdk/client-transcribe-streaming";
import * as multiRegion from "@aws-sdk/signature-v4-multi-region";
import * as smithy from "@smithy/signature-v4";
import type { HttpAuthScheme, HttpSigner, RequestPresigner, RequestSigner, StringSigner } from "@smithy/types";
import test from "ava";
import {
  NativeSigV4aSigner,
  NativeSigV4Signer,
  nativeSigV4a,
  SignatureV4,
  SignatureV4a,
  withNativeSigning,
} from "aws-refresh-session/aws-sdk";
import * as oldestS3 from "oldest-client-s3";
import type * as oldestSts from "oldest-client-sts";

const region = "us-east-1";

test("a client keeps its type", (t) => {
  const s3: S3Client = withNativeSigning(new S3Client({ region }));
  const document: DynamoDB = withNativeSigning(new DynamoDB({ region }));
  const dynamodb: DynamoDBClient = withNativeSigning(new DynamoDBClient({ region }));
  const transcribe: TranscribeStreamingClient = withNativeSigning(new TranscribeStreamingClient({ region }));
  const old: oldestS3.S3Client = withNativeSigning(new oldestS3.S3Client({ region }));
  // @ts-expect-error A client of one service is none of another.
  const wrong: TranscribeStreamingClient = withNativeSigning(new S3Client({ region }));
  t.is([s3, document, dynamodb, transcribe, old, wrong].length, 6);
});

test("the signers of schemes are HttpSigners, in the configuration of clients too", (t) => {
  const signers: readonly HttpSigner[] = [new NativeSigV4Signer(), new NativeSigV4aSigner()];
  const schemeId = "aws.auth#sigv4";
  const scheme: HttpAuthScheme = {
    schemeId,
    identityProvider: (config) => config.getIdentityProvider(schemeId),
    signer: new NativeSigV4Signer(),
  };
  const s3: S3ClientConfig = { httpAuthSchemes: [{ ...scheme, schemeId }] };
  const transcribe: TranscribeStreamingClientConfig = { httpAuthSchemes: [{ ...scheme, schemeId }] };
  const old: oldestSts.STSClientConfig = { httpAuthSchemes: [{ ...scheme, schemeId }] };
  // The handlers of one may be another's.
  const keeping = new NativeSigV4Signer(scheme.signer);
  // @ts-expect-error A list of names is no signer.
  const wrong = new NativeSigV4Signer({ errorHandler: ["a"] });
  t.is([signers, s3, transcribe, old, keeping, wrong].length, 6);
});

test("SignatureV4 is what clients take as signer and constructor", (t) => {
  const signer = new SignatureV4({ service: "s3", region, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const configs: readonly S3ClientConfig[] = [{ signerConstructor: SignatureV4 }, { signer }];
  const old: oldestS3.S3ClientConfig = { signerConstructor: SignatureV4 };
  const roles: RequestSigner & RequestPresigner & StringSigner = signer;
  // @ts-expect-error A signer needs a service.
  const wrong = () => new SignatureV4({ region, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  t.is([configs, old, roles, wrong].length, 4);
});

test("the containers of the SDK are what nativeSigV4a fills", (t) => {
  t.is(nativeSigV4a(multiRegion, smithy), 2);
  t.is(multiRegion.signatureV4CrtContainer.CrtSignerV4 as unknown, SignatureV4a);
  t.is(smithy.signatureV4aContainer.SignatureV4a as unknown, SignatureV4a);
  // @ts-expect-error A client holds no container.
  t.throws(() => nativeSigV4a(new S3Client({ region })));
});
