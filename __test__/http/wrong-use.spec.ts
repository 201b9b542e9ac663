/** Use that cannot work is refused by name, with errors of the package, before anything is sent. */
import test from "ava";
import { BRSValidationError, HttpSigner, type HttpSignerOptions, SigningError } from "aws-refresh-session/http";
import { Signer } from "aws-refresh-session/signing";
import { Agent, request } from "undici";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: SECRET };
const options: HttpSignerOptions = { service: "es", region: "eu-west-1", credentials };
const signer = new HttpSigner(options);
/** Nobody listens there. */
const url = "http://127.0.0.1:1/";
const signal = 3 as unknown as AbortSignal;

/** What JavaScript does not keep anybody from writing, the option that the error names, and what it says. */
const WRONG: readonly [name: string, use: () => unknown, param: string, says: RegExp][] = [
  [
    "nothing",
    () => new HttpSigner(...([] as unknown as [HttpSignerOptions])),
    "options",
    /HttpSigner takes an object.*<undefined>/,
  ],
  ["a text", () => new HttpSigner(SECRET as never), "options", /HttpSigner takes an object.*<string of 40 characters>/],
  [
    "a misspelled name",
    () => new HttpSigner({ ...options, bufferLimt: 1 } as never),
    "bufferLimt",
    /of HttpSigner; it takes .*bufferLimit/,
  ],
  [
    "the option of ApiGateway",
    () => new HttpSigner({ ...options, session: {} } as never),
    "session",
    /it takes .*credentials/,
  ],
  [
    "undici with a dispatcher",
    () => signer.undici(new Agent() as never),
    "options",
    /new Agent\(\)\.compose\(signer\.undici\(\)\)/,
  ],
  [
    "undici that is not called",
    () => request(url, { dispatcher: new Agent().compose(signer.undici as never) }),
    "undici",
    /compose\(signer\.undici\(\)\)/,
  ],
  [
    "request() with headers as text",
    () => signer.request({ headers: "a: b" as never }),
    "headers",
    /<string of 4 characters>/,
  ],
  [
    "request() with a number as method",
    () => signer.request({ method: 3 as never }),
    "method",
    /must be well-formed text, but is 3/,
  ],
  [
    "request() with a number as path",
    () => signer.request({ path: 3 as never }),
    "path",
    /must be well-formed text, but is 3/,
  ],
  [
    "request() with half of a surrogate pair in its path",
    () => signer.request({ path: "/\ud800" }),
    "path",
    /must be well-formed text/,
  ],
  ["request() with a signal that is none", () => signer.request({ signal }), "signal", /an AbortSignal, but is 3/],
  ["fetch() with a signal that is none", () => signer.fetch(url, { signal }), "signal", /an AbortSignal, but is 3/],
  [
    "presignMany() with a signal that is none",
    () => new Signer(options).presignMany([url], { expiresIn: 1, signal }),
    "signal",
    /an AbortSignal/,
  ],
];

for (const [name, use, param, says] of WRONG) {
  test(name, async (t) => {
    const error = await t.throwsAsync(async () => use(), { instanceOf: BRSValidationError, message: says });
    t.is(error?.param, param);
    t.false(JSON.stringify([error, error?.message]).includes(SECRET));
  });
}

test("request() refuses a host that is none", async (t) => {
  const refused = { instanceOf: SigningError, message: /authority of a URL/ };
  const error = await t.throwsAsync(signer.request({ hostname: "a\r\nx-amz-date: b" }), refused);
  t.is(error?.param, "hostname");
});

test("null in the place of fetch's options is no options, and of a signal none", async (t) => {
  await t.throwsAsync(signer.fetch(url, null as never), { message: "fetch failed" });
  const { headers } = await signer.request({ host: "a.example.com", method: "", headers: {}, signal: null as never });
  t.regex(JSON.stringify(headers), /AWS4-HMAC-SHA256/);
});
