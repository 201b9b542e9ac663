/** Makes on a MiniStack endpoint the user and the role that `npm run demo -- --endpoint URL` needs, and prints its environment. */
import { parseArgs } from "node:util";
import { Signer } from "aws-refresh-session";

const USAGE = `Usage: node scripts/demo-role.mjs --endpoint URL

Creates the IAM user and the role aws-refresh-session-demo on a MiniStack started with AUTH=true, and
prints the source credentials as shell commands:

  eval "$(node scripts/demo-role.mjs --endpoint http://127.0.0.1:4566)"
  npm run demo -- --endpoint http://127.0.0.1:4566`;

const NAME = "aws-refresh-session-demo";
const ACCOUNT = "000000000000";
const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/${NAME}`;
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/${NAME}`;
const REGION = "us-east-1";

function policy(statement) {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}

/** A caller of IAM on this endpoint, as its root user. */
function iamCaller(endpoint) {
  const signer = new Signer({
    service: "iam",
    region: REGION,
    // MiniStack's root keys, the same on every installation.
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  return async (action, parameters, { tolerate } = {}) => {
    const body = new URLSearchParams({ Action: action, Version: "2010-05-08", ...parameters }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const signature = await signer.sign({ method: "POST", url: endpoint, headers, body });
    const response = await fetch(endpoint, { method: "POST", headers: { ...headers, ...signature }, body });
    const text = await response.text();
    const code = element(text, "Code");
    if (!response.ok && code !== tolerate) {
      throw new Error(`${action} was answered with ${response.status} ${code}: ${element(text, "Message")}`);
    }
    return text;
  };
}

function element(xml, name) {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}

async function main(endpoint) {
  const iam = iamCaller(endpoint);
  const again = { tolerate: "EntityAlreadyExists" };
  await iam("CreateUser", { UserName: NAME }, again);
  await iam("PutUserPolicy", {
    UserName: NAME,
    PolicyName: NAME,
    PolicyDocument: policy({ Action: "sts:AssumeRole", Resource: ROLE_ARN }),
  });
  const trust = policy({ Action: "sts:AssumeRole", Principal: { AWS: USER_ARN } });
  await iam("CreateRole", { RoleName: NAME, AssumeRolePolicyDocument: trust }, again);
  const key = await iam("CreateAccessKey", { UserName: NAME });
  console.log(`export AWS_ACCESS_KEY_ID=${element(key, "AccessKeyId")}`);
  console.log(`export AWS_SECRET_ACCESS_KEY='${element(key, "SecretAccessKey")}'`);
  console.log("unset AWS_SESSION_TOKEN");
  console.log(`export AWS_REGION=${REGION}`);
}

try {
  const { values } = parseArgs({
    options: { endpoint: { type: "string" }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    console.log(USAGE);
  } else if (values.endpoint === undefined) {
    console.error(`--endpoint is missing\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    await main(values.endpoint);
  }
} catch (error) {
  console.error(`The role could not be made: ${error.message}`);
  process.exitCode = 1;
}
