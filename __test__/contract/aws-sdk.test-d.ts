/** The parts for SDK clients fit the AWS SDK's own types: compiled by tsc, never run. */
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { STSClientConfig } from "@aws-sdk/client-sts";
import type { SignatureV4MultiRegion } from "@aws-sdk/signature-v4-multi-region";
import type { SignatureV4 as TheirSignatureV4 } from "@smithy/signature-v4";
import type {
  AwsCredentialIdentity,
  EventSigner,
  HttpRequest,
  MessageSigner,
  RequestPresigner,
  RequestSigner,
  StringSigner,
} from "@smithy/types";
import { RefreshableSession } from "aws-refresh-session";
import { SignatureV4, type SignatureV4Init, SigningError } from "aws-refresh-session/aws-sdk";

const identity: AwsCredentialIdentity = { accessKeyId: "AKID", secretAccessKey: "secret" };
const signer = new SignatureV4({ service: "s3", region: "us-east-1", credentials: identity });

// ---- an instance is each of the SDK's signers
signer satisfies RequestSigner;
signer satisfies RequestPresigner;
signer satisfies StringSigner;
signer satisfies EventSigner;
signer satisfies MessageSigner;
signer satisfies RequestSigner & RequestPresigner & StringSigner & EventSigner & MessageSigner;
// What S3 Express asks of a signer besides.
signer satisfies Pick<SignatureV4MultiRegion, "signWithCredentials" | "presignWithCredentials">;

// ---- and has the public members of the class that it stands for
signer satisfies Pick<TheirSignatureV4, "sign" | "presign" | "signMessage">;
declare const theirInit: ConstructorParameters<typeof TheirSignatureV4>[0];
theirInit satisfies SignatureV4Init;

// ---- the class fits where clients take one, the instance where they take that
({ region: "us-east-1", signerConstructor: SignatureV4 }) satisfies STSClientConfig;
({ region: "us-east-1", signerConstructor: SignatureV4 }) satisfies S3ClientConfig;
({ region: "us-east-1", signer }) satisfies STSClientConfig;

// ---- credentials: a provider, a session, or what a session hands out
const session = new RefreshableSession({ assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" } });
for (const credentials of [identity, async () => identity, session, session.credentials, session.getCredentials()]) {
  new SignatureV4({ service: "sts", region: async () => "us-east-1", credentials, applyChecksum: false });
}

// ---- results are what was asked for
declare const request: HttpRequest;
signer.sign("text") satisfies Promise<string>;
signer.sign(request, { signingDate: 1, unsignableHeaders: new Set(["a"]) }) satisfies Promise<HttpRequest>;
signer.presign(request, { expiresIn: 60, hoistableHeaders: new Set(["a"]) }) satisfies Promise<HttpRequest>;
signer.sign({ headers: new Uint8Array(), payload: new Uint8Array() }, { priorSignature: "" }) satisfies Promise<string>;

// ---- mistakes do not compile
// @ts-expect-error a region is needed
new SignatureV4({ service: "s3", credentials: identity });
// @ts-expect-error so is the secret
new SignatureV4({ service: "s3", region: "us-east-1", credentials: { accessKeyId: "AKID" } });
// @ts-expect-error an event needs the signature before it
signer.sign({ headers: new Uint8Array(), payload: new Uint8Array() }, {});

new SigningError("message") satisfies Error;
