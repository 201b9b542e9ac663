/** The public types, pinned: compiled by tsc, never run. */
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { STSClientConfig } from "@aws-sdk/client-sts";
import {
  type BRSError,
  type CredentialSource,
  CustomRefreshableSession,
  fromChain,
  fromEnv,
  fromProcess,
  fromProfile,
  fromWebIdentity,
  type Identity,
  type IOTX509RefreshableSession,
  type MqttClient,
  type RefreshableCredentials,
  RefreshableSession,
  type RefreshStrategy,
  type SessionCredentialProvider,
  Signer,
  STSRefreshableSession,
  type StsSessionOptions,
  type TemporaryCredentials,
} from "aws-refresh-session";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
declare function assert<Condition extends true>(): Condition;

const assumeRole = { RoleArn: "arn:aws:iam::123456789012:role/reports" };
const credentials = {
  access_key: "AKID",
  secret_key: "secret",
  token: "token",
  expiry_time: new Date(0),
};

// ---- the facade gives the class of the method
const sts = new RefreshableSession({ method: "sts", assumeRole });
assert<Equals<typeof sts, STSRefreshableSession>>();
const byDefault = new RefreshableSession({ assumeRole });
assert<Equals<typeof byDefault, STSRefreshableSession>>();
const custom = new RefreshableSession({ method: "custom", customCredentialsMethod: () => credentials });
custom satisfies CustomRefreshableSession<object>;
custom satisfies RefreshableSession;
const iot = new RefreshableSession({ method: "iot", endpoint: "x", roleAlias: "y", certificate: "z", privateKey: "z" });
assert<Equals<typeof iot, IOTX509RefreshableSession>>();
assert<Equals<Awaited<ReturnType<typeof iot.mqtt>>, MqttClient>>();
declare const realClient: import("mqtt").MqttClient;
realClient satisfies MqttClient;
const registered = new RefreshableSession({ method: "vault", mount: "aws", region: "eu-west-1" });
assert<Equals<typeof registered, RefreshableSession>>();
const methodOfRunTime = new RefreshableSession({ method: String(1) });
assert<Equals<typeof methodOfRunTime, RefreshableSession>>();

// ---- create is typed alike
const created = RefreshableSession.create({ assumeRole });
assert<Equals<typeof created, Promise<STSRefreshableSession>>>();
const createdClass = STSRefreshableSession.create({ assumeRole }, { signal: new AbortController().signal });
assert<Equals<typeof createdClass, Promise<STSRefreshableSession>>>();

// ---- instanceof narrows
declare const some: RefreshableSession;
if (some instanceof STSRefreshableSession) assert<Equals<typeof some, STSRefreshableSession>>();
declare const thing: unknown;
if (thing instanceof RefreshableSession) assert<Equals<typeof thing, RefreshableSession>>();

// ---- the arguments of a custom function are those given
new RefreshableSession({
  method: "custom",
  customCredentialsMethod: (args, { signal }) => {
    assert<Equals<typeof args, { role: string }>>();
    assert<Equals<typeof signal, AbortSignal>>();
    return Promise.resolve(credentials);
  },
  customCredentialsMethodArgs: { role: "reports" },
});
new CustomRefreshableSession({
  customCredentialsMethod: ({ role }: { role: string }) => ({ ...credentials, access_key: role }),
  customCredentialsMethodArgs: { role: "reports" },
});
new CustomRefreshableSession({
  customCredentialsMethod: async () => ({
    Credentials: { AccessKeyId: "AKID", SecretAccessKey: "s", SessionToken: "t", Expiration: "2100-01-01T00:00:00Z" },
  }),
});

// ---- what is wrong does not compile
// @ts-expect-error assumeRole is missing
new RefreshableSession({ method: "sts" });
// @ts-expect-error RoleArn is missing
new RefreshableSession({ assumeRole: { RoleSessionName: "jane" } });
// @ts-expect-error an option of another method
new RefreshableSession({ method: "sts", assumeRole, customCredentialsMethod: () => credentials });
// @ts-expect-error an option of another method
new RefreshableSession({ method: "custom", customCredentialsMethod: () => credentials, assumeRole });
// @ts-expect-error a misspelt option
new RefreshableSession({ method: "sts", assumeRole, advisoryTimeOut: 900 });
// @ts-expect-error a misspelt parameter
new RefreshableSession({ assumeRole: { ...assumeRole, RoleARN: "" } });
// @ts-expect-error a wrong type
new RefreshableSession({ assumeRole, deferRefresh: "no" });
// @ts-expect-error no such policy
new RefreshableSession({ assumeRole, refreshPolicy: "stable" });
// @ts-expect-error options of a registered method are checked where they are common
new RefreshableSession({ method: "vault", advisoryTimeout: "900" });
// @ts-expect-error the function answers no credentials
new RefreshableSession({ method: "custom", customCredentialsMethod: () => 42 });
// @ts-expect-error half of the credentials
new CustomRefreshableSession({ customCredentialsMethod: () => ({ access_key: "AKID", secret_key: "secret" }) });
const takesOne = (_: { a: 1 }) => credentials;
// @ts-expect-error arguments of another type
new CustomRefreshableSession({ customCredentialsMethod: takesOne, customCredentialsMethodArgs: { a: "x" } });
// @ts-expect-error the method of a class is fixed
new STSRefreshableSession({ method: "custom", assumeRole });
// @ts-expect-error credentials are not options of signer()
sts.signer({ service: "s3", credentials: fromEnv() });

// ---- members
assert<Equals<Awaited<ReturnType<typeof sts.refreshableCredentials>>, TemporaryCredentials>>();
assert<Equals<ReturnType<typeof sts.getCredentials>, RefreshableCredentials>>();
assert<Equals<typeof sts.ready, Promise<void>>>();
assert<Equals<typeof sts.region, string | undefined>>();
assert<Equals<typeof sts.credentials, SessionCredentialProvider>>();
assert<Equals<ReturnType<typeof sts.whoami>, Promise<Identity>>>();
sts.signer({ service: "s3" }) satisfies Signer;
sts.events.on("refreshError", ({ error }) => assert<Equals<typeof error, Error>>());
// @ts-expect-error no such event
sts.events.on("refreshed", () => {});
// @ts-expect-error read-only
sts.region = "eu-west-1";

// ---- everywhere that credentials are taken
const sources: CredentialSource[] = [
  { accessKeyId: "AKID", secretAccessKey: "secret" },
  fromEnv(),
  fromChain({ order: ["env", "config-file"] }),
  fromProfile({ profileName: "reports", mfaTokenProvider: ["ykman", "oath"] }),
  fromProcess({ command: "vend", timeout: 5 }),
  fromWebIdentity({ roleArn: "arn:aws:iam::123456789012:role/reports" }),
  sts,
  sts.getCredentials(),
  sts.credentials,
];
new Signer({ service: "s3", region: "eu-west-1", credentials: sts });
({ assumeRole, stsClientConfig: { credentials: sources[0] as CredentialSource } }) satisfies StsSessionOptions;
({ region: "eu-west-1", credentials: sts.credentials }) satisfies S3ClientConfig;
({ region: "eu-west-1", credentials: custom.credentials }) satisfies STSClientConfig;

// ---- strategies of users
const strategy: RefreshStrategy = {
  method: "vault",
  refresh: async ({ signal }) => ({ accessKeyId: String(signal.aborted), secretAccessKey: "secret" }),
};
RefreshableSession.register("vault", () => strategy);
RefreshableSession.register("vault", ({ mount }) => ({ ...strategy, method: String(mount) }), { replace: true });
// @ts-expect-error an asynchronous factory
RefreshableSession.register("vault", async () => strategy);

// ---- using
{
  using scoped = new RefreshableSession({ assumeRole });
  assert<Equals<typeof scoped, STSRefreshableSession>>();
}

// ---- errors
declare const error: BRSError;
assert<Equals<typeof error.code, string>>();
assert<Equals<typeof error.retryable, boolean>>();

// ---- sources
({ credentials: fromChain() }) satisfies S3ClientConfig;
({
  credentials: fromProfile({ env: {}, homeDir: "/home/jane", region: "eu-west-1", clock: () => 0 }),
}) satisfies S3ClientConfig;
// @ts-expect-error no such place
fromChain({ order: ["environment"] });
// @ts-expect-error nothing is called in a region
fromProcess({ region: "eu-west-1" });
