/** MiniStack's API Gateway: an API behind IAM authorization, and the calls that make it. */
import { Signer } from "aws-refresh-session/signing";
import { type Keys, REGION } from "./ministack.js";
import { send } from "./raw-request.js";

/** Calls a service that speaks JSON over REST, and fails when it refuses. */
export async function callJson(
  endpoint: string,
  keys: Keys,
  service: string,
  method: string,
  path: string,
  content?: object,
): Promise<Record<string, unknown>> {
  const request = {
    method,
    url: `${endpoint}${path}`,
    headers: { "content-type": "application/json" },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  };
  const signer = new Signer({ service, region: REGION, credentials: keys });
  const answer = await send({ ...request, headers: { ...request.headers, ...(await signer.sign(request)) } });
  if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body || "{}");
}

/** Makes an API that answers every path and method with 200, once IAM lets the caller in; resolves to the URL of its stage. */
export async function makeRestApi(endpoint: string, keys: Keys): Promise<string> {
  const gateway = (method: string, path: string, content?: object) =>
    callJson(endpoint, keys, "apigateway", method, path, content);
  const { id } = await gateway("POST", "/restapis", { name: "shapes" });
  const resources = (await gateway("GET", `/restapis/${id}/resources`)) as { item: { id: string }[] };
  const root = `/restapis/${id}/resources/${resources.item[0]?.id}`;
  const proxy = await gateway("POST", root, { pathPart: "{proxy+}" });
  for (const resource of [root, `/restapis/${id}/resources/${proxy.id}`]) {
    const any = `${resource}/methods/ANY`;
    await gateway("PUT", any, { authorizationType: "AWS_IAM" });
    await gateway("PUT", `${any}/responses/200`, {});
    const templates = { "application/json": '{"statusCode": 200}' };
    await gateway("PUT", `${any}/integration`, { type: "MOCK", requestTemplates: templates });
    await gateway("PUT", `${any}/integration/responses/200`, {});
  }
  await gateway("POST", `/restapis/${id}/deployments`, { stageName: "test" });
  return `${endpoint}/restapis/${id}/test/_user_request_`;
}
