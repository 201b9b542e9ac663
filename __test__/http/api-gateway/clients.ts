/** The clients that the rules are tested with: each sends a row of the table to the server, wherever its URL points. */
import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import type { ApiGateway } from "aws-refresh-session/http";
import axios from "axios";
import got from "got";
import type { ClientName, Rule } from "./rule-table.js";

export type Send = (gateway: ApiGateway, rule: Rule, port: number) => Promise<void>;

export const urlOf = ({ origin, target = "/orders" }: Rule, port: number) =>
  `${origin ?? `http://127.0.0.1:${port}`}${target}`;

/** Headers as an object; a name that stands there twice has a list. */
export function headersOf({ headers = [] }: Rule): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = object[name];
    object[name] = before === undefined ? value : [before, value].flat();
  }
  return object;
}

/** Sends a request of node:http(s) to the server, whatever host it is for; in plain text also for https. */
function sendOver(options: https.RequestOptions, body: Rule["body"], port: number): Promise<void> {
  const client = options.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const createConnection = () => connect(port, "127.0.0.1");
    const request = client.request({ ...options, createConnection } as https.RequestOptions, (answer) => {
      answer.resume().on("end", resolve);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Where a request goes; of its URL nothing is rewritten, as `new URL` would do it. */
function nodeOptions(rule: Rule, port: number) {
  const [, protocol, host, path = ""] = /^(https?:)\/\/([^/?#]*)([^#]*)/.exec(urlOf(rule, port)) ?? [];
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
export const bySign: Send = async (gateway, rule, port) => {
  const { method = "GET", headers = [], body = null } = rule;
  const signed = await gateway.sign({ method, url: urlOf(rule, port), headers, body });
  const dropped = new Set([
    "authorization",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "x-amz-date",
    ...Object.keys(signed),
  ]);
  const own = Object.entries(headersOf(rule)).filter(([name]) => !dropped.has(name.toLowerCase()));
  const options = { ...nodeOptions(rule, port), headers: { ...Object.fromEntries(own), ...signed } };
  await sendOver(options, rule.body, port);
};

const byNode: Send = async (gateway, rule, port) => {
  const signed = await gateway.request({ ...nodeOptions(rule, port), headers: headersOf(rule), body: rule.body });
  await sendOver(signed, rule.body, port);
};

const byAxios: Send = async (gateway, rule, port) => {
  const { method = "GET", body } = rule;
  const data = body === undefined ? {} : { data: body };
  await gateway.axios(axios.create()).request({ url: urlOf(rule, port), method, headers: headersOf(rule), ...data });
};

const byGot: Send = async (gateway, rule, port) => {
  const { method = "GET", body } = rule;
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : Buffer.from(body) };
  const client = got.extend(gateway.got());
  await client(urlOf(rule, port), { method: method as "GET", headers: headersOf(rule), retry: { limit: 0 }, ...sent });
};

const byFetch: Send = async (gateway, rule, port) => {
  const { method = "GET", body = null, headers = [] } = rule;
  const answer = await gateway.fetch(urlOf(rule, port), { method, headers: headers as [string, string][], body });
  await answer.arrayBuffer();
};

export const CLIENTS: Readonly<Partial<Record<ClientName, Send>>> = {
  "node:http": byNode,
  axios: byAxios,
  got: byGot,
  fetch: byFetch,
};
