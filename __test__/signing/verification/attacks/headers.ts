/** Attacks on the list of signed headers, and headers smuggled past it. */
import { AMZ_DATE, presignedAs, signedAs } from "../../reference.js";
import { plain, withHeaders } from "../../refusals.js";
import { type Attack, adding, header, instead, query, replacing } from "./attack.js";

export const HEADERS: readonly Attack[] = [
  // ---- SignedHeaders
  ...[
    "x-amz-date;host",
    "Host;x-amz-date",
    "host;host;x-amz-date",
    "x-amz-date",
    "",
    "host;;x-amz-date",
    "host; x-amz-date",
  ].map(
    (signedHeaders): Attack => ({
      name: `SignedHeaders "${signedHeaders}", rightly signed`,
      honest: header,
      attack: instead(signedAs(plain, { signedHeaders })),
      code: "IncompleteSignature",
    }),
  ),
  {
    name: "SignedHeaders naming a header that is absent",
    honest: header,
    attack: instead(signedAs(plain, { signedHeaders: "host;x-absent;x-amz-date" })),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an x-amz- header added",
    honest: header,
    attack: adding("X-Amz-Acl", "public-read"),
    code: "AccessDenied",
    statusCode: 403,
  },
  {
    name: "an x-amz- header added to a presigned URL",
    honest: query,
    attack: adding("x-amz-copy-source", "/secret/key"),
    code: "AccessDenied",
  },
  {
    name: "x-amz-date added to a presigned URL",
    honest: query,
    attack: adding("x-amz-date", AMZ_DATE),
    code: "AccessDenied",
  },
  {
    name: "x-amz-content-sha256 added",
    honest: header,
    attack: adding("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    code: "AccessDenied",
  },
  // ---- header smuggling
  {
    name: "a header line that goes on (obs-fold)",
    honest: header,
    attack: adding("x-a", "1\r\n X-Amz-Acl: public-read"),
    code: "InvalidRequest",
    statusCode: 400,
  },
  {
    name: "a header name that begins with a blank (obs-fold, split)",
    honest: header,
    attack: adding(" X-Amz-Acl", "public-read"),
    code: "InvalidRequest",
  },
  {
    name: "a header name that ends with a blank",
    honest: header,
    attack: adding("X-Amz-Acl ", "public-read"),
    code: "InvalidRequest",
  },
  {
    name: "a header name that ends with a tab",
    honest: header,
    attack: adding("Host\t", "evil.example"),
    code: "InvalidRequest",
  },
  {
    name: "a header name with a colon",
    honest: header,
    attack: adding("X-Amz-Acl:", "public-read"),
    code: "InvalidRequest",
  },
  { name: "a header without a name", honest: header, attack: adding("", "x"), code: "InvalidRequest" },
  {
    name: "a line feed in a name, which makes a header of a value",
    honest: header,
    attack: adding("x-a\nX-Amz-Acl", "public-read"),
    code: "InvalidRequest",
  },
  {
    name: "a line feed beyond Latin-1",
    honest: header,
    attack: adding("x-a", "1\u010aX-Amz-Acl"),
    code: "InvalidRequest",
  },
  {
    name: "Content-Length beside Transfer-Encoding",
    honest: signedAs({ ...withHeaders("Content-Length", "0") }),
    attack: adding("Transfer-Encoding", "chunked"),
    code: "InvalidRequest",
  },
  {
    name: "two Content-Length headers",
    honest: signedAs({ ...withHeaders("Content-Length", "0") }),
    attack: adding("content-length", "7"),
    code: "InvalidRequest",
  },
  {
    name: "two Transfer-Encoding headers",
    honest: signedAs({ ...withHeaders("Transfer-Encoding", "chunked") }),
    attack: adding("Transfer-Encoding", "identity"),
    code: "InvalidRequest",
  },
  { name: "a second Host header", honest: header, attack: adding("Host", "evil.example"), code: "IncompleteSignature" },
  {
    name: "a second Host header beside a presigned URL",
    honest: query,
    attack: adding("host", "evil.example"),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "a session token header twice beside a presigned URL, rightly signed",
    honest: query,
    attack: instead(
      presignedAs(withHeaders("x-amz-security-token", "a", "X-Amz-Security-Token", "a"), {
        signedHeaders: "host;x-amz-security-token",
      }),
    ),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "two signed headers joined in one",
    honest: signedAs(withHeaders("x-a", "1", "x-b", "2"), { signedHeaders: "host;x-a;x-amz-date;x-b" }),
    attack: replacing(/^1$/, "1\nx-b:2"),
    code: "InvalidRequest",
  },
];
