/** The option types of the methods without a class of their own, pinned: compiled by tsc, never run. */
import { S3Client } from "@aws-sdk/client-s3";
import { STS, STSClient } from "@aws-sdk/client-sts";
import {
  type BuiltInMethod,
  RefreshableSession,
  type SdkStsClient,
  STSRefreshableSession,
  type StsSessionOptions,
} from "aws-refresh-session";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
declare function assert<Condition extends true>(): Condition;

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const PrincipalArn = "arn:aws:iam::123456789012:saml-provider/idp";
const IdentityPoolId = "eu-central-1:11111111-2222-3333-4444-555555555555";

// ---- each gives the base class
const web = new RefreshableSession({ method: "web-identity" });
assert<Equals<typeof web, RefreshableSession>>();
new RefreshableSession({
  method: "web-identity",
  webIdentity: { RoleArn, DurationSeconds: 900 },
  webIdentityTokenProvider: ({ signal }) => {
    assert<Equals<typeof signal, AbortSignal>>();
    return Promise.resolve("token");
  },
});
new RefreshableSession({
  method: "web-identity",
  webIdentityTokenFile: "~/token",
  stsClientConfig: { maxAttempts: 1 },
});
new RefreshableSession({ method: "saml", saml: { RoleArn, PrincipalArn }, samlAssertionProvider: () => "base64" });
new RefreshableSession({ method: "saml", saml: { RoleArn, PrincipalArn, SAMLAssertion: "base64" } });
new RefreshableSession({ method: "session-token" });
new RefreshableSession({
  method: "session-token",
  sessionToken: { SerialNumber: "arn:aws:iam::123456789012:mfa/jane" },
  mfaTokenProvider: "ykman oath accounts code --single aws",
});
new RefreshableSession({ method: "federation-token", federationToken: { Name: "jane" } });
new RefreshableSession({ method: "cognito", cognito: { IdentityPoolId }, cognitoLoginsProvider: () => ({ idp: "t" }) });
new RefreshableSession({ method: "chain", profileName: "reports", chain: { order: ["env", "config-file"] } });

// ---- create is typed alike
const created = RefreshableSession.create({ method: "chain" }, { signal: new AbortController().signal });
assert<Equals<typeof created, Promise<RefreshableSession>>>();

// ---- the names are known
assert<
  Equals<
    Extract<BuiltInMethod, "chain" | "cognito" | "federation-token" | "saml" | "session-token" | "web-identity">,
    "chain" | "cognito" | "federation-token" | "saml" | "session-token" | "web-identity"
  >
>();

// ---- an SDK client is an option of every method that calls STS
const client = new STSClient({ region: "eu-west-1" });
client satisfies SdkStsClient;
new STS({ region: "eu-west-1" }) satisfies SdkStsClient;
({ assumeRole: { RoleArn }, stsClientConfig: client }) satisfies StsSessionOptions;
new STSRefreshableSession({ assumeRole: { RoleArn }, stsClientConfig: client });
new RefreshableSession({ method: "web-identity", stsClientConfig: client });
new RefreshableSession({ method: "session-token", stsClientConfig: client });
// Told apart at construction alone: the types of the SDK's clients differ in nothing that is used here.
new S3Client({ region: "eu-west-1" }) satisfies SdkStsClient;

// ---- what is wrong does not compile
// @ts-expect-error the provider is missing
new RefreshableSession({ method: "saml", saml: { RoleArn } });
// @ts-expect-error a parameter of another operation
new RefreshableSession({ method: "web-identity", webIdentity: { RoleArn, ExternalId: "x" } });
// @ts-expect-error nobody signs
new RefreshableSession({ method: "web-identity", stsClientConfig: { credentials: web } });
// @ts-expect-error a token for the function that gives it
new RefreshableSession({ method: "web-identity", webIdentityTokenProvider: "token" });
// @ts-expect-error the user is missing
new RefreshableSession({ method: "federation-token" });
// @ts-expect-error an option of another method
new RefreshableSession({ method: "session-token", assumeRole: { RoleArn } });
// @ts-expect-error AWS's own spelling
new RefreshableSession({ method: "cognito", cognito: { identityPoolId: IdentityPoolId } });
// @ts-expect-error no such place
new RefreshableSession({ method: "chain", chain: { order: ["environment"] } });
// @ts-expect-error a client and options are two things
new STSRefreshableSession({ assumeRole: { RoleArn }, stsClientConfig: { send: client.send } });
