/** What botocore's tests of refreshing under load say; torn triples have a test of their own beside those of refreshing. */
import test from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { START, triple, turn } from "../refresh/counting-source.js";

const LIFETIME = 2;

/** A session whose n-th set is made of the number n alone, for two seconds by its clock. */
function openCounting() {
  const time = new ManualClock(START);
  const counted = { calls: 0, running: 0, most: 0 };
  const session = new CustomRefreshableSession({
    async customCredentialsMethod() {
      const made = triple(++counted.calls, time.now + LIFETIME * 1000);
      counted.most = Math.max(counted.most, ++counted.running);
      await turn();
      counted.running--;
      return made;
    },
    clock: time.clock,
    env: {},
  });
  return { session, time, counted };
}

test("twenty callers, 4 000 reads each: whole triples, no more refreshes than lifetimes went by", async (t) => {
  const { session, time, counted } = openCounting();
  const torn: string[] = [];
  const backwards: string[] = [];
  async function read(caller: number) {
    let last = 0;
    for (let reads = 0; reads < 4_000; reads++) {
      const { accessKeyId, secretAccessKey, sessionToken } = await session.refreshableCredentials();
      const number = Number(accessKeyId.slice("AKID".length));
      if (secretAccessKey !== `secret${number}` || sessionToken !== `token${number}`) torn.push(accessKeyId);
      if (number < last) backwards.push(`${last} then ${number}`);
      last = number;
      // Each caller moves the time on, a little at a time, so that ends fall between any two reads.
      if (reads % 20 === caller) time.advance(0.05);
    }
  }
  await Promise.all(Array.from({ length: 20 }, (_, caller) => read(caller)));
  t.deepEqual(torn, []);
  t.deepEqual(backwards, []);
  t.is(counted.most, 1);
  const elapsed = (time.now - START) / 1000;
  t.is(Math.round(elapsed), 200);
  // Of two seconds the advisory window takes one: a set is followed by the next after one second at the earliest.
  t.true(counted.calls <= Math.ceil(elapsed / (LIFETIME / 2)) + 1, `${counted.calls} refreshes`);
  t.true(counted.calls >= elapsed / LIFETIME, `${counted.calls} refreshes`);
  session.close();
});

test("fifty callers on a cold deferred session never see it without credentials", async (t) => {
  const { session, counted } = openCounting();
  const got = await Promise.all(
    Array.from({ length: 50 }, (_, caller) =>
      caller % 2 === 0 ? session.refreshableCredentials() : session.credentials(),
    ),
  );
  for (const { accessKeyId, secretAccessKey, sessionToken } of got) {
    t.deepEqual([accessKeyId, secretAccessKey, sessionToken], ["AKID1", "secret1", "token1"]);
  }
  t.is(counted.calls, 1);
  session.close();
});
