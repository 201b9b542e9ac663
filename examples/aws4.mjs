/** Code written for aws4 with one import changed: first with keys, as before, then with a session that refreshes them. */
import { createServer, request } from "node:http";
import { RefreshableSession } from "aws-refresh-session";
import { aws4 } from "aws-refresh-session/http"; // was: import aws4 from "aws4";
import { verifyRequest } from "aws-refresh-session/signing";

// A service that verifies signatures, in place of AWS.
const secrets = new Map([["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"]]);
const server = createServer(async (incoming, answer) => {
  const chunks = await incoming.toArray();
  const { method, url: target, rawHeaders } = incoming;
  const { accessKeyId } = await verifyRequest(
    { method, target, rawHeaders, body: Buffer.concat(chunks) },
    {
      service: "sqs",
      region: "eu-west-1",
      hosts: "any",
      getCredentials: ({ accessKeyId, sessionToken }) => ({ secretAccessKey: secrets.get(accessKeyId), sessionToken }),
    },
  );
  answer.end(accessKeyId);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

const send = (options) =>
  new Promise((resolve, reject) => {
    request(options, async (answer) => resolve(`${answer.statusCode} ${Buffer.concat(await answer.toArray())}`))
      .on("error", reject)
      .end(options.body);
  });
const listQueues = () => ({
  service: "sqs",
  region: "eu-west-1",
  hostname: "127.0.0.1",
  port,
  method: "POST",
  path: "/",
  headers: { "X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0" },
  body: "{}",
});

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: secrets.get("AKIDEXAMPLE") };
console.log("keys:", await send(aws4.sign(listQueues(), keys)));

let round = 0;
const session = new RefreshableSession({
  method: "custom",
  customCredentialsMethod: () => {
    round++;
    secrets.set(`ASIAROUND${round}`, `secret of round ${round}`);
    return {
      accessKeyId: `ASIAROUND${round}`,
      secretAccessKey: `secret of round ${round}`,
      sessionToken: `token of round ${round}`.replaceAll(" ", "-"),
      expiration: new Date(Date.now() + 3_600_000),
    };
  },
});
console.log("session:", await send(await aws4.signAsync(listQueues(), session)));
await session.getCredentials().refresh({ force: true });
console.log("after a refresh:", await send(aws4.sign(listQueues(), session)));
server.close();
