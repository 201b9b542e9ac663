/** The first signature of a process: from before the first `require` to the signed request, in fresh processes, interleaved. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const ROUNDS = 31;

const timed = (script) =>
  `const start = process.hrtime.bigint();${script};process.stdout.write(String(process.hrtime.bigint() - start));`;
const file = (name) => JSON.stringify(require.resolve(name));
const keys = `{ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" }`;

const CONTENDERS = [
  [
    "require and first signature",
    timed(`const { Signer } = require(${file("aws-refresh-session/signing")});
      new Signer({ service: "s3", region: "us-east-1", credentials: ${keys} }).signSync({ url: "https://example.com/key" })`),
  ],
  [
    "require and first signature, aws4",
    timed(
      `require(${file("aws4")}).sign({ service: "s3", region: "us-east-1", host: "example.com", path: "/key" }, ${keys})`,
    ),
  ],
];

/** Name of the contender to nanoseconds: the median over processes. */
export async function coldStart() {
  const samples = new Map(CONTENDERS.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 0; index < CONTENDERS.length; index++) {
      const [name, script] = CONTENDERS[(index + round) % CONTENDERS.length];
      const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      samples.get(name).push(Number(stdout));
    }
  }
  return new Map([...samples].map(([name, all]) => [name, all.sort((one, two) => one - two)[ROUNDS >> 1]]));
}
