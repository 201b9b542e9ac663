/** What aws4 sets on a request, and what ours sets on the same one, at a clock that stands still. */
import test from "ava";
import { type Aws4Request, aws4 } from "aws-refresh-session/http";
import peer from "aws4";
import { freezeDate } from "../../parity/frozen-date.js";
import { seeded } from "../../parity/seeded.js";
import { KEYS, NOW, SESSION_KEYS } from "../../signing/examples.js";
import { randomRequest } from "./random-requests.js";

const CASES = 3_000;

/** A path and its query; repeated names are together in one, and where they were in the other. */
function sentOf({ path, ...rest }: Aws4Request): object {
  const [before, ...query] = (path ?? "").split("?");
  return { ...rest, path: [before, query.length, query.join("?").split("&").sort()] };
}

test.serial(`${CASES} random requests have the headers, the path and the signature that aws4 gives them`, (t) => {
  freezeDate(t, () => NOW);
  const random = seeded();
  t.log(`SEED=${random.seed}`);
  for (let round = 0; round < CASES; round++) {
    const request = randomRequest(random);
    const credentials = random.pick([KEYS, SESSION_KEYS]);
    const theirs = peer.sign(structuredCloneOf(request) as never, credentials);
    const given = structuredCloneOf(request);
    const ours = aws4.sign(given, credentials);
    t.is<unknown, unknown>(ours, given);
    if (JSON.stringify(sentOf(ours)) === JSON.stringify(sentOf(theirs as Aws4Request))) continue;
    t.deepEqual(sentOf(ours), sentOf(theirs as Aws4Request), JSON.stringify(request));
  }
  t.pass();
});

/** Buffers stay what they are. */
function structuredCloneOf(request: Aws4Request): Aws4Request {
  return { ...request, ...(request.headers && { headers: { ...request.headers } }) };
}
