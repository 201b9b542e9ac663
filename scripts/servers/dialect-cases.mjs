/**
 * Requests on whose canonical form the dialects differ, or might: what is signed, what goes over the wire where that is not
 * the same, and for S3 and for other services why servers answer as they do.
 */

const noted = (given, s3, other = s3) => ({ ...given, why: { s3, other } });
/** Code in Markdown, also of a text with a backtick in it. */
const code = (text) => (text.includes("`") ? `\`\`${text}\`\`` : `\`${text}\``);
const path = (name, s3, other, text = name, wire = text) =>
  noted({ name: `path ${code(name)}`, path: text, wire }, s3, other);
const query = (name, why, text = name, wire = text) =>
  noted({ name: `query ${code(name)}`, query: text, wireQuery: wire }, ...[why].flat());
const header = (name, why, ...headers) => noted({ name: `header ${name}`, headers }, why);

/** UTF-8, as the one byte for each character that `node:http` writes. */
const utf8 = (text) => Buffer.from(text, "utf8").toString("latin1");

export const EMPTY_PATH = noted(
  { name: "path empty, sent as `/`", signedPath: "", wirePath: "/" },
  "No request has an empty path: clients send `/`, which `aws` signs.",
);

const RESPELLED =
  "S3 servers decode the key and encode it again; `aws` does so too, the others sign what is written. MiniStack compares what is written.";
const AS_FETCH = "`aws` signs what `fetch` sends, `%XX`; sent bare, as `node:http` does, others encode it once.";
const LAST_DOT =
  "RFC 3986 leaves a `/` after a last dot segment, as `aws` signs; botocore, Smithy and MiniStack leave none. VersityGW resolves nothing.";
const UNRESOLVED = "VersityGW's IAM resolves neither dot segments nor empty ones.";

export const PATHS = [
  path("/key"),
  path("/a@b", RESPELLED),
  path("/a(b)", RESPELLED),
  path("/a%28b%29"),
  path("/a!b*c'd", RESPELLED),
  path("/a%21b%2Ac%27d"),
  path("/a:b=c&d$e,f;g", RESPELLED),
  path("/a%3Ab%3Dc%26d%24e%2Cf%3Bg"),
  path("/a+b", RESPELLED),
  path("/a%2Bb"),
  path("/a%20b"),
  path("/a~b"),
  path("/a%7Eb", RESPELLED),
  path("/%61bc", RESPELLED),
  path("/%c3%a9", RESPELLED),
  path("/%C3%A9"),
  path("/é as UTF-8 bytes", RESPELLED, AS_FETCH, "/é", utf8("/é")),
  path("/a%2Fb", "To VersityGW and MinIO, as to `aws`, `%2F` is `/`; MiniStack compares what is written."),
  path("/a%2fb", "To VersityGW and MinIO, as to `aws`, `%2F` is `/`; MiniStack compares what is written."),
  path("/a%25b"),
  path("/a%2520b"),
  path("/100%", "Not a valid escape: only MiniStack reads it, as it is written."),
  path("/a%zzb", "Not a valid escape: only MiniStack reads it, as it is written."),
  path("/a[b]", RESPELLED),
  path('/a"b', RESPELLED, AS_FETCH),
  path("/a<b>c", RESPELLED, AS_FETCH),
  path("/a{b}c", RESPELLED, AS_FETCH),
  path("/a`b", RESPELLED, AS_FETCH),
  path("/a^b", RESPELLED, AS_FETCH),
  path("/a|b", RESPELLED, AS_FETCH),
  path("/a\\b", RESPELLED, "`aws` signs `%5C`, others the bare character encoded once; `fetch` would send `/`."),
  path("/a//b", "MinIO refuses the name after the signature.", UNRESOLVED),
  path("//a", undefined, UNRESOLVED),
  path("/a//", "MinIO refuses the name after the signature.", UNRESOLVED),
  path("/a/"),
  path("/a/.", "MinIO refuses the name before it looks at the signature.", LAST_DOT),
  path("/a/./b", "MinIO refuses the name before it looks at the signature.", UNRESOLVED),
  path("/a/b/..", "MinIO refuses the name before it looks at the signature.", LAST_DOT),
  path("/a/b/../c", "MinIO refuses the name before it looks at the signature.", UNRESOLVED),
  path("/..", "Both refuse the name before they look at the signature.", LAST_DOT),
  path("/a/%2e%2e/c", RESPELLED),
  path("/a/%2E/c", RESPELLED),
  path("/a/.../b"),
];

const DECODED = "Servers decode the query and encode it again; botocore signs what is written.";

export const QUERIES = [
  query("(none)", undefined, ""),
  query("a=1&b=2"),
  query("b=2&a=1"),
  query("a=2&a=1", "MinIO sorts by name alone; AWS's rules, and all dialects, sort equal names by value."),
  query("a-b=1&a=2"),
  query("A=1&a=2&B=3"),
  query("a"),
  query("a="),
  query("=a"),
  query("&&", "botocore signs the empty part as `=`.", "a=1&&b=2"),
  query("a=1&", "botocore signs the empty part as `=`."),
  query("a=b=c", DECODED),
  query("a=b%3Dc"),
  query("a=b/c", DECODED),
  query("a=b%2Fc"),
  query("a=b;c", [`${DECODED} MinIO reads no \`;\`.`, DECODED]),
  query("a=1;b=2", [`${DECODED} MinIO reads no \`;\`.`, DECODED]),
  query("a=b+c", "A bare `+` is a space to servers, `%20` once encoded; botocore signs what is written."),
  query("a=b%2Bc"),
  query("a=b%20c"),
  query("a=~"),
  query("a=%7E", DECODED),
  query("a=%7e", DECODED),
  query("a=%c3%a9", DECODED),
  query("a=%C3%A9"),
  query("a=é as UTF-8 bytes", DECODED, "a=é", `a=${utf8("é")}`),
  query("a=!*'()", DECODED),
  query("a=%21%2A%27%28%29"),
  query("a=:@$,?", DECODED),
  query("a=[b]", DECODED),
  query("a={b}|c", DECODED),
  query('a="b"', DECODED),
  query("a=100%", [`${DECODED} MinIO reads no broken escape.`, DECODED]),
  query("a=%zz", [`${DECODED} MinIO reads no broken escape.`, DECODED]),
  query("a=%61", DECODED),
  query("a=%ff", "MiniStack reads invalid UTF-8 as the replacement character, which nobody signed."),
];

const NOTE = "x-amz-meta-note";
const TAB = "VersityGW makes one space of a run of spaces, but leaves tabs as they are.";
const UNICODE_SPACE =
  "To botocore, as to MinIO and MiniStack, every Unicode white space separates words; to `aws` and Smithy only spaces and tabs do.";
const LATIN_1 = "Dialects sign UTF-8: what travels as Latin-1 is other bytes.";
const SMITHY_UNSIGNED = "Smithy leaves it unsigned; signed or not, servers go by SignedHeaders.";

export const HEADERS = [
  header("plain value", undefined, [NOTE, "value"]),
  header("two spaces inside", undefined, [NOTE, "a  b"]),
  header("spaces around", undefined, [NOTE, "  a  "]),
  header("tab inside", TAB, [NOTE, "a\tb"]),
  header("tabs and spaces inside", TAB, [NOTE, "a \t b"]),
  header("tab around", undefined, [NOTE, "\ta\t"]),
  header("two spaces inside quotes", undefined, [NOTE, '"a  b"']),
  header("empty value", undefined, [NOTE, ""]),
  header("only spaces", undefined, [NOTE, "   "]),
  header("no-break space inside, as UTF-8", UNICODE_SPACE, [NOTE, "a\u00a0b", utf8("a\u00a0b")]),
  header("no-break space inside, as Latin-1", LATIN_1, [NOTE, "a\u00a0b", "a\u00a0b"]),
  header("no-break space around, as UTF-8", `${UNICODE_SPACE} At the ends VersityGW agrees with botocore.`, [
    NOTE,
    "\u00a0a\u00a0",
    utf8("\u00a0a\u00a0"),
  ]),
  header("ideographic space inside, as UTF-8", UNICODE_SPACE, [NOTE, "a\u3000b", utf8("a\u3000b")]),
  header("é as UTF-8", undefined, [NOTE, "é", utf8("é")]),
  header("é as Latin-1", LATIN_1, [NOTE, "é", "é"]),
  header("commas in one line", undefined, [NOTE, "b, a,c"]),
  header("sent twice", undefined, [NOTE, "b"], [NOTE, "a"]),
  header("sent twice, with spaces", undefined, [NOTE, " b  c "], [NOTE, " a "]),
  header("name in upper case", undefined, ["X-AMZ-META-NOTE", "a"]),
  ...[
    ["cache-control", "no-cache"],
    ["pragma", "no-cache"],
    ["referer", "http://localhost/x"],
    ["from", "me@example.com"],
    ["max-forwards", "3"],
    ["range", "bytes=0-3"],
    ["sec-fetch-mode", "cors"],
    ["proxy-connection", "close"],
    ["accept-encoding", "gzip,  br"],
    ["user-agent", "a/1"],
    ["x-amzn-trace-id", "Root=1"],
    ["te", "trailers"],
    ["content-length", "0"],
    ["via", "1.1 x"],
    ["x-forwarded-for", "10.0.0.1"],
    ["if-none-match", '"x"'],
  ].map(([name, value]) => header(`\`${name}\``, SMITHY_UNSIGNED, [name, value])),
];

/** How the date travels. */
export const DATES = [
  { name: "x-amz-date alone", dates: ["x-amz-date"] },
  noted(
    { name: "Date in place of x-amz-date", dates: ["date"] },
    "Only MiniStack reads Date; S3's rules allow it, and `aws` always sends x-amz-date.",
  ),
  { name: "both x-amz-date and Date", dates: ["x-amz-date", "date"] },
];
