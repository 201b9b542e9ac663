/**
 * The table of attacks on the verifier: each row is a request that is accepted, what an attacker makes of it, and AWS's code for
 * the refusal. Attackers who hold a key of their own may sign anything; the others only alter what was signed.
 */
import test from "ava";
import { refusal, verify } from "../refusals.js";
import { CREDENTIALS } from "./attacks/credentials.js";
import { HEADERS } from "./attacks/headers.js";
import { PAYLOAD_AND_REPLAY } from "./attacks/payload.js";
import { SCOPE_AND_TIME } from "./attacks/scope.js";
import { WHERE_AND_TARGET } from "./attacks/target.js";
import { ALGORITHMS } from "./attacks/v4a.js";

const ATTACKS = [
  ...WHERE_AND_TARGET,
  ...HEADERS,
  ...SCOPE_AND_TIME,
  ...CREDENTIALS,
  ...PAYLOAD_AND_REPLAY,
  ...ALGORITHMS,
];

for (const { name, honest, attack, code, statusCode, options = {}, later = {} } of ATTACKS) {
  test(`${name}: ${code}`, async (t) => {
    t.is((await verify(honest, options)).payload, "verified");
    const error = await t.throwsAsync(verify(attack(honest), { ...options, ...later }), refusal(code));
    if (statusCode !== undefined) t.is((error as { statusCode?: number }).statusCode, statusCode);
  });
}

test("no row is there twice", (t) => {
  t.is(new Set(ATTACKS.map(({ name }) => name)).size, ATTACKS.length);
});
