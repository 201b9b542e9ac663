/** The demo as a stranger runs it, on the package's own test endpoint. */
import test from "ava";
import { runScript } from "./run-script.js";

test("the demo refreshes, loses no request and says so", async (t) => {
  const { code, output } = await runScript("scripts/demo.mjs", ["--seconds", "5"]);
  t.is(code, 0, output);
  t.regex(output, /^ *requests verified +[1-9]/m);
  t.regex(output, /^ *refreshes made +[1-9]/m);
  t.regex(output, /^ *requests lost +0$/m);
});

test("the demo explains a wrong argument", async (t) => {
  const { code, output } = await runScript("scripts/demo.mjs", ["--endpoint", "not a url"]);
  t.is(code, 2);
  t.regex(output, /--endpoint/);
});
