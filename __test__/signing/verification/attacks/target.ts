/** Attacks on where the signature stands, and on the target. */
import { presignedAs, signedAs } from "../../reference.js";
import { host, plain } from "../../refusals.js";
import { type Attack, adding, header, instead, query, replacing, withTarget } from "./attack.js";

export const WHERE_AND_TARGET: readonly Attack[] = [
  // ---- where the signature stands
  {
    name: "auth in header and query",
    honest: header,
    attack: withTarget((t) => `${t}&X-Amz-Signature=${"0".repeat(64)}`),
    code: "InvalidArgument",
    statusCode: 400,
  },
  {
    name: "a header beside a presigned URL",
    honest: query,
    attack: adding("Authorization", "Basic YTpi"),
    code: "InvalidArgument",
  },
  {
    name: "a second Authorization header",
    honest: header,
    attack: (r) => adding("authorization", r.rawHeaders.at(-1) ?? "")(r),
    code: "IncompleteSignature",
    statusCode: 400,
  },
  {
    name: "two Authorization headers joined in one",
    honest: header,
    attack: (r) => replacing(/^(AWS4.*)$/, "$1, $1")(r),
    code: "IncompleteSignature",
  },
  { name: "no signature", honest: header, attack: instead(plain), code: "MissingAuthenticationToken", statusCode: 403 },
  {
    name: "an X-Amz-Signature parameter alone",
    honest: query,
    attack: instead({ ...plain, target: `/a?X-Amz-Signature=${"0".repeat(64)}` }),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "X-Amz-Algorithm repeated with an encoded name",
    honest: query,
    attack: withTarget((t) => `${t}&X-Amz%2DAlgorithm=AWS4-HMAC-SHA256`),
    code: "AuthorizationQueryParametersError",
    statusCode: 400,
  },
  {
    name: "a parameter of the signature repeated in another case",
    honest: query,
    attack: withTarget((t) => `${t}&x-amz-expires=604800`),
    code: "AuthorizationQueryParametersError",
  },
  // ---- the target
  {
    name: "an absolute-form target",
    honest: header,
    attack: withTarget((t) => `http://${host}${t}`),
    code: "InvalidURI",
    statusCode: 400,
  },
  {
    name: "a target that begins with two slashes",
    honest: header,
    attack: withTarget((t) => `/${t}`),
    code: "InvalidURI",
  },
  {
    name: "a target that begins with a slash and what URL takes for another",
    honest: signedAs({ ...plain, target: "/%5Cevil.example/a" }),
    attack: withTarget(() => "/\\evil.example/a"),
    code: "InvalidURI",
  },
  {
    name: "a tab in the query, which URL leaves out",
    honest: signedAs({ ...plain, target: "/a?b=1%090" }),
    attack: withTarget(() => "/a?b=1\t0"),
    code: "InvalidURI",
  },
  { name: "a target of another scheme", honest: header, attack: withTarget(() => "gopher://x/"), code: "InvalidURI" },
  { name: "an authority-form target", honest: header, attack: withTarget(() => `${host}:443`), code: "InvalidURI" },
  { name: "a fragment in the target", honest: header, attack: withTarget((t) => `${t}#x`), code: "InvalidURI" },
  {
    name: "a path with dot segments that resolves to the signed one",
    honest: header,
    attack: withTarget(() => "/x/../a?b=c"),
    code: "InvalidURI",
  },
  {
    name: "a path with a run of slashes",
    honest: signedAs({ ...plain, target: "/a/b" }),
    attack: withTarget(() => "/a//b"),
    code: "InvalidURI",
  },
  {
    name: "a path with a dot segment at its end",
    honest: header,
    attack: withTarget(() => "/a/.?b=c"),
    code: "InvalidURI",
  },
  {
    name: "dot segments in disguise",
    honest: header,
    attack: withTarget(() => "/x/%2e%2e/a?b=c"),
    code: "SignatureDoesNotMatch",
    statusCode: 403,
  },
  {
    name: "a letter of the path in disguise",
    honest: header,
    attack: withTarget(() => "/%61?b=c"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a path with a parameter cut off by a null byte",
    honest: header,
    attack: withTarget(() => "/a%00?b=c"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "one parameter more, empty",
    honest: header,
    attack: withTarget((t) => `${t}&=`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "parameters separated by a semicolon",
    honest: signedAs({ ...plain, target: "/a?b=c&d=e" }),
    attack: withTarget(() => "/a?b=c;d=e"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a parameter moved into the value of another",
    honest: signedAs({ ...plain, target: "/a?b=c&d=e" }),
    attack: withTarget(() => "/a?b=c%26d=e"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a presigned URL for a second method",
    honest: query,
    attack: (r) => ({ ...r, method: "DELETE" }),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "X-Amz-Expires made longer",
    honest: query,
    attack: withTarget((t) => t.replace("Expires=3600", "Expires=604800")),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "X-Amz-Expires beyond seven days, rightly signed",
    honest: query,
    attack: instead(presignedAs(plain, {}, { "X-Amz-Expires": "604801" })),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "X-Amz-Expires of nought",
    honest: query,
    attack: instead(presignedAs(plain, {}, { "X-Amz-Expires": "0" })),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "X-Amz-Expires that overflows",
    honest: query,
    attack: instead(presignedAs(plain, {}, { "X-Amz-Expires": "18446744073709551676" })),
    code: "AuthorizationQueryParametersError",
  },
];
