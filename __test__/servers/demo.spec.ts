/** The demo against a real STS: the repository's own script makes the user and the role, MiniStack checks every signature. */
import { runScript } from "../package/run-script.js";
import { miniStack } from "./ministack.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
});

test("the demo runs through several refreshes against MiniStack and loses no request", async (t) => {
  const role = await runScript("scripts/demo-role.mjs", ["--endpoint", endpoint]);
  t.is(role.code, 0, role.output);
  const settings = [...role.output.matchAll(/^export (\w+)='?([^'\n]*)'?$/gm)].map(([, name, value]) => [name, value]);
  const { code, output } = await runScript(
    "scripts/demo.mjs",
    ["--endpoint", endpoint, "--seconds", "8"],
    Object.fromEntries(settings),
  );
  t.is(code, 0, output);
  t.regex(output, /^ *requests verified +[1-9]/m);
  t.regex(output, /^ *refreshes made +[1-9]/m);
  t.regex(output, /^ *requests lost +0$/m);
});
