/** Tests that what clients print of a request that failed holds no signature and no token. */
import { inspect } from "node:util";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import axios, { type AxiosError } from "axios";
import got, { type RequestError } from "got";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startVerifier } from "./verifying-server.js";

const SECRET = /AWS4-HMAC-SHA256|token\d/;
/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:1";

function signer(): HttpSigner {
  return new HttpSigner({ service: "service", region: "us-east-1", credentials: rotatingSession().session });
}

const NOT_FOUND = { answer: () => ({ status: 404, body: "{" }) };

for (const adapter of ["http", "fetch"] as const) {
  test(`axios through ${adapter}: errors and answers print without what signed their request`, async (t) => {
    const server = await startVerifier(t, NOT_FOUND);
    const instance = signer().axios(axios.create({ adapter }));
    const answered = await t.throwsAsync<AxiosError>(instance.get(server.url));
    const unanswered = await t.throwsAsync<AxiosError>(instance.get(NOWHERE));
    const answer = await instance.get(server.url, { validateStatus: null });
    t.is(server.arrived[0]?.verdict, "AKID1");
    for (const printed of [answered, unanswered, answer]) {
      t.notRegex(inspect(printed), SECRET);
      t.notRegex(inspect(printed, { depth: 3 }), SECRET);
      t.truthy(printed.request, "it is there for those who ask for it");
    }
  });
}

test("got's errors print without what signed their request", async (t) => {
  const server = await startVerifier(t, NOT_FOUND);
  const instance = got.extend(signer().got(), { retry: { limit: 0 } });
  const aborted = new AbortController();
  const failures = [
    instance(server.url),
    instance(server.url, { throwHttpErrors: false }).json(),
    instance(NOWHERE),
    instance(server.url, { signal: aborted.signal }).on("request", () => aborted.abort()),
  ];
  for (const failing of failures) {
    const error = (await t.throwsAsync<RequestError>(failing)) as RequestError;
    t.notRegex(inspect(error, { depth: 12 }), SECRET);
    t.notRegex(JSON.stringify(error), SECRET);
    t.regex(inspect(error, { depth: 12 }), /authorization: '<string of \d+ characters>'/);
  }
  t.is(server.arrived[0]?.verdict, "AKID1");
});
