/** One refresh for all worker threads: four threads share the credentials of one role, and STS is asked once. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { RefreshableSession } from "aws-refresh-session";

const open = ({ stsUrl, credentials }) =>
  new RefreshableSession({
    region: "eu-west-1",
    // The same in every thread; with a function among the options it would be a name: shared: "reports".
    shared: true,
    assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
    stsClientConfig: { endpoint: stsUrl, credentials },
  });

if (isMainThread) {
  const { startTestEndpoint } = await import("aws-refresh-session/testing");
  const endpoint = await startTestEndpoint();
  const { stsUrl, url, credentials } = endpoint;
  // The credentials are held while any session is open: threads may come and go.
  const session = open({ stsUrl, credentials });
  const threads = Array.from(
    { length: 4 },
    () => new Worker(new URL(import.meta.url), { workerData: { stsUrl, url, credentials } }),
  );
  const keyIds = await Promise.all(
    threads.map((thread) => new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject))),
  );
  console.log(`${threads.length} threads, ${new Set(keyIds).size} set of credentials`);
  console.log(`STS was asked ${endpoint.stats.assumeRoleCalls} time`);
  session.close();
  await endpoint.close();
} else {
  const session = open(workerData);
  const signer = session.signer({ service: "execute-api" });
  const { url, ...init } = await signer.signRequest({ url: `${workerData.url}/orders` });
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`refused: ${await response.text()}`);
  parentPort.postMessage((await session.refreshableCredentials()).accessKeyId);
  session.close();
}
