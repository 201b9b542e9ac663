/** What is signed, in each form a signature can take: the canonical request and the string to sign, with the token masked. */
import { createServer } from "node:http";
import { AwsRequest, RequestSigner, Signer, verifyRequest } from "aws-refresh-session/signing";

const credentials = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken:
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd",
};
const signingDate = new Date("2015-08-30T12:36:00Z");
const region = "eu-west-1";

function show(title, { canonicalRequest, stringToSign, signature }) {
  console.log(`\n=== ${title}\n`);
  if (canonicalRequest !== undefined) console.log(`Canonical request\n${canonicalRequest}\n`);
  console.log(`String to sign\n${stringToSign}\n`);
  console.log(`Signature\n${signature}`);
}

const api = new Signer({ service: "execute-api", region, credentials });
const request = {
  method: "POST",
  url: "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders//new?b=2&a=1+1",
  headers: { "Content-Type": "application/json", "X-Trace": "  two   words " },
  body: JSON.stringify({ id: 1 }),
};
show("Headers (v4): path normalised and encoded again, query sorted", api.explain(request, { signingDate }));

const s3 = new Signer({ service: "s3", region, credentials, clock: () => signingDate.getTime() });
const key = "https://photos.s3.eu-west-1.amazonaws.com/summer 2015/(1).jpg";
show("Query (v4-query): a presigned URL of S3, payload left open", s3.explain(key, { signingDate, expiresIn: 900 }));

const global = new Signer({ service: "s3", region: ["eu-west-1", "us-*"], credentials, algorithm: "sigv4a" });
show("SigV4a: one signature for a set of regions", global.explain(key, { signingDate }));

const upload = { method: "PUT", url: "https://photos.s3.eu-west-1.amazonaws.com/film.mp4" };
const stream = { decodedContentLength: 66_560, checksumAlgorithm: "CRC32C" };
show("Signed chunks with a trailer: the first signature of the chain", s3.explain(upload, { signingDate, stream }));

const form = await s3.createPresignedPost({
  bucket: "photos",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3 puts the name of the file there
  key: "incoming/${filename}",
  conditions: [["content-length-range", 1, 1_000_000]],
  expiresIn: 600,
});
console.log("\n=== POST policy: the string to sign is the field `Policy`, which is this text in base64\n");
const policy = Buffer.from(form.fields.Policy, "base64").toString();
console.log(policy.replaceAll(credentials.sessionToken, `<token, ${credentials.sessionToken.length} bytes>`));
console.log(`\nSignature\n${form.fields["X-Amz-Signature"]}`);

const boto = new RequestSigner({
  serviceId: "SQS",
  region,
  signingName: "sqs",
  signatureVersion: "v4",
  credentials,
  clock: () => signingDate.getTime(),
});
const listQueues = new AwsRequest({
  method: "POST",
  url: "https://sqs.eu-west-1.amazonaws.com/",
  headers: { "Content-Type": "application/x-amz-json-1.0" },
  data: "{}",
});
show("The same in botocore's dialect", await boto.explain("ListQueues", listQueues));

// What a server says that refuses a signature is the other half: compare the two texts.
const server = createServer(async (incoming, answer) => {
  const { method, url: target, rawHeaders } = incoming;
  const known = { ...credentials, secretAccessKey: "another secret" };
  const options = { service: "execute-api", region, hosts: "any", getCredentials: () => known };
  await verifyRequest({ method, target, rawHeaders, body: "" }, options).catch(({ code, message }) => {
    answer.writeHead(403).end(`${code}: ${message}`);
  });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}/orders?limit=10`;
const refusal = await (await fetch(url, { headers: await api.sign({ url }) })).text();
server.close();
const { canonicalRequest } = api.explain({ url });
console.log(
  "\n=== A refused request: where the server's canonical request equals ours, the secret is wrong, not the request\n",
);
console.log(refusal.split("\n")[0]);
console.log(`The same canonical request: ${refusal.includes(canonicalRequest.split("\nx-amz-date")[0])}`);
