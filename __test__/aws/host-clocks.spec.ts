/** The clocks of hosts: what one answer teaches is there for all who ask, and only answers that nobody can have forged teach. */
import test from "ava";
import { HostClocks, hostClocks } from "../../dist/aws/host-clocks.js";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const clock = () => NOW;
const answerAt = (offsetMs: number, more: { age?: string } = {}) => ({
  date: new Date(NOW + offsetMs).toUTCString(),
  sentAt: NOW,
  receivedAt: NOW,
  ...more,
});
const S3 = new URL("https://s3.eu-west-1.amazonaws.com/bucket/key");

test("a host that is an hour ahead is remembered by its host and port", (t) => {
  const clocks = new HostClocks(clock);
  t.is(clocks.offsetOf(S3.host), undefined);
  clocks.observe(S3, answerAt(3_600_000));
  t.is(clocks.offsetOf(S3.host), 3_600_500);
  t.is(clocks.offsetOf("s3.eu-west-1.amazonaws.com:8443"), undefined);
});

test("a host whose clock is ours needs no offset, also once it is set right", (t) => {
  const clocks = new HostClocks(clock);
  clocks.observe(S3, answerAt(0));
  t.is(clocks.offsetOf(S3.host), undefined);
  clocks.observe(S3, answerAt(3_600_000));
  clocks.observe(S3, answerAt(0));
  t.is(clocks.offsetOf(S3.host), undefined);
});

test("plain http teaches on this machine only, and a cached answer nowhere", (t) => {
  const clocks = new HostClocks(clock);
  clocks.observe(new URL("http://minio.internal:9000/"), answerAt(3_600_000));
  t.is(clocks.offsetOf("minio.internal:9000"), undefined);
  clocks.observe(new URL("http://127.0.0.1:9000/"), answerAt(3_600_000));
  t.is(clocks.offsetOf("127.0.0.1:9000"), 3_600_500);
  clocks.observe(S3, answerAt(3_600_000, { age: "12" }));
  t.is(clocks.offsetOf(S3.host), undefined);
});

test("a refusal is explained by what its host taught since the request was signed", (t) => {
  const clocks = new HostClocks(clock);
  t.false(clocks.explains(S3.host, "RequestTimeTooSkewed", "", 0));
  clocks.observe(S3, answerAt(3_600_000));
  t.true(clocks.explains(S3.host, "RequestTimeTooSkewed", "", 0));
  t.false(clocks.explains(S3.host, "RequestTimeTooSkewed", "", 3_600_500));
  t.false(clocks.explains("sts.amazonaws.com", "RequestTimeTooSkewed", "", 0));
});

test("of a thousand hosts and one the first is forgotten", (t) => {
  const clocks = new HostClocks(clock);
  for (let index = 0; index <= 1_000; index++) {
    clocks.observe(new URL(`https://bucket-${index}.s3.amazonaws.com/`), answerAt(3_600_000));
  }
  t.is(clocks.offsetOf("bucket-0.s3.amazonaws.com"), undefined);
  t.is(clocks.offsetOf("bucket-1.s3.amazonaws.com"), 3_600_500);
  t.is(clocks.offsetOf("bucket-1000.s3.amazonaws.com"), 3_600_500);
});

test("all who have one clock share its hosts", (t) => {
  t.is(hostClocks(clock), hostClocks(clock));
  t.is(hostClocks(), hostClocks());
  t.not(hostClocks(clock), hostClocks());
});
