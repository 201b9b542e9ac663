/** Attacks on scope, host and time. */
import type { ReceivedRequest } from "aws-refresh-session/signing";
import { KEYS, NOW } from "../../examples.js";
import { AMZ_DATE, signedAs } from "../../reference.js";
import { host, plain, withHeaders } from "../../refusals.js";
import { type Attack, adding, header, instead, query, replacing } from "./attack.js";

const dated = signedAs(withHeaders("Date", "Sun, 30 Aug 2015 12:36:00 GMT"), { signedHeaders: "date;host" });

/** A request whose only date is that of its Date header. */
const dateOnly: ReceivedRequest = {
  ...dated,
  rawHeaders: dated.rawHeaders.filter((_, index, all) => all[index - (index % 2)]?.toLowerCase() !== "x-amz-date"),
};

export const SCOPE_AND_TIME: readonly Attack[] = [
  // ---- scope
  {
    name: "a request for another service",
    honest: header,
    attack: (r) => r,
    later: { service: "other" },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a request for another region",
    honest: header,
    attack: (r) => r,
    later: { region: "us-east-2" },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a request for another host",
    honest: header,
    attack: (r) => r,
    later: { hosts: ["other.example"] },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a host with another port",
    honest: header,
    attack: replacing(host, `${host}:8443`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a scope of another day, rightly signed",
    honest: header,
    attack: instead(signedAs(plain, { day: "20150829" })),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a scope whose day is moved into the key id",
    honest: header,
    attack: replacing("AKIDEXAMPLE/", "AKIDEXAMPLE/20150830/"),
    later: { getCredentials: ({ accessKeyId }) => (accessKeyId === KEYS.accessKeyId ? KEYS : undefined) },
    code: "InvalidClientTokenId",
  },
  {
    name: "another terminator",
    honest: header,
    attack: instead(signedAs(plain, { terminator: "aws5_request" })),
    code: "IncompleteSignature",
  },
  {
    name: "another key id with the same secret",
    honest: header,
    attack: replacing("AKIDEXAMPLE", "AKIDOTHER"),
    later: { getCredentials: ({ accessKeyId }) => (accessKeyId === KEYS.accessKeyId ? KEYS : undefined) },
    code: "InvalidClientTokenId",
    statusCode: 403,
  },
  // ---- time
  {
    name: "a date from the future",
    honest: header,
    attack: instead(signedAs(plain, { date: "20150830T125101Z" })),
    code: "RequestTimeTooSkewed",
    statusCode: 403,
  },
  {
    name: "a date from the past",
    honest: header,
    attack: (r) => r,
    later: { clock: () => NOW + 900_001 },
    code: "RequestTimeTooSkewed",
  },
  {
    name: "a presigned URL from the future",
    honest: query,
    attack: (r) => r,
    later: { clock: () => NOW - 900_001 },
    code: "RequestTimeTooSkewed",
  },
  {
    name: "a presigned URL that is over",
    honest: query,
    attack: (r) => r,
    later: { clock: () => NOW + 3_600_000 },
    code: "AccessDenied",
  },
  {
    name: "a clock that is no number",
    honest: header,
    attack: (r) => r,
    later: { clock: () => Number.NaN },
    code: "RequestTimeTooSkewed",
  },
  {
    name: "another day in X-Amz-Date",
    honest: header,
    attack: replacing(AMZ_DATE, "20150831T000000Z"),
    code: "SignatureDoesNotMatch",
  },
  // ---- a Date header alone
  {
    name: "another signed Date",
    honest: dateOnly,
    attack: replacing("12:36:00 GMT", "12:36:01 GMT"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a Date that is not signed",
    honest: dateOnly,
    attack: replacing("SignedHeaders=date;host", "SignedHeaders=host"),
    code: "IncompleteSignature",
  },
  {
    name: "a Date of another form",
    honest: dateOnly,
    attack: replacing("Sun, 30 Aug 2015 12:36:00 GMT", "Sunday, 30-Aug-15 12:36:00 GMT"),
    code: "IncompleteSignature",
  },
  {
    name: "a Date whose day of the week is wrong",
    honest: dateOnly,
    attack: replacing("Sun, ", "Mon, "),
    code: "IncompleteSignature",
  },
  {
    name: "a second Date",
    honest: dateOnly,
    attack: adding("Date", "Sun, 30 Aug 2015 12:37:00 GMT"),
    code: "IncompleteSignature",
  },
  {
    name: "a fresh x-amz-date beside the signed Date",
    honest: dateOnly,
    attack: adding("X-Amz-Date", "20150830T130000Z"),
    later: { clock: () => NOW + 1_440_000 },
    code: "AccessDenied",
  },
];
