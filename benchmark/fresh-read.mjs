/** Reading credentials that are fresh: what each request of a client pays before it is signed. */
import { RefreshableSession } from "aws-refresh-session";
import { awaited, compare, sync } from "./rounds.mjs";

const open = (shared) =>
  RefreshableSession.create({
    method: "custom",
    customCredentialsMethod: () => ({
      accessKeyId: "ASIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken: "token",
      expiration: new Date(Date.now() + 3_600_000),
    }),
    ...(shared && { shared: "fresh-read" }),
  });

/** Reading fresh credentials: name of the contender to nanoseconds. */
export async function freshRead() {
  const [alone, shared] = [await open(false), await open(true)];
  const read = (session) => {
    const credentials = session.getCredentials();
    return sync(() => credentials.frozen.accessKeyId);
  };
  try {
    return await compare([
      { name: "frozen", each: 1, run: read(alone) },
      { name: "frozen, shared by threads", each: 1, run: read(shared) },
      { name: "await session.credentials()", each: 1, run: awaited(() => alone.credentials()) },
      { name: "Date.now()", each: 1, run: sync(() => String(Date.now() > 0)) },
    ]);
  } finally {
    alone.close();
    shared.close();
  }
}
