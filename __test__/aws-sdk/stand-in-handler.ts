/** A request handler that keeps what an SDK client sends and answers without a network. */
import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";

const ANSWERS: Readonly<Record<string, string>> = {
  CreateSession:
    "<CreateSessionResult><Credentials><SessionToken>s3-express-token</SessionToken><SecretAccessKey>express-secret</SecretAccessKey>" +
    "<AccessKeyId>ASIAEXPRESS</AccessKeyId><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>",
};

export class StandInHandler {
  readonly sent: HttpRequest[] = [];

  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    this.sent.push(request);
    const answer = request.query && "session" in request.query ? ANSWERS.CreateSession : "<Empty/>";
    const body = Readable.from([Buffer.from(answer ?? "")]);
    return { response: new HttpResponse({ statusCode: 200, headers: { "content-type": "application/xml" }, body }) };
  }
}
