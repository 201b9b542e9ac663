/** Every case in which our SignatureV4 does something else than the AWS SDK's: docs/dialects.md has the same list. */
import test from "ava";
import { BRSCredentialError, SigningError } from "aws-refresh-session/aws-sdk";
import { AT, DATE, KEYS, ours, rejection, request, theirs } from "./examples.js";

interface Difference {
  readonly title: string;
  readonly init?: object;
  readonly input: () => unknown;
  readonly options?: object;
  readonly member?: "sign" | "presign" | "signMessage";
  /** What the SDK does: "signs", or what it rejects with. */
  readonly theirs: "signs" | RegExp;
  /** What we do. */
  readonly ours: "signs" | string;
}

const message = (headers: object) => () => ({ message: { headers, body: new Uint8Array(1) }, priorSignature: "" });
const withHeaders = (headers: object) => () => request({ headers: headers as Record<string, string> });
const withQuery = (query: object) => () => request({ query: query as Record<string, string> });

const DIFFERENCES: readonly Difference[] = [
  ...[0, -1, 1.5, Number.NaN, 604_800.5, Number.POSITIVE_INFINITY].map(
    (expiresIn): Difference => ({
      title: `presigning for ${expiresIn} seconds`,
      member: "presign",
      input: () => request(),
      options: { expiresIn },
      theirs: expiresIn > 604_800 ? /must have an expiration date less than one week/ : "signs",
      ours: "ERR_SIGN_EXPIRES",
    }),
  ),
  {
    title: "presigning for more than a week",
    member: "presign",
    input: () => request(),
    options: { expiresIn: 604_801 },
    theirs: /^Signature version 4 presigned URLs must have an expiration date less than one week in the future$/,
    ours: "ERR_SIGN_EXPIRES",
  },
  ...["1969-12-31T23:59:59Z", "+010000-01-01T00:00:00Z"].map(
    (signingDate): Difference => ({
      title: `a signing date of ${signingDate}`,
      input: () => request(),
      options: { signingDate },
      theirs: "signs",
      ours: "ERR_SIGN_DATE",
    }),
  ),
  {
    title: "a signing date that is none",
    input: () => request(),
    options: { signingDate: "yesterday" },
    theirs: /Invalid time value/,
    ours: "ERR_SIGN_DATE",
  },
  ...["", " ", "a b", "a:b", "é", "a\nb"].map(
    (name): Difference => ({
      title: `a header with the name ${JSON.stringify(name)}, which cannot be sent`,
      input: withHeaders({ [name]: "value" }),
      theirs: "signs",
      ours: "ERR_SIGN_HEADER",
    }),
  ),
  {
    title: "a method that cannot be sent",
    input: () => request({ method: "GET /" }),
    theirs: "signs",
    ours: "ERR_SIGN_METHOD",
  },
  {
    title: "a path with a line feed, which cannot be sent",
    input: () => request({ path: "/a\nb" }),
    theirs: "signs",
    ours: "ERR_SIGN_URL",
  },
  {
    title: "a header value that is a number: it is sent as text",
    input: withHeaders({ "content-length": 5 }),
    theirs: /is not a function/,
    ours: "signs",
  },
  {
    title: "a header value that is neither text nor number",
    input: withHeaders({ "x-a": ["a", "b"] }),
    theirs: /is not a function/,
    ours: "ERR_SIGN_HEADER",
  },
  {
    title: "half of a surrogate pair in a query",
    input: withQuery({ a: "\ud800" }),
    theirs: /URI malformed/,
    ours: "ERR_SIGN_URL",
  },
  {
    title: "half of a surrogate pair in a path that is encoded",
    input: () => request({ path: "/\ud800" }),
    theirs: /URI malformed/,
    ours: "signs",
  },
  { title: "no region", init: { region: undefined }, input: () => request(), theirs: "signs", ours: "ERR_SIGN_SCOPE" },
  {
    title: "no service",
    init: { service: undefined },
    input: () => request(),
    theirs: "signs",
    ours: "ERR_SIGN_SCOPE",
  },
  {
    title: "a line feed in the region",
    input: () => request(),
    options: { signingRegion: "a\nb" },
    theirs: "signs",
    ours: "ERR_SIGN_SCOPE",
  },
  {
    title: "a line feed in the service of a text",
    input: () => "text",
    options: { signingService: "a\nb" },
    theirs: "signs",
    ours: "ERR_SIGN_SCOPE",
  },
  {
    title: "an empty access key id",
    init: { credentials: { accessKeyId: "", secretAccessKey: "secret" } },
    input: () => request(),
    theirs: "signs",
    ours: "ERR_CREDENTIALS",
  },
  {
    title: "a session token with a space in it, which no service gives",
    init: { credentials: { ...KEYS, sessionToken: "a token" } },
    input: () => request(),
    theirs: "signs",
    ours: "ERR_CREDENTIALS_INVALID",
  },
  {
    title: "an event header whose name is too long for its length byte",
    input: message({ ["n".repeat(256)]: { type: "byte", value: 1 } }),
    theirs: "signs",
    ours: "ERR_SIGN_EVENT",
  },
  {
    title: "an event header whose text is longer than event streams allow",
    input: message({ a: { type: "string", value: "x".repeat(32_768) } }),
    theirs: "signs",
    ours: "ERR_SIGN_EVENT",
  },
  {
    title: "an event header of an unknown type",
    input: message({ a: { type: "float", value: 1 } }),
    theirs: /byteLength|undefined/,
    ours: "ERR_SIGN_EVENT",
  },
  {
    title: "an event header with a number that its type does not hold",
    input: message({ a: { type: "byte", value: 128 } }),
    theirs: "signs",
    ours: "ERR_SIGN_EVENT",
  },
  {
    title: "an event header with a UUID in upper case",
    input: message({ a: { type: "uuid", value: "0123ABCD-4567-89EF-0123-456789ABCDEF" } }),
    theirs: /Invalid UUID received/,
    ours: "signs",
  },
  {
    title: "an event header with a date that is none",
    input: message({ a: { type: "timestamp", value: new Date(Number.NaN) } }),
    theirs: "signs",
    ours: "ERR_SIGN_EVENT",
  },
];

type Call = (input: unknown, options: object) => Promise<unknown>;

for (const each of DIFFERENCES) {
  test(`${each.title}: the SDK ${each.theirs === "signs" ? "signs" : "rejects"}, we ${each.ours === "signs" ? "sign" : "reject"}`, async (t) => {
    const { init = {}, input, options = {}, member = "sign" } = each;
    const run = (signer: object) => () =>
      (signer as Record<string, Call>)[member]?.call(signer, input(), { ...AT, ...options }) as Promise<unknown>;
    if (each.theirs === "signs") await t.notThrowsAsync(run(theirs(init)));
    else t.regex(String(await rejection(run(theirs(init)))), each.theirs);
    if (each.ours === "signs") {
      await t.notThrowsAsync(run(ours(init)));
      return;
    }
    const error = await rejection(run(ours(init)));
    t.true(error instanceof SigningError || error instanceof BRSCredentialError, String(error));
    t.is((error as SigningError).code, each.ours);
  });
}

test("a number is signed as the text that is sent", async (t) => {
  const headers = { host: "h", "content-length": 5 as unknown as string };
  const { authorization } = (await ours().sign(request({ headers }), AT)).headers;
  const expected = (await theirs().sign(request({ headers: { ...headers, "content-length": "5" } }), AT)).headers;
  t.is(authorization, expected.authorization);
});

test("a parameter that is absent is not signed, also where the SDK signs the source of an inherited function", async (t) => {
  const signature = async (signer: ReturnType<typeof ours> | ReturnType<typeof theirs>, query: object) =>
    (await signer.sign(request({ query: query as Record<string, string> }), AT)).headers.authorization;
  for (const name of ["constructor", "toString", "valueOf"]) {
    t.is(await signature(ours(), { [name]: null }), await signature(ours(), {}));
    t.not(await signature(theirs(), { [name]: null }), await signature(theirs(), {}));
  }
  const odd = JSON.parse('{"__proto__":"value"}');
  t.not(await signature(ours(), odd), await signature(ours(), {}));
  t.not(await signature(theirs(), odd), await signature(ours(), odd));
});

test("an empty signing service is the scope's and the key's, not the scope's alone", async (t) => {
  const options = { ...AT, signingService: "" };
  const expected = await theirs({ service: "" }).sign(request(), AT);
  t.is((await ours().sign(request(), options)).headers.authorization, expected.headers.authorization);
  t.not((await theirs().sign(request(), options)).headers.authorization, expected.headers.authorization);
});

test("what is neither text nor object is refused by name", async (t) => {
  for (const input of [undefined, null, 5]) {
    const error = await rejection(() => ours().sign(input as never, { signingDate: DATE }));
    t.is((error as SigningError).code, "ERR_SIGN_REQUEST");
  }
});
