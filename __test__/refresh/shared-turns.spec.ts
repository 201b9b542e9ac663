/** Sessions of one cell at the moment at which a refresh ends: whoever decided before that to refresh must see it in time. */
import test from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { START, turn } from "./counting-source.js";

test("a session that finds a refresh due just before another one ends it does not ask the source once more", async (t) => {
  // So many turns of promises after the answer of the first: one of them falls between its decision and its turn.
  for (let late = 0; late < 40; late++) {
    let asked = 0;
    let answer: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const open = () =>
      new CustomRefreshableSession({
        env: {},
        clock: () => START,
        shared: `turns ${late}`,
        customCredentialsMethod: async () => {
          asked++;
          await gate;
          return {
            accessKeyId: "AKID",
            secretAccessKey: "secret",
            sessionToken: "token",
            expiration: new Date(START + 3_600_000),
          };
        },
      });
    const [first, second] = [open(), open()];
    const waiting = first.refreshableCredentials();
    await turn();
    answer();
    for (let turns = 0; turns < late; turns++) await undefined;
    await Promise.all([waiting, second.refreshableCredentials()]);
    t.is(asked, 1, `${late} turns late`);
    first.close();
    second.close();
  }
});
