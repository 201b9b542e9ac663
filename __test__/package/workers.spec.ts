/** The addon in worker threads: loaded, used and left many times over, and torn down in the middle of its work. */
import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import test from "ava";
import { Signer } from "aws-refresh-session/signing";

const SIGNER = {
  service: "service",
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
};
const REQUEST = { method: "GET", url: "https://example.amazonaws.com/" };
const DATE = "2015-08-30T12:36:00Z";

// Plain CommonJS: a worker shall load the package as a user's does, without what loads these tests.
const SETUP = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { Signer } = require(workerData.entry);
  const signer = new Signer(workerData.signer);
  const signingDate = new Date(workerData.date);
`;
const SIGN_ONCE = `${SETUP}
  signer.sign(workerData.request, { signingDate }).then((headers) => parentPort.postMessage(headers.authorization));
`;
const SIGN_FOREVER = `${SETUP}
  for (let count = 0; ; count++) {
    signer.signSync(workerData.request, { signingDate });
    if (count === 100) parentPort.postMessage("busy");
  }
`;

const entry = createRequire(import.meta.url).resolve("aws-refresh-session/signing");
const startWorker = (script: string) =>
  new Worker(script, {
    eval: true,
    execArgv: [],
    workerData: { entry, signer: SIGNER, request: REQUEST, date: DATE },
  });

const signHere = async () =>
  (await new Signer(SIGNER).sign(REQUEST, { signingDate: new Date(DATE) })).authorization ?? "";

async function signInWorker(): Promise<unknown> {
  const worker = startWorker(SIGN_ONCE);
  const exited = once(worker, "exit");
  const [answer] = await once(worker, "message");
  const [code] = await exited;
  return code === 0 ? answer : `exit code ${code}`;
}

test("forty worker threads at once load the addon, sign and exit", async (t) => {
  const expected = await signHere();
  const answers = await Promise.all(Array.from({ length: 40 }, signInWorker));
  t.deepEqual(answers, Array(40).fill(expected));
});

test("worker threads that come and go one after the other leave the addon usable", async (t) => {
  const expected = await signHere();
  for (let round = 0; round < 10; round++) t.is(await signInWorker(), expected);
  t.is(await signHere(), expected);
});

test("a worker thread that is terminated while it signs takes nothing down", async (t) => {
  const workers = Array.from({ length: 4 }, () => startWorker(SIGN_FOREVER));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  await Promise.all(workers.map((worker) => worker.terminate()));
  t.is(await signInWorker(), await signHere());
});
