/** The types of ApiGateway, pinned: compiled by tsc, never run. */

import type { AwsCredentialIdentityProvider } from "@smithy/types";
import type { RefreshableSession } from "aws-refresh-session";
import { ApiGateway, type ApiGatewayOptions, HttpSigner, type SignedHttp } from "aws-refresh-session/http";
import type { Explanation } from "aws-refresh-session/signing";

declare const session: RefreshableSession;
declare const provider: AwsCredentialIdentityProvider;
const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

// ---- its two forms
new ApiGateway({ ...keys, region: "eu-west-1" });
new ApiGateway({ ...keys, sessionToken: "token", region: "eu-west-1", bufferLimit: 1024, clock: () => 0 });
new ApiGateway({ ...keys, sessionToken: process.env.AWS_SESSION_TOKEN, region: "eu-west-1" });
new ApiGateway({ ...keys, region: ["eu-west-1", "us-*"], algorithm: "sigv4a" });
new ApiGateway({ session });
new ApiGateway({ session, region: "eu-west-1" });
new ApiGateway({ session: session.getCredentials() });
new ApiGateway({ session: session.credentials });
new ApiGateway({ session: provider });
// @ts-expect-error: keys need the region of the API
new ApiGateway(keys);
// @ts-expect-error: no secret
new ApiGateway({ accessKeyId: "AKIDEXAMPLE", region: "eu-west-1" });
// @ts-expect-error: one form or the other
new ApiGateway({ ...keys, session, region: "eu-west-1" });
// @ts-expect-error: a session has its own token
new ApiGateway({ session, sessionToken: "token" });
// @ts-expect-error: the service is execute-api
new ApiGateway({ session, service: "lambda" });
// @ts-expect-error: neither
new ApiGateway({ region: "eu-west-1" });
// @ts-expect-error: no options
new ApiGateway();

// ---- what it gives
declare const options: ApiGatewayOptions;
const gateway = new ApiGateway(options);
export const headers: Promise<Record<string, string>> = gateway.sign({
  url: "https://api.example.com/",
  method: "POST",
});
export const ofUrl: Promise<Record<string, string>> = gateway.sign(new URL("https://api.example.com/"));
export const explained: Explanation = gateway.explain("https://api.example.com/");
export const asFetch: typeof fetch = gateway.fetch;
export const both: SignedHttp[] = [
  gateway,
  new HttpSigner({ service: "lambda", region: "eu-west-1", credentials: keys }),
];
// @ts-expect-error: a request has a URL
gateway.sign({ method: "GET" });
