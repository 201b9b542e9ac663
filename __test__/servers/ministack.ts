/** MiniStack with signatures enforced: how it is started, and the user and the role that its tests act as. */
import { Signer } from "aws-refresh-session/signing";
import { element, type RawResponse, send } from "./raw-request.js";
import type { ServerProgram } from "./server-program.js";

export const REGION = "us-east-1";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export const miniStack: ServerProgram = {
  name: "MiniStack",
  program: process.platform === "win32" ? "ministack/Scripts/ministack.exe" : "ministack/bin/ministack",
  healthPath: "/_ministack/health",
  args: () => [],
  env: (port, folder) => ({
    AUTH: "true",
    BIND_HOST: "127.0.0.1",
    MINISTACK_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    MINISTACK_IMDS_V2_REQUIRED: "1",
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    LAMBDA_EXECUTOR: "local",
    PERSIST_STATE: "0",
    STATE_DIR: `${folder}/state`,
    S3_DATA_DIR: `${folder}/s3`,
  }),
};

/** MiniStack looks these up but does not check their signature: good for making a user whose keys it does check. */
const ROOT: Keys = { accessKeyId: "test", secretAccessKey: "test" };

/** The same for another account than the one MiniStack begins with: twelve digits are the account that they name. */
export const rootOf = (account: string): Keys => ({ accessKeyId: account, secretAccessKey: "test" });

const VERSIONS = { iam: "2010-05-08", sts: "2011-06-15" } as const;

export interface QueryCall {
  readonly endpoint: string;
  readonly service: keyof typeof VERSIONS;
  readonly action: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The request of an AWS Query call, not yet signed. */
export function queryRequest({ endpoint, service, action, parameters = {} }: QueryCall) {
  return {
    method: "POST",
    url: `${endpoint}/`,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: new URLSearchParams({ Action: action, Version: VERSIONS[service], ...parameters }).toString(),
  };
}

/** Signs and sends an AWS Query call. */
export async function callQuery(call: QueryCall, keys: Keys, signingDate?: Date): Promise<RawResponse> {
  const signer = new Signer({ service: call.service, region: REGION, credentials: keys });
  const request = queryRequest(call);
  const signed = await signer.sign(request, signingDate === undefined ? {} : { signingDate });
  return send({ ...request, headers: { ...request.headers, ...signed } });
}

export interface Principals {
  readonly user: Keys;
  readonly userArn: string;
  /** May be assumed by the user. */
  readonly roleArn: string;
  /** May be assumed by the user and by sessions of `roleArn`, with this external id. */
  readonly guardedRoleArn: string;
  readonly externalId: string;
}

const policy = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const EVERYTHING = {
  PolicyName: "everything",
  PolicyDocument: policy({ Effect: "Allow", Action: "*", Resource: "*" }),
};

/** Calls IAM as root, and fails when it refuses. */
export async function administer(
  endpoint: string,
  action: string,
  parameters: Record<string, string>,
  root: Keys = ROOT,
): Promise<RawResponse> {
  const answer = await callQuery({ endpoint, service: "iam", action, parameters }, root);
  if (answer.status === 200) return answer;
  throw new Error(`${action} was answered with ${answer.status}: ${answer.body}`);
}

/** Another access key of the user of the tests. */
export async function makeAccessKey(endpoint: string): Promise<Keys> {
  const { body } = await administer(endpoint, "CreateAccessKey", { UserName: "tester" });
  return { accessKeyId: textOf(body, "AccessKeyId"), secretAccessKey: textOf(body, "SecretAccessKey") };
}

function textOf(body: string, name: string): string {
  const found = element(body, name);
  if (found === undefined) throw new Error(`no ${name} in ${body}`);
  return found;
}

/** Makes a role that may do everything, for whom it trusts. */
export async function makeRole(endpoint: string, name: string, trust: object, root?: Keys): Promise<string> {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", ...trust };
  const parameters = { RoleName: name, AssumeRolePolicyDocument: policy(statement) };
  const { body } = await administer(endpoint, "CreateRole", parameters, root);
  await administer(endpoint, "PutRolePolicy", { RoleName: name, ...EVERYTHING }, root);
  return textOf(body, "Arn");
}

/** Makes a user and two roles that may do everything. */
export async function makePrincipals(endpoint: string): Promise<Principals> {
  const { body } = await administer(endpoint, "CreateUser", { UserName: "tester" });
  const userArn = textOf(body, "Arn");
  await administer(endpoint, "PutUserPolicy", { UserName: "tester", ...EVERYTHING });
  const user = await makeAccessKey(endpoint);
  const externalId = "customer-17";
  const roleArn = await makeRole(endpoint, "worker", { Principal: { AWS: userArn } });
  const guardedRoleArn = await makeRole(endpoint, "guarded", {
    Principal: { AWS: [userArn, roleArn] },
    Condition: { StringEquals: { "sts:ExternalId": externalId } },
  });
  return { user, userArn, roleArn, guardedRoleArn, externalId };
}

/** Temporary credentials of the role that the user may assume. */
export async function assumeRole(endpoint: string, { user, roleArn }: Principals): Promise<Required<Keys>> {
  const parameters = { RoleArn: roleArn, RoleSessionName: "assumed" };
  const { body } = await callQuery({ endpoint, service: "sts", action: "AssumeRole", parameters }, user);
  return {
    accessKeyId: textOf(body, "AccessKeyId"),
    secretAccessKey: textOf(body, "SecretAccessKey"),
    sessionToken: textOf(body, "SessionToken"),
  };
}
