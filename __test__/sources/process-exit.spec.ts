/** A program behind a profile keeps the process alive only while somebody waits for its credentials. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import test from "ava";
import { newHome } from "./home.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("a process ends under a program that nobody waits for any more", async (t) => {
  // Ends by itself, since nobody ends it together with the process of the test.
  const { homeDir, write, path } = newHome(t);
  write(
    "slow.cjs",
    `setTimeout(() => require("node:fs").writeFileSync(${JSON.stringify(path("ended"))}, ""), 20_000);`,
  );
  write("config", `[default]\ncredential_process = "${process.execPath}" "${path("slow.cjs")}"\n`);
  const program = `
    import { existsSync } from "node:fs";
    import { RefreshableSession } from "aws-refresh-session";
    const session = new RefreshableSession({
      assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
      region: "eu-west-1",
      refreshTimeout: 0.3,
      env: { PATH: process.env.PATH },
      homeDir: ${JSON.stringify(homeDir)},
    });
    process.on("exit", () => console.log(existsSync(${JSON.stringify(path("ended"))}) ? "late" : "in time"));
    await session.refreshableCredentials().catch(({ code }) => console.log(code));
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  await once(child, "exit");
  t.is(output, "ERR_REFRESH_TIMEOUT\nin time\n");
});
