/** Worker threads that share a role before MiniStack: credentials of seconds under load, and no thread loses a request. */
import { Shared, Thread } from "../refresh/thread.js";
import { makePrincipals, miniStack, type Principals, queryRequest, REGION } from "./ministack.js";
import { serverTests } from "./server-process.js";

const THREADS = 4;
const LIFETIME = 4;
const REFRESHES = 3;

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
});

test("threads that share a role refresh it once for all, and none of their requests fails", async (t) => {
  const all = Array.from({ length: THREADS }, () => new Thread(new Shared()));
  t.teardown(() => Promise.all(all.map((thread) => thread.terminate())));
  const args = {
    options: {
      ...{ region: REGION, env: {}, shared: true },
      assumeRole: { RoleArn: principals.roleArn, DurationSeconds: LIFETIME },
      stsClientConfig: { endpoint, region: REGION, credentials: { ...principals.user } },
    },
    request: queryRequest({ endpoint, service: "sts", action: "GetCallerIdentity" }),
    region: REGION,
    wanted: REFRESHES + 1,
  };
  const open = `
    state.session = new lib.RefreshableSession(args.options);
    await state.session.refreshableCredentials();
  `;
  await Promise.all(all.map((thread) => thread.run(open, args)));
  const load = `
    const signer = state.session.signer({ service: "sts", region: args.region });
    const ids = new Set();
    const failures = [];
    let sent = 0;
    const sendOne = async () => {
      const { url, ...init } = await signer.signRequest(args.request);
      ids.add(/Credential=([^/]+)/.exec(init.headers.authorization)[1]);
      const response = await fetch(url, init);
      const text = await response.text();
      sent++;
      if (!response.ok) failures.push(text);
    };
    while (ids.size < args.wanted) {
      await Promise.all([sendOne(), sendOne()]);
      await new Promise((resume) => setTimeout(resume, 20));
    }
    return { ids: [...ids], failures, sent };
  `;
  type Load = { ids: string[]; failures: string[]; sent: number };
  const loads = await Promise.all(all.map((thread) => thread.run<Load>(load, args)));
  t.deepEqual(
    loads.flatMap(({ failures }) => failures),
    [],
  );
  const ids = new Set(loads.flatMap((each) => each.ids));
  // What the load left under way is waited for, and counts.
  for (const thread of all) {
    ids.add(await thread.run<string>("return (await state.session.getCredentials().refresh()).accessKeyId;"));
  }
  let refreshes = 0;
  for (const thread of all)
    refreshes += await thread.run<number>("return state.session.getCredentials().stats.refreshes;");
  t.is(ids.size, refreshes);
  t.log(
    `${loads.reduce((sum, { sent }) => sum + sent, 0)} requests of ${THREADS} threads through ${ids.size} sets of credentials`,
  );
});
