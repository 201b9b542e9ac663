/** Recovery from refused credentials: every service, version and way of signing gets one refresh and one repeated request. */
import test from "ava";
import { EXPIRED, open, send, serviceOf } from "./recovering.js";
import { EVERY, keyOf, SIGNINGS, VERSIONS } from "./sdk-versions.js";

for (const { service, title } of EVERY) {
  for (const [how, signing] of Object.entries(SIGNINGS)) {
    test(`${title}, signed by ${how}: what is refused is sent again with new credentials, once`, async (t) => {
      const recovering = open(t);
      const { revoked, made } = recovering;
      const { client, handler } = recovering.client(service, {}, signing);
      t.is((await send(client, service)).$metadata.attempts, 1);
      revoked.set("AKID1", EXPIRED);
      t.is((await send(client, service)).$metadata.attempts, 2);
      // What a client keeps of the old identity, it has given up, too.
      t.is((await send(client, service)).$metadata.attempts, 1);
      t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID1", "AKID2", "AKID2"]);
      const tokens = handler.sent.map(({ headers }) => headers["x-amz-security-token"]);
      t.deepEqual(tokens, ["token-1", "token-1", "token-2", "token-2"]);
      for (const { body } of handler.sent) t.deepEqual(body, handler.sent[0]?.body);
      t.is(made(), 2);
    });
  }
}

/** In the words of the protocols; RequestExpired is EC2's, and has a test of its own. */
const SISTERS = [
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidToken",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
];

for (const version of Object.keys(VERSIONS)) {
  test(`clients of ${version} recover from every code that refuses credentials, and from no other`, async (t) => {
    for (const name of ["s3", "sts", "dynamodb"]) {
      const service = serviceOf(version, name);
      for (const code of SISTERS) {
        const recovering = open(t);
        recovering.revoked.set("AKID1", { code });
        const { client } = recovering.client(service);
        t.is((await send(client, service)).$metadata.attempts, 2, `${name} ${code}`);
      }
      for (const code of ["AccessDenied", "AccessDeniedException", "SignatureDoesNotMatch", "ValidationError"]) {
        const recovering = open(t);
        recovering.revoked.set("AKID1", { code });
        const { client, handler } = recovering.client(service);
        await t.throwsAsync(send(client, service), { name: code });
        t.is(handler.sent.length, 1);
        t.is(recovering.made(), 1);
      }
    }
  });
}

test("twenty clients of both versions that are refused together cause one refresh, and nobody loses a request", async (t) => {
  const recovering = open(t);
  const services = Array.from({ length: 20 }, (_, index) => {
    const { service } = EVERY[index % EVERY.length] as (typeof EVERY)[number];
    return { service, ...recovering.client(service) };
  });
  const sendAll = (times: number) =>
    Promise.all(services.flatMap(({ client, service }) => Array.from({ length: times }, () => send(client, service))));
  await sendAll(1);
  t.is(recovering.made(), 1);
  for (const round of [1, 2]) {
    recovering.revoked.set(`AKID${round}`, EXPIRED);
    const answers = await sendAll(10);
    t.deepEqual(new Set(answers.map(({ $metadata }) => $metadata.attempts)), new Set([2]));
    t.is(recovering.made(), round + 1);
    recovering.time.advance(61);
  }
  const keys = services.flatMap(({ handler }) => handler.sent.map(keyOf));
  const count = (key: string) => keys.filter((each) => each === key).length;
  t.deepEqual(["AKID1", "AKID2", "AKID3"].map(count), [20 + 200, 200 + 200, 200]);
});
