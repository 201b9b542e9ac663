/** The clients that the rules are tested with: each sends a row of the table to the server, wherever its URL points. */
import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import type { ApiGateway, SignedHttp } from "aws-refresh-session/http";
import axios from "axios";
import got from "got";
import { Agent, request } from "undici";
import type { ClientName, Rule } from "./rule-table.js";

/** Where requests go. */
export interface Destination {
  readonly port: number;
  /** What the path of each request begins with. */
  readonly base?: string;
}

/** Resolves to the status of the answer. */
export type Send = (signer: SignedHttp, rule: Rule, to: Destination) => Promise<number>;

const urlOf = ({ origin, target = "/orders" }: Rule, { port, base = "" }: Destination) =>
  `${origin ?? `http://127.0.0.1:${port}`}${base}${target}`;

/** Headers as an object; a name that stands there twice has a list. */
function headersOf({ headers = [] }: Rule): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = object[name];
    object[name] = before === undefined ? value : [before, value].flat();
  }
  return object;
}

/** Sends a request of node:http(s) to the server, whatever host it is for; in plain text also for https. */
function sendOver(options: https.RequestOptions, body: Rule["body"], { port }: Destination): Promise<number> {
  const client = options.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const createConnection = () => connect(port, "127.0.0.1");
    const request = client.request({ ...options, createConnection } as https.RequestOptions, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode as number));
    });
    request.on("error", reject);
    request.setTimeout(10_000, () => request.destroy(new Error("no answer")));
    request.end(body);
  });
}

/** Where a request goes; of its URL nothing is rewritten, as `new URL` would do it. */
function nodeOptions(rule: Rule, to: Destination) {
  const [, protocol, host, path = ""] = /^(https?:)\/\/([^/?#]*)([^#]*)/.exec(urlOf(rule, to)) ?? [];
  const { hostname, port: urlPort } = new URL(`${protocol}//${host}`);
  return {
    protocol: protocol as string,
    hostname: hostname.replace(/[[\]]/g, ""),
    port: urlPort,
    path: path.startsWith("/") ? path : `/${path}`,
    method: rule.method ?? "GET",
  };
}

/** With `sign()`, as somebody does whose client is not among ours. */
export const bySign = async (gateway: ApiGateway, rule: Rule, to: Destination) => {
  const { method = "GET", headers = [], body = null } = rule;
  const signed = await gateway.sign({ method, url: urlOf(rule, to), headers, body });
  const dropped = new Set([
    "authorization",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "x-amz-date",
    ...Object.keys(signed),
  ]);
  const own = Object.entries(headersOf(rule)).filter(([name]) => !dropped.has(name.toLowerCase()));
  const options = { ...nodeOptions(rule, to), headers: { ...Object.fromEntries(own), ...signed } };
  // Beside text node:http would write the head in UTF-8.
  return sendOver(options, rule.body && Buffer.from(rule.body), to);
};

const byNode: Send = async (signer, rule, to) => {
  const signed = await signer.request({ ...nodeOptions(rule, to), headers: headersOf(rule), body: rule.body });
  return sendOver(signed, signed.body, to);
};

const byAxios: Send = async (signer, rule, to) => {
  const { method = "GET", body } = rule;
  const data = body === undefined ? {} : { data: body };
  const client = signer.axios(axios.create({ validateStatus: null }));
  const answer = await client.request({ url: urlOf(rule, to), method, headers: headersOf(rule), ...data });
  return answer.status;
};

const byGot: Send = async (signer, rule, to) => {
  const { method = "GET", body } = rule;
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : Buffer.from(body) };
  const client = got.extend(signer.got(), { throwHttpErrors: false, retry: { limit: 0 } });
  const answer = await client(urlOf(rule, to), { method: method as "GET", headers: headersOf(rule), ...sent });
  return answer.statusCode;
};

const byFetch: Send = async (signer, rule, to) => {
  const { method = "GET", body = null, headers = [] } = rule;
  const answer = await signer.fetch(urlOf(rule, to), { method, headers: headers as [string, string][], body });
  await answer.arrayBuffer();
  return answer.status;
};

const byUndici: Send = async (signer, rule, to) => {
  const { method = "GET", headers = [] } = rule;
  const dispatcher = new Agent().compose(signer.undici());
  const body = rule.body === undefined ? {} : { body: rule.body };
  try {
    const answer = await request(urlOf(rule, to), { method, headers: headers.flat(), dispatcher, ...body });
    await answer.body.dump();
    return answer.statusCode;
  } finally {
    await dispatcher.close();
  }
};

export const CLIENTS: Readonly<Record<ClientName, Send>> = {
  "node:http": byNode,
  axios: byAxios,
  got: byGot,
  undici: byUndici,
  fetch: byFetch,
};
