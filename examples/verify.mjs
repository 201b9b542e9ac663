/** A server that lets in only who signs rightly. */
import { createServer } from "node:http";
import { Signer, VerificationError, verifyRequest } from "aws-refresh-session/signing";

const secrets = new Map([["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"]]);

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url: target, rawHeaders } = request;
  try {
    const { accessKeyId } = await verifyRequest(
      { method, target, rawHeaders, body: Buffer.concat(chunks) },
      {
        service: "execute-api",
        region: "eu-west-1",
        hosts: [`127.0.0.1:${server.address().port}`],
        getCredentials: ({ accessKeyId }) =>
          secrets.has(accessKeyId) ? { secretAccessKey: secrets.get(accessKeyId) } : undefined,
      },
    );
    response.end(`hello ${accessKeyId}`);
  } catch (error) {
    response.writeHead(403).end(error instanceof VerificationError ? error.code : "InternalFailure");
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const send = async (secretAccessKey) => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey };
  const signer = new Signer({ service: "execute-api", region: "eu-west-1", credentials });
  const { url, ...init } = await signer.signRequest({ url: `http://127.0.0.1:${server.address().port}/` });
  const response = await fetch(url, init);
  console.log(response.status, await response.text());
};
await send("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
await send("a wrong secret");
server.close();
