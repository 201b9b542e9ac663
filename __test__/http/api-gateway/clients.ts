/** The clients that the rules are tested with: each sends a row of the table to the server, wherever its URL points. */
import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import type { ApiGateway } from "aws-refresh-session/http";
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

/** With `sign()`, as somebody does whose client is not among ours. */
export const bySign: Send = async (gateway, rule, port) => {
  const url = urlOf(rule, port);
  const { method = "GET", headers = [], body = null } = rule;
  const signed = await gateway.sign({ method, url, headers, body });
  const dropped = new Set([
    "authorization",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "x-amz-date",
    ...Object.keys(signed),
  ]);
  const own = Object.entries(headersOf(rule)).filter(([name]) => !dropped.has(name.toLowerCase()));
  // Of the URL nothing is rewritten, as `new URL` would do it.
  const [, protocol, host, path = ""] = /^(https?:)\/\/([^/?#]*)([^#]*)/.exec(url) as unknown as string[];
  const { hostname, port: urlPort } = new URL(`${protocol}//${host}`);
  const options = {
    protocol: protocol as string,
    hostname: hostname.replace(/[[\]]/g, ""),
    port: urlPort,
    path: path.startsWith("/") ? path : `/${path}`,
    method,
    headers: { ...Object.fromEntries(own), ...signed },
  };
  await sendOver(options, rule.body, port);
};

export const CLIENTS: Readonly<Partial<Record<ClientName, Send>>> = {};
