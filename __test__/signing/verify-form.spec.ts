/** Tests of the form that a request and its signature must have: each spoiled one is refused, right signature or not. */
import test from "ava";
import { verifyRequest } from "aws-refresh-session/signing";
import { clock, KEYS, SESSION_KEYS, TOKEN } from "./examples.js";
import { AMZ_DATE, type Claims, presignedAs, sha256, signedAs } from "./reference.js";
import { host, plain, refusal, refuses, verify, withHeaders } from "./refusals.js";

test("the requests that the tests below spoil are accepted", async (t) => {
  t.is((await verify(signedAs(plain))).payload, "verified");
  t.is((await verify(presignedAs(plain))).payload, "verified");
  const headers = withHeaders("X-A", "1", "X-Amz-B", "2");
  t.is((await verify(signedAs(headers, { signedHeaders: "host;x-a;x-amz-b;x-amz-date" }))).payload, "verified");
  t.is((await verify(presignedAs(headers, { signedHeaders: "host;x-amz-b" }))).payload, "verified");
});

// ---- the target

for (const target of [
  `http://${host}/a`,
  `https://${host}/a`,
  "//a",
  "//",
  `//${host}/a`,
  "",
  "*",
  "a",
  "?a",
  `${host}:443`,
  "/a#b",
  "/a?b#c",
]) {
  refuses(`a target of ${JSON.stringify(target)}`, "InvalidURI", signedAs({ ...plain, target }));
}

for (const target of ["/a//b", "/a/./b", "/a/../b", "/a/.", "/a/..", "/.", "/..", "/./", "/a//", "/a/..?b=c"]) {
  refuses(`a path not in its normal form, ${target}`, "InvalidURI", signedAs({ ...plain, target }));
  refuses(`a presigned path not in its normal form, ${target}`, "InvalidURI", presignedAs({ ...plain, target }));
  test(`for S3 the path ${target} is a key like any other`, async (t) => {
    const claims = { service: "s3", signedHeaders: "host;x-amz-content-sha256;x-amz-date" };
    const request = { ...withHeaders("x-amz-content-sha256", sha256("")), target };
    t.is((await verify(signedAs(request, claims), { service: "s3" })).payload, "verified");
  });
}

refuses(
  "a target with a leading // for S3, too",
  "InvalidURI",
  signedAs({ ...plain, target: "//a" }, { service: "s3" }),
  {
    service: "s3",
  },
);

for (const [title, spoil] of [
  ["a character beyond Latin-1 in the target, whose low byte is the signed one", { target: "/\u0161?b=c" }],
  ["a line feed in the target", { target: "/a?b=c\n" }],
  ["a line feed in disguise in the target", { target: "/a?b=c\u010a" }],
  ["a carriage return in the target", { target: "/a?b=c\r" }],
  ["NUL in the target", { target: "/a?b=c\0" }],
  ["a line feed in the method", { method: "GET\n" }],
  ["a method with a blank", { method: "GET /" }],
  ["an empty method", { method: "" }],
  ["a method beyond ASCII", { method: "GÉT" }],
] as const) {
  refuses(title, "InvalidRequest", { ...signedAs(plain), ...spoil });
}

for (const [title, headers] of [
  ["a name", ["x-a\nx-b", "1"]],
  ["a value", ["x-a", "1\n2"]],
  ["a value, disguised", ["x-a", "1\u010a2"]],
] as const) {
  refuses(`a line feed in ${title} of a header`, "InvalidRequest", signedAs(withHeaders(...headers)));
}

for (const value of ["a\rb", "a\0b", "a\x01b", "a\x7fb"]) {
  const request = signedAs(withHeaders("x-a", value), { signedHeaders: "host;x-a;x-amz-date" });
  refuses(`a signed header with a control character, ${JSON.stringify(value)}`, "InvalidRequest", request);
}

test("a header whose characters were widened is refused, though its low bytes are the signed ones", async (t) => {
  const request = signedAs(withHeaders("x-role", "user"), { signedHeaders: "host;x-amz-date;x-role" });
  t.is((await verify(request)).payload, "verified");
  const wide = request.rawHeaders.map((text) => (text === "user" ? "\u0175\u0173\u0165\u0172" : text));
  await t.throwsAsync(verify({ ...request, rawHeaders: wide }), refusal("InvalidRequest"));
});

// ---- where the signature stands

refuses("no signature at all", "MissingAuthenticationToken", plain);
refuses("a signature of another kind", "IncompleteSignature", withHeaders("Authorization", "Basic YTpi"));
refuses("a signature in header and query", "InvalidArgument", presignedAs(signedAs(plain)));
refuses(
  "a signature in the header and an algorithm in the query",
  "InvalidArgument",
  signedAs({ ...plain, target: "/a?X-Amz-Algorithm=AWS4-HMAC-SHA256" }),
);
refuses(
  "a signature in the header and one in disguise in the query",
  "InvalidArgument",
  signedAs({ ...plain, target: "/a?x%2Damz-signature=00" }),
);

for (const [title, query] of [
  ["twice", "X-Amz-Meta=1&X-Amz-Meta=1"],
  ["twice with two values", "X-Amz-Expires=60&X-Amz-Expires=604800"],
  ["in two cases of letters", "X-Amz-Date=1&x-amz-date=1"],
  ["once of them encoded", "X-Amz-Date=1&X%2DAmz%2DDate=1"],
  ["once of them without a value", "X-Amz-Date=1&X-Amz-Date"],
] as const) {
  refuses(
    `an X-Amz- parameter ${title}`,
    "AuthorizationQueryParametersError",
    signedAs({ ...plain, target: `/a?${query}` }),
  );
}
for (const name of ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"]) {
  const request = presignedAs(plain, {}, { "X-Amz-Security-Token": TOKEN });
  const again = { ...request, target: `${request.target}&X-Amz-${name}=x` };
  refuses(`X-Amz-${name} repeated in a presigned URL`, "AuthorizationQueryParametersError", again);
  const first = { ...request, target: request.target.replace("?", `?x-AMZ-${name}=x&`) };
  refuses(`X-Amz-${name} repeated in another case, before`, "AuthorizationQueryParametersError", first);
}

for (const name of ["Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "Host"]) {
  test(`a second ${name} header: IncompleteSignature`, async (t) => {
    const change = { signedHeaders: "host;x-amz-content-sha256;x-amz-date;x-amz-security-token" };
    const request = withHeaders("X-Amz-Security-Token", TOKEN, "X-Amz-Content-Sha256", sha256(""));
    const signed = signedAs(request, change);
    const lookup = { getCredentials: () => SESSION_KEYS };
    t.is((await verify(signed, lookup)).payload, "verified");
    const at = signed.rawHeaders.findIndex(
      (each, index) => index % 2 === 0 && each.toLowerCase() === name.toLowerCase(),
    );
    const value = signed.rawHeaders[at + 1] ?? "";
    for (const rawHeaders of [
      [...signed.rawHeaders, name.toLowerCase(), value],
      [name.toUpperCase(), "other", ...signed.rawHeaders],
    ]) {
      await t.throwsAsync(verify({ ...signed, rawHeaders }, lookup), refusal("IncompleteSignature"));
    }
  });
}

// ---- the form of the signature

const authorization = signedAs(plain).rawHeaders.at(-1) ?? "";
const authorizedBy = (value: string) => withHeaders("X-Amz-Date", AMZ_DATE, "Authorization", value);
const replaced = (from: string | RegExp, to: string) => authorizedBy(authorization.replace(from, to));

test("fields may stand in any order, with or without blanks", async (t) => {
  const [credential, headers, signature] = authorization.replace("AWS4-HMAC-SHA256 ", "").split(", ");
  for (const fields of [`${signature},${headers},${credential}`, `${headers},  ${credential} ,\t${signature} `]) {
    t.is((await verify(authorizedBy(`AWS4-HMAC-SHA256 ${fields}`))).payload, "verified", fields);
  }
});

for (const [title, request] of [
  ["another algorithm", replaced("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")],
  ["SigV4a", replaced("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")],
  ["the algorithm in lower case", replaced("AWS4-HMAC-SHA256", "aws4-hmac-sha256")],
  ["no blank after the algorithm", replaced("SHA256 ", "SHA256")],
  ["no algorithm", replaced("AWS4-HMAC-SHA256 ", "")],
  ["no Credential", replaced(/Credential=[^,]+, /, "")],
  ["no SignedHeaders", replaced(/SignedHeaders=[^,]+, /, "")],
  ["no Signature", replaced(/, Signature=.+/, "")],
  ["a field twice", replaced(/, Signature/, ", SignedHeaders=host, Signature")],
  ["a signature twice", authorizedBy(`${authorization}, Signature=${"0".repeat(64)}`)],
  ["an unknown field", replaced(", Signature", ", Extra=1, Signature")],
  ["a field in lower case", replaced("Credential", "credential")],
  ["an empty field", replaced(", Signature", ", , Signature")],
  ["a signature in upper case", replaced(/Signature=.+/, `Signature=${"AB".repeat(32)}`)],
  ["a signature too short", replaced(/.$/, "")],
  ["a signature too long", authorizedBy(`${authorization}0`)],
  ["an empty signature", replaced(/Signature=.+/, "Signature=")],
  ["a signature that is no hex", replaced(/Signature=.+/, `Signature=${"g".repeat(64)}`)],
  ["an empty value", authorizedBy("")],
  ["no X-Amz-Date", withHeaders("Authorization", authorization)],
  ["a Date header in its place", withHeaders("Date", "Sun, 30 Aug 2015 12:36:00 GMT", "Authorization", authorization)],
] as const) {
  refuses(`an authorization header with ${title}`, "IncompleteSignature", request);
}

for (const date of [
  "",
  "20150830",
  "2015-08-30T12:36:00Z",
  "20150830T123600",
  "20151330T123600Z",
  "20150830T246000Z",
  "20150830t123600z",
  "20150830T123600Z0",
]) {
  refuses(
    `a date of ${JSON.stringify(date)}`,
    "IncompleteSignature",
    signedAs(withHeaders("X-Amz-Date", date), { date }),
  );
  refuses(
    `a presigned date of ${JSON.stringify(date)}`,
    "AuthorizationQueryParametersError",
    presignedAs(plain, { date }),
  );
}

for (const [title, change] of [
  ["without a day", { day: "" }],
  ["without a region", { region: "" }],
  ["without a service", { service: "" }],
  ["without a key id", { accessKeyId: "" }],
  ["with another terminator", { terminator: "aws4_requests" }],
  ["without a terminator", { terminator: "" }],
] satisfies [string, Partial<Claims>][]) {
  refuses(`a credential ${title}`, "IncompleteSignature", signedAs(plain, change));
  refuses(`a presigned credential ${title}`, "AuthorizationQueryParametersError", presignedAs(plain, change));
}

for (const name of ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders"]) {
  refuses(
    `a presigned URL without X-Amz-${name}`,
    "AuthorizationQueryParametersError",
    presignedAs(plain, {}, { [`X-Amz-${name}`]: undefined }),
  );
}
refuses("a presigned URL without X-Amz-Signature", "AuthorizationQueryParametersError", {
  ...plain,
  target: presignedAs(plain).target.replace(/&X-Amz-Signature=.*/, ""),
});
for (const algorithm of ["", "AWS4-HMAC-SHA512", "AWS4-ECDSA-P256-SHA256", "aws4-hmac-sha256"]) {
  refuses(
    `a presigned algorithm of "${algorithm}"`,
    "AuthorizationQueryParametersError",
    presignedAs(plain, {}, { "X-Amz-Algorithm": algorithm }),
  );
}
for (const expires of ["0", "604801", "-1", "", "1.5", "1e3", " 60", "+60", "0x10", "NaN", "99999999999999999999"]) {
  refuses(
    `a presigned lifetime of "${expires}"`,
    "AuthorizationQueryParametersError",
    presignedAs(plain, {}, { "X-Amz-Expires": expires }),
  );
}

for (const [title, signedHeaders] of [
  ["unsorted", "x-a;host;x-amz-date"],
  ["partly unsorted", "host;x-amz-date;x-a"],
  ["in upper case", "Host;x-a;x-amz-date"],
  ["with one repeated", "host;x-a;x-a;x-amz-date"],
  ["without host", "x-a;x-amz-date"],
  ["empty", ""],
  ["with an empty name", "host;;x-amz-date"],
  ["with an empty name at the end", "host;x-amz-date;"],
] as const) {
  const request = withHeaders("x-a", "1");
  refuses(`SignedHeaders ${title}`, "IncompleteSignature", signedAs(request, { signedHeaders }));
  const presigned = presignedAs(withHeaders("x-a", "1", "x-amz-date", AMZ_DATE), { signedHeaders });
  refuses(`presigned SignedHeaders ${title}`, "AuthorizationQueryParametersError", presigned);
}

refuses(
  "SignedHeaders naming an absent header",
  "SignatureDoesNotMatch",
  signedAs(plain, { signedHeaders: "host;x-absent;x-amz-date" }),
);
refuses(
  "presigned SignedHeaders naming an absent header",
  "SignatureDoesNotMatch",
  presignedAs(plain, { signedHeaders: "host;x-absent" }),
);
test("no host header, though it is signed: SignatureDoesNotMatch", async (t) => {
  const request = signedAs({ ...plain, rawHeaders: [] });
  await t.throwsAsync(verify(request), refusal("SignatureDoesNotMatch"));
  const anyHost = {
    service: "service",
    region: "us-east-1",
    hosts: "any" as const,
    clock,
    getCredentials: () => KEYS,
  };
  await t.throwsAsync(verifyRequest(request, anyHost), refusal("SignatureDoesNotMatch"));
});
