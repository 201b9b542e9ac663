/** The types of axios, got, node:http, OpenSearch and aws4 with a signer: compiled by tsc, never run. */
import { type ClientRequest, type RequestOptions, request as send } from "node:http";
import { Client, Connection } from "@opensearch-project/opensearch";
import { ApiGateway, aws4, HttpSigner } from "aws-refresh-session/http";
import type { sign as peerSign } from "aws4";
import axios, { type AxiosInstance, type AxiosStatic } from "axios";
import got, { type Got } from "got";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const signer = new HttpSigner({ service: "es", region: "eu-west-1", credentials });
const gateway = new ApiGateway({ ...credentials, region: "eu-west-1" });

// ---- axios: the instance keeps its type
export const instance: AxiosInstance = signer.axios(axios.create());
export const everywhere: AxiosStatic = gateway.axios(axios);
export const answer = async (): Promise<number> => (await instance.get<{ n: number }>("https://a.example")).data.n;
// @ts-expect-error a config is no instance
signer.axios({ baseURL: "https://a.example" });
// @ts-expect-error nor is got
signer.axios(got);

// ---- got: what extend takes
export const extended: Got = got.extend(signer.got(), { retry: { limit: 1 } });
export const json = async (): Promise<{ a: number }> => extended.post("https://a.example", { json: {} }).json();
export const twice: Got = extended.extend({ hooks: { beforeRequest: [] } }, gateway.got());

// ---- node:http: the options keep their type
export const sent = async (): Promise<ClientRequest> => {
  const options: RequestOptions = { host: "a.example", path: "/", headers: { a: ["b"] } };
  const signed: RequestOptions = await signer.request(options);
  const { body } = await signer.request({ host: "a.example", method: "POST", body: "content" });
  body satisfies string;
  const listed = await gateway.request({ host: "a.example", headers: ["a", "b"] });
  listed.headers satisfies string[];
  return send(signed);
};
// @ts-expect-error a host is text
signer.request({ host: 1 });

// ---- OpenSearch: a class like the one that was given
export const client = new Client({ node: "https://a.example", Connection: signer.connection(Connection) });
// @ts-expect-error no class
signer.connection(new Client({ node: "https://a.example" }));
// @ts-expect-error a class of something else
signer.connection(URL);

// ---- aws4: as @types/aws4 has it, for what people do with it
export const options = aws4.sign({ service: "sqs", path: "/", headers: { "X-A": 1 }, body: "a" }, credentials);
send(options);
options.headers.Authorization satisfies number | string | string[] | undefined;
options.path satisfies string;
options.service satisfies string;
// What is not given is there all the same: `request(options).end(options.body)`.
aws4.sign({ service: "sqs", path: "/" }, credentials).body satisfies string | Uint8Array | undefined;
send(aws4.sign("https://sqs.us-east-1.amazonaws.com/"));
export const plain: RequestOptions = aws4.sign({ host: "a.example", service: "s3", signQuery: true });
export const later: Promise<RequestOptions> = aws4.signAsync({ service: "sqs" }, async () => credentials);
new aws4.RequestSigner({ service: "sqs" }, credentials).sign().headers satisfies object;
export const theirs = (request: Parameters<typeof peerSign>[0]) =>
  typeof request === "string" ? aws4.sign(request) : aws4.sign(request, credentials);
// @ts-expect-error keys are text
aws4.sign({ service: "sqs" }, { accessKeyId: 1 });
// @ts-expect-error the body is what is sent
aws4.sign({ service: "sqs", body: { a: 1 } });
