/** Keys that clients and servers tend to write in different ways, and what each S3 server makes of them. */
import type { ServerName } from "./s3-server.js";

export interface OddKey extends Readonly<Record<ServerName, string>> {
  readonly key: string;
}

/** Put, read, headed, read by URL and listed under its name. */
const KEPT = "kept";
/** Put and read, but listed under the name that is left after empty and dot segments are resolved. */
const RENAMED = "kept under another name";
const BAD_NAME = "400 XMinioInvalidObjectName";
const BAD_SEGMENT = "400 XMinioInvalidResourceName";

const kept = (key: string): OddKey => ({ key, VersityGW: KEPT, MinIO: KEPT });
const differs = (key: string, versityGw: string, minio: string): OddKey => ({
  key,
  VersityGW: versityGw,
  MinIO: minio,
});

export const ODD_KEYS: readonly OddKey[] = [
  ...[
    "plain.txt",
    "a space",
    " leading and trailing ",
    " ",
    "a+plus",
    "+",
    "100%",
    "%",
    "%20",
    "%25",
    "%2F and %2f",
    "%zz",
    "%C3",
    "a%00b",
    "%2e%2e/x",
    "composed \u00e9",
    "decomposed e\u0301",
    "\u65e5\u672c\u8a9e/\u{1f600}",
    "\u00a0no-break\u2028line separator",
    "\ufeffbyte order mark",
    "\u200eleft to right\u202e",
    "\u007fdelete",
    "question?mark",
    "?x=y",
    "hash#",
    "amp&ersand",
    "a=b",
    "~tilde",
    "!*'()",
    "colon:",
    "C:\\windows",
    "a:b@c",
    "@at",
    '"double"',
    "'single'",
    "back\\slash",
    "^caret`tick|pipe",
    "<less>more",
    "{curly}[square]",
    "$dollar,;semicolon",
    "...",
    "a/...",
    ".hidden",
    "dot.",
    "..a",
    "a..",
    "con",
    "a".repeat(255),
    `${"\u00e9/".repeat(340)}four`,
    `${Array.from({ length: 11 }, () => "x".repeat(92)).join("/")}+`,
  ].map(kept),
  differs("two//slashes", RENAMED, BAD_NAME),
  differs("three///slashes", RENAMED, BAD_NAME),
  differs("a//..//b", RENAMED, BAD_SEGMENT),
  differs("/leading", RENAMED, RENAMED),
  differs("//leading", RENAMED, RENAMED),
  // VersityGW keeps such objects as folders, which hold no data.
  differs("trailing/", "400 DirectoryObjectContainsData", KEPT),
  differs("trailing//", "400 DirectoryObjectContainsData", BAD_NAME),
  differs("./a", RENAMED, BAD_SEGMENT),
  differs("a/.", RENAMED, BAD_SEGMENT),
  differs("a/./b", RENAMED, BAD_SEGMENT),
  differs("a/../b", RENAMED, BAD_SEGMENT),
  differs(".", "400 400", BAD_SEGMENT),
  differs("..", "400 400", BAD_SEGMENT),
  differs("a/..", "400 400", BAD_SEGMENT),
  differs("../up", "400 400", BAD_SEGMENT),
];
