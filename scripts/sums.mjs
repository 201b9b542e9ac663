/** Adds up passed, failed and skipped over test runners, from what each prints at its end. */
const NONE = { passed: 0, failed: 0, skipped: 0 };

/** A runner that broke down before it could count, or counted no failure and yet failed, is one failure. */
const honest = (counts, ok) => (!ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts);

export class Sums {
  passed = 0;
  failed = 0;
  skipped = 0;

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
  }

  /** One pass or failure of something that is not counted by a runner. */
  check(ok) {
    this.add(ok ? { passed: 1 } : { failed: 1 });
  }

  /** The closing line that CI reads. */
  toString() {
    return Sums.text(this);
  }

  static text({ passed, failed, skipped }) {
    return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  }

  /** Every test binary and every crate's documentation tests close with a line of their own. */
  static ofCargo({ ok, output }) {
    const counts = { ...NONE };
    for (const [, passed, failed, ignored] of output.matchAll(
      /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm,
    )) {
      counts.passed += Number(passed);
      counts.failed += Number(failed);
      counts.skipped += Number(ignored);
    }
    return honest(counts, ok);
  }

  /** ava's TAP output closes with `# pass N` and its like. */
  static ofTap({ ok, output }) {
    const count = (word) => Number(output.match(new RegExp(`^# ${word} (\\d+)$`, "m"))?.[1] ?? 0);
    return honest({ passed: count("pass"), failed: count("fail"), skipped: count("skip") }, ok);
  }

  /** The last line of a run that printed its own sums, such as `npm test`. */
  static ofClosingLine({ ok, output }) {
    const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)];
    const [, passed = 0, failed = 0, skipped = 0] = lines.at(-1) ?? [];
    return honest({ passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }, ok);
  }
}
