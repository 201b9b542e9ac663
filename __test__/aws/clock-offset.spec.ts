/** How the offset of the local clock is learned from Date headers, and when it explains a refusal. */
import test from "ava";
import { ClockOffset } from "../../dist/aws/clock-offset.js";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const dateAt = (offsetMs: number) => new Date(NOW + offsetMs).toUTCString();

function offsetOf(...offsets: number[]) {
  const seen: number[] = [];
  const time = new ClockOffset(
    () => NOW,
    (ms) => seen.push(ms),
  );
  for (const ms of offsets) time.observe(dateAt(ms), NOW, NOW);
  return { time, seen };
}

test("a server five minutes ahead moves the clock by five minutes", (t) => {
  const { time, seen } = offsetOf(300_000);
  t.is(time.ms, 300_500);
  t.is(time.now(), NOW + 300_500);
  t.is(time.local(), NOW);
  t.deepEqual(seen, [300_500]);
});

test("the way there and back counts for half", (t) => {
  const time = new ClockOffset(() => NOW);
  time.observe(dateAt(60_000), NOW, NOW + 10_000);
  t.is(time.ms, 60_500 - 5_000);
});

test("an answer to a long upload moves no clock that was right, wherever on the way its date was written", (t) => {
  const upload = 600_000;
  for (const written of [0, upload / 2, upload]) {
    const time = new ClockOffset(() => NOW);
    time.observe(dateAt(written), NOW, NOW + upload);
    t.is(time.ms, 0);
    time.observe(dateAt(3_600_000 + written), NOW, NOW + upload);
    t.true(time.ms > 3_000_000);
  }
});

test("differences that the header cannot tell from none change nothing", (t) => {
  t.deepEqual(offsetOf(0, 1_000, -1_000).seen, []);
  t.deepEqual(offsetOf(300_000, 301_000, 299_000).seen, [300_500]);
});

test("a clock that is set right later loses its offset", (t) => {
  const { time, seen } = offsetOf(-300_000, 0);
  t.is(time.ms, 0);
  t.deepEqual(seen, [-299_500, 0]);
});

test("a server more than a day away is not believed, nor is a header that is no date", (t) => {
  const { time, seen } = offsetOf(25 * 3_600_000, -25 * 3_600_000);
  time.observe("yesterday", NOW, NOW);
  time.observe(undefined, NOW, NOW);
  t.deepEqual(seen, []);
});

test("codes and messages that name the time are explained by any new offset", (t) => {
  const { time } = offsetOf(60_000);
  t.true(time.explains("RequestExpired", "", 0));
  t.true(time.explains("RequestTimeTooSkewed", "", 0));
  t.true(time.explains("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier than 2026", 0));
  t.true(time.explains("InvalidSignatureException", "Signature not yet current: 2026", 0));
});

test("a signature that merely does not match is explained from four minutes on", (t) => {
  t.false(offsetOf(180_000).time.explains("SignatureDoesNotMatch", "The signature does not match", 0));
  t.true(offsetOf(300_000).time.explains("SignatureDoesNotMatch", "The signature does not match", 0));
});

test("nothing is explained when the request was already signed with that offset, or for other errors", (t) => {
  const { time } = offsetOf(300_000);
  t.false(time.explains("RequestExpired", "", time.ms));
  t.false(time.explains("ValidationError", "", 0));
  t.false(time.explains(undefined, "", 0));
});
