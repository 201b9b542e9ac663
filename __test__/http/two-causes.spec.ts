/** A request that is refused for its clock, and then for its credentials, is sent a third time, by every client that repeats. */
import { Client, Connection } from "@opensearch-project/opensearch";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import axios from "axios";
import got from "got";
import { rotatingSession } from "../signing/refreshing-session.js";
import { type Answer, startVerifier } from "./verifying-server.js";

const refusal = (code: string, headers: Record<string, string> = {}): Answer => ({
  status: 403,
  headers: { "content-type": "text/xml", ...headers },
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>refused</Message></Error></ErrorResponse>`,
});

const CLIENTS: Readonly<Record<string, (signer: HttpSigner, url: string) => Promise<unknown>>> = {
  axios: async (signer, url) => (await signer.axios(axios.create()).get(url)).data,
  got: (signer, url) => got.extend(signer.got())(url).text(),
  OpenSearch: async (signer, node) => {
    const client = new Client({ node, Connection: signer.connection(Connection) });
    const { body } = await client.transport.request({ method: "GET", path: "/" });
    await client.close();
    return body;
  },
};

for (const [name, call] of Object.entries(CLIENTS)) {
  test(`${name}: refused for the clock and then for the credentials`, async (t) => {
    const ahead = () => new Date(Date.now() + 3_600_000).toUTCString();
    const server = await startVerifier(t, {
      answer: () => {
        if (server.arrived.length === 1) return refusal("RequestTimeTooSkewed", { date: ahead() });
        if (server.arrived.length === 2) return refusal("ExpiredToken", { date: ahead() });
        return { body: "accepted", headers: { date: ahead() } };
      },
    });
    const { session, state } = rotatingSession();
    const signer = new HttpSigner({ service: "service", region: "us-east-1", credentials: session });
    t.is(await call(signer, server.url), "accepted");
    t.is(server.arrived.length, 3);
    t.is(state.round, 2);
    const [first, second] = server.arrived.map(({ headers }) => headers["x-amz-date"] ?? "");
    t.true((second as string) > (first as string));
  });
}
