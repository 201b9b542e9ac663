/** Signing without a session: headers for any HTTP client, and what to look at when a server refuses them. */
import { Signer } from "aws-refresh-session/signing";

const signer = new Signer({
  service: "execute-api",
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
});

const request = {
  method: "POST",
  url: "https://api.example.com/orders?limit=10",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ id: 1 }),
};
console.log(await signer.sign(request));

const { canonicalRequest, stringToSign } = signer.explain(request, { signingDate: new Date("2015-08-30T12:36:00Z") });
console.log(`\nCanonical request:\n${canonicalRequest}\n\nString to sign:\n${stringToSign}`);
