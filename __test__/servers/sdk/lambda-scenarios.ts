/** What users do with a Lambda client. */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  type LambdaClient,
  ListFunctionsCommand,
  ListTagsCommand,
  paginateListFunctions,
  TagResourceCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { zipOf } from "../zip-file.js";
import { refusal, type ServiceScenarios } from "./scenarios.js";

const CODE =
  'exports.handler = async (event, context) => { if (event.fail) throw new TypeError("told to"); return { echo: event, custom: context.clientContext }; };';

export const lambdaScenarios = (roleArn: () => string): ServiceScenarios<LambdaClient> => ({
  service: "Lambda",
  call: (client) => client.send(new ListFunctionsCommand({})),
  scenarios: {
    "a function is made, waited for, invoked, listed and removed": async ({ client, name: FunctionName }) => {
      const made = await client.send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: "nodejs20.x",
          Handler: "index.handler",
          Role: roleArn(),
          Code: { ZipFile: zipOf("index.js", CODE) },
          Environment: { Variables: { NOTE: "a  b+é" } },
        }),
      );
      const { state } = await waitUntilFunctionActiveV2(
        { client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 },
        { FunctionName },
      );
      const Payload = JSON.stringify({ text: "ü/日本 😀", "a+b": [1, null] });
      const custom = Buffer.from('{"custom":{"a":"b  c"}}').toString("base64");
      const invoked = await client.send(new InvokeCommand({ FunctionName, Payload, ClientContext: custom }));
      const failed = await client.send(new InvokeCommand({ FunctionName, Payload: '{"fail":true}' }));
      const { errorType } = JSON.parse(failed.Payload?.transformToString() ?? "{}");
      const Resource = made.FunctionArn;
      await client.send(new TagResourceCommand({ Resource, Tags: { "a b": "c/d+é" } }));
      const { Tags } = await client.send(new ListTagsCommand({ Resource }));
      await client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName, Description: "changed  é", Timeout: 7 }),
      );
      const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName }));
      const listed: unknown[] = [];
      for await (const { Functions } of paginateListFunctions({ client, pageSize: 1 }, {})) {
        listed.push(...(Functions ?? []).map((each) => each.FunctionName));
      }
      await client.send(new DeleteFunctionCommand({ FunctionName }));
      const gone = await refusal(client.send(new GetFunctionCommand({ FunctionName })));
      const { Description, Timeout, CodeSha256, Environment } = Configuration ?? {};
      return {
        state,
        invoked,
        failed: [failed.StatusCode, failed.FunctionError, errorType],
        Tags,
        configuration: { Description, Timeout, CodeSha256, Environment },
        listed,
        gone,
      };
    },
  },
});
