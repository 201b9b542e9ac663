/** Two endpoints that let in only who signs rightly: one like API Gateway, one like S3 with chunked uploads as a stream. */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { clientErrorListener, ReplayGuard, Signer, verifyingListener } from "aws-refresh-session/signing";

const secrets = new Map([["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"]]);
const region = "eu-west-1";
const getCredentials = ({ accessKeyId }) => {
  const secretAccessKey = secrets.get(accessKeyId);
  return secretAccessKey === undefined ? undefined : { secretAccessKey, principal: `user of ${accessKeyId}` };
};

// A server's host is known once it listens; behind a proxy it is the name that clients use.
async function listen(makeListener, errorForm) {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const host = `127.0.0.1:${server.address().port}`;
  server.on("request", makeListener([host])).on("clientError", clientErrorListener(errorForm));
  return { url: `http://${host}`, close: () => server.close() };
}

const api = await listen(
  (hosts) =>
    verifyingListener(
      { service: "execute-api", region, hosts, getCredentials, replay: new ReplayGuard() },
      (_request, response, { principal, body }) => {
        response.end(`hello ${principal}, you sent ${body.length} bytes\n`);
      },
    ),
  "json",
);

const storage = await listen(
  (hosts) =>
    verifyingListener(
      { service: "s3", region, hosts, getCredentials, payload: "allow-unsigned", body: "stream" },
      async (request, response, { body }) => {
        let size = 0;
        for await (const chunk of body) size += chunk.length;
        // Only now is the body proved: store it under its name at the earliest here.
        response.end(`stored ${size} bytes as ${request.url.split("?")[0]}\n`);
      },
    ),
  "xml",
);

const signerOf = (service, secretAccessKey = secrets.get("AKIDEXAMPLE")) =>
  new Signer({ service, region, credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey } });

async function tell(what, url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  const code = /<Code>(\w+)/.exec(text)?.[1] ?? response.headers.get("x-amzn-errortype") ?? text.trim();
  console.log(`${response.ok ? "accepted" : "refused "} ${response.status} ${what}: ${code}`);
}

const { url, ...signed } = await signerOf("execute-api").signRequest({
  method: "POST",
  url: `${api.url}/a`,
  body: "hello",
});
await tell("a signed request", url, signed);
await tell("the same again", url, signed);
await tell("another body", url, { ...signed, body: "Hello" });
const { url: wrongUrl, ...wrong } = await signerOf("execute-api", "a wrong secret").signRequest({
  url: `${api.url}/a`,
});
await tell("another secret", wrongUrl, wrong);
await tell("no signature", api.url);

const presigned = await signerOf("s3").presign({ method: "PUT", url: `${storage.url}/bucket/key` }, { expiresIn: 60 });
await tell("a presigned upload", presigned.url, { method: "PUT", body: "content" });
await tell("the URL of another key", presigned.url.replace("/key", "/other"), { method: "PUT", body: "content" });
const { url: putUrl, ...put } = await signerOf("s3").signRequest({
  method: "PUT",
  url: `${storage.url}/bucket/key`,
  body: "content",
});
await tell("a signed upload", putUrl, put);
await tell("a signed upload with another body", putUrl, { ...put, body: "Content" });

// A stream whose chunks, and the checksum after them, are signed one by one.
const content = Buffer.from("chunk ".repeat(50_000));
const chunked = await signerOf("s3").signStream(
  { method: "PUT", url: `${storage.url}/bucket/chunked` },
  { decodedContentLength: content.length, checksumAlgorithm: "CRC32C" },
);
const body = Readable.from([content]).pipe(chunked.stream);
await tell("a signed stream", `${storage.url}/bucket/chunked`, {
  method: "PUT",
  headers: chunked.headers,
  body,
  duplex: "half",
});

api.close();
storage.close();
