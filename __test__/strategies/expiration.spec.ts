/** Tests of how the end of validity of credentials is read. */
import test from "ava";
import { parseExpiration } from "../../dist/strategies/expiration.js";

const right: Array<[text: string, utc: string]> = [
  ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00.000Z"],
  ["2030-01-31T12:00Z", "2030-01-31T12:00:00.000Z"],
  ["2030-01-31T12:00:00.5Z", "2030-01-31T12:00:00.500Z"],
  ["2030-01-31T12:00:00.123456+00:00", "2030-01-31T12:00:00.123Z"],
  ["2030-01-31T12:00:00.999999999Z", "2030-01-31T12:00:00.999Z"],
  ["2030-01-31T12:00:00,25Z", "2030-01-31T12:00:00.250Z"],
  ["2030-01-31T12:00:00+02:00", "2030-01-31T10:00:00.000Z"],
  ["2030-01-31T23:30:00-0130", "2030-02-01T01:00:00.000Z"],
  ["2030-01-31T12:00:00+05", "2030-01-31T07:00:00.000Z"],
  ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["0099-03-01T00:00:00Z", "0099-03-01T00:00:00.000Z"],
];

for (const [text, utc] of right) {
  test(`reads ${text}`, (t) => t.is(parseExpiration(text)?.toISOString(), utc));
}

const wrong: Array<[why: string, value: unknown]> = [
  ["no zone", "2030-01-31T12:00:00"],
  ["no time", "2030-01-31"],
  ["a day that does not exist", "2030-02-30T00:00:00Z"],
  ["29 February of a common year", "2030-02-29T00:00:00Z"],
  ["month 13", "2030-13-01T00:00:00Z"],
  ["month 0", "2030-00-01T00:00:00Z"],
  ["hour 24", "2030-01-31T24:00:00Z"],
  ["minute 60", "2030-01-31T12:60:00Z"],
  ["second 60", "2030-01-31T12:00:60Z"],
  ["a zone beyond a day", "2030-01-31T12:00:00+24:00"],
  ["a zone of 60 minutes", "2030-01-31T12:00:00+01:60"],
  ["the form of RFC 1123", "Thu, 31 Jan 2030 12:00:00 GMT"],
  ["American order", "01/31/2030 12:00:00Z"],
  ["a space for the T", "2030-01-31 12:00:00Z"],
  ["a space around", " 2030-01-31T12:00:00Z"],
  ["a line break at the end", "2030-01-31T12:00:00Z\n"],
  ["lower case", "2030-01-31t12:00:00z"],
  ["digits of another script", "２030-01-31T12:00:00Z"],
  ["empty text", ""],
  ["seconds as a number", 1_900_000_000],
  ["milliseconds as a number", 1_900_000_000_000],
  ["an invalid Date", new Date(Number.NaN)],
  ["null", null],
  ["nothing", undefined],
  ["an object", {}],
];

for (const [why, value] of wrong) {
  test(`refuses ${why}`, (t) => t.is(parseExpiration(value), undefined));
}

test("copies a Date, so that changing the original changes nothing", (t) => {
  const date = new Date("2030-01-31T12:00:00Z");
  const read = parseExpiration(date);
  date.setFullYear(1999);
  t.is(read?.toISOString(), "2030-01-31T12:00:00.000Z");
});
