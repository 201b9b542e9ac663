/** Every program in `examples/` runs through and says what it promises. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
const run = promisify(execFile);

/** A line that each program prints only when it did its work. */
const SAYS: Readonly<Record<string, RegExp>> = {
  "api-gateway.mjs": /\d+ requests answered, none refused\nnode:http: 200[\s\S]*403 SignatureDoesNotMatch\nGET\n\/live/,
  "aws-sdk.mjs": /STS was asked [2-9] times for credentials/,
  "aws4.mjs": /keys: 200 AKIDEXAMPLE\nsession: 200 ASIAROUND1\nafter a refresh: 200 ASIAROUND2/,
  "clients.mjs":
    /role\/reports\/.*\nthe same by its name: true\n300 requests of 30 accounts answered, none lost\n10 clients held, 50 left\n[\s\S]*\n60 clients built, 59 destroyed by the cache/,
  "custom.mjs": /20 callers, 1 call of the vault/,
  "explain.mjs": /SignatureDoesNotMatch.*\nThe same canonical request: true/,
  "fetch.mjs":
    /POST \/orders with 13[\s\S]*got a token: false[\s\S]*AKID2: GET[\s\S]*refused, 1 refresh\nERR_SIGN_HEADER/,
  "iot.mjs": /telemetry: 200\nafter the renewal: a new connection/,
  "mfa.mjs": /20 callers, 1 prompt: ERR_VALIDATION for mfaTokenProvider\n10 roles, 1 code/,
  "presign.mjs": /10000 URLs in \d+ ms/,
  "recovery.mjs": /40 attempts for 20 calls after its end, .*role\/reports\/broker\nthe broker was asked 2 times/,
  "presigner.mjs": /10000 URLs in \d+ ms\nThe SDK's own URL is the same: true/,
  "session.mjs": /\d+ requests answered, none refused/,
  "sign.mjs": /20150830\/eu-west-1\/execute-api\/aws4_request/,
  "sources.mjs": /assume-role: chosen[\s\S]*role\/archive\/.* in eu-west-1, after 2 roles/,
  "verify-server.mjs":
    /accepted 200 a signed request[\s\S]*refused {2}403 the same again: AccessDenied[\s\S]*accepted 200 a signed upload/,
  "verify.mjs": /200 hello AKIDEXAMPLE\n403 SignatureDoesNotMatch/,
  "web-identity.mjs":
    /assumed: arn:aws:sts::\d+:assumed-role\/jobs[\s\S]*3 requests answered, 0 refused, 3 tokens exchanged/,
  "workers.mjs": /4 threads, 1 set of credentials\nSTS was asked 1 time/,
};

test("each example is known here", (t) => {
  t.deepEqual(readdirSync(folder).sort(), Object.keys(SAYS).sort());
});

for (const [name, says] of Object.entries(SAYS)) {
  test(`${name} runs through`, async (t) => {
    const { stdout } = await run(process.execPath, [`${folder}${name}`]);
    t.regex(stdout, says);
  });
}
