/** A presigned request as the URL that the AWS SDK makes of it. */
import { escapeQuery } from "../../signing/escape.js";
import type { SdkHttpRequest } from "../sdk-types.js";

/** Scheme, host and port, without a path. */
export function originOf({ protocol, hostname, port, username, password }: SdkHttpRequest): string {
  const user = username == null && password == null ? "" : `${username ?? ""}:${password ?? ""}@`;
  return `${protocol}//${user}${hostname}${port ? `:${port}` : ""}`;
}

/** The URL, its parameters in the order of their names. */
export function urlOf(request: SdkHttpRequest): string {
  const { path, query = {}, fragment } = request;
  const parameters = Object.keys(query)
    .sort()
    .map((name) => parameterOf(name, query[name]))
    .filter((text) => text !== "");
  const text = parameters.length === 0 ? "" : `?${parameters.join("&")}`;
  return `${originOf(request)}${path}${text}${fragment ? `#${fragment}` : ""}`;
}

function parameterOf(name: string, value: string | readonly string[] | null | undefined): string {
  if (Array.isArray(value)) return value.map((each) => `${escapeQuery(name)}=${escapeQuery(each)}`).join("&");
  return typeof value === "string" ? `${escapeQuery(name)}=${escapeQuery(value)}` : escapeQuery(name);
}
