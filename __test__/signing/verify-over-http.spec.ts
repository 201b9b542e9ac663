/** Tests of the verifier behind a real HTTP server: what Node's clients send is what was signed. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "ava";
import { Signer, verifyRequest } from "aws-refresh-session/signing";
import { KEYS } from "./examples.js";

test("what fetch and node:http send after signRequest is accepted by a server that passes on what it received", async (t) => {
  const server = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url: target = "", rawHeaders } = incoming;
    const options = { service: "service", region: "us-east-1", hosts: "any" as const, getCredentials: () => KEYS };
    try {
      const { payload } = await verifyRequest({ method, target, rawHeaders, body: Buffer.concat(chunks) }, options);
      answer.end(payload);
    } catch (error) {
      answer.writeHead(403).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signer = new Signer({ service: "service", region: "us-east-1", credentials: KEYS });
  for (const path of [
    "/",
    "/a%20b/ü?x=1&y=größe&z",
    "/!$&'()*+,;=:@|^[]{}?a=!$'()*,;:@/?&b=a+b%2B",
    '/a?"<>`{}|^=\\',
  ]) {
    const signed = await signer.signRequest({
      method: "POST",
      url: base + path,
      headers: { "x-a": " a  b " },
      body: "größe",
    });
    const { url, ...init } = signed;
    t.is(await (await fetch(url, init)).text(), "verified", path);
    const wrapped = await signer.signRequest(new Request(base + path, { method: "POST", body: "größe" }));
    t.is(await (await fetch(wrapped)).text(), "verified", path);
    t.is(await (await fetch(signer.presignSync(base + path, { expiresIn: 60 }).url)).text(), "verified", path);
  }
  server.close();
});
