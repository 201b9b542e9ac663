/** Runs a scenario through our sessions, and tells what was observed at each of its steps. */
import { RefreshableSession } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { turn } from "../refresh/counting-source.js";

export type Answer = "fail" | "nothing" | { lifetime?: number; expiry?: unknown; without?: string[] };

/** What is expected to be observed: the same on both sides, or each side's own for a reason. */
type Expected =
  | { readonly expect: object }
  | { readonly ours: object; readonly theirs: object; readonly because: string };

interface StepOrder {
  /** Seconds since the start. */
  readonly clock?: number;
  /** What the provider answers next, before it goes on with a set of an hour each time. */
  readonly answers?: readonly Answer[];
  /** So many ask for credentials at once; 1 when left out. */
  readonly callers?: number;
  /** The name of a member to read, instead. */
  readonly read?: string;
}

export interface Scenario {
  readonly name: string;
  /** Those of the session, in our spelling; "<provider>" stands for the function. */
  readonly options?: Record<string, unknown>;
  /** Options that would be filled in and are not to be. */
  readonly without?: readonly string[];
  readonly answers?: readonly Answer[];
  /** Default: it works, and nothing is fetched. */
  readonly constructs?: Expected;
  readonly steps?: ReadonlyArray<StepOrder & Expected>;
}

/** What the provider fails with. */
class Outage extends Error {}

const START = Date.parse("2030-01-01T00:00:00Z");

/** What one scenario makes our session do: first its construction, then each step. */
export async function observeOurs(scenario: Scenario): Promise<object[]> {
  const time = new ManualClock(START);
  const answers: Answer[] = [...(scenario.answers ?? [])];
  let calls = 0;
  let seenArguments: unknown;

  async function provide(given: unknown) {
    const number = ++calls;
    const answer = answers.shift() ?? {};
    seenArguments = given;
    // A refresh takes until the callers have come as far as they can without it.
    await turn();
    if (answer === "fail") throw new Outage("the source is down");
    if (answer === "nothing") return undefined as never;
    const end = new Date(time.now + (answer.lifetime ?? 3600) * 1000);
    const made = { access_key: `AKID${number}`, secret_key: "secret", token: "token", expiry_time: end.toISOString() };
    if (answer.expiry !== undefined)
      Object.assign(made, { expiry_time: answer.expiry === "date" ? end : answer.expiry });
    for (const name of answer.without ?? []) delete made[name as keyof typeof made];
    return made;
  }

  const { method = "custom", ...given } = scenario.options ?? {};
  const options: Record<string, unknown> = {
    method,
    ...(method === "custom" && { customCredentialsMethod: provide }),
    ...given,
    clock: time.clock,
    env: {},
    homeDir: "/nonexistent",
  };
  for (const [name, value] of Object.entries(options)) if (value === "<provider>") options[name] = provide;
  for (const name of scenario.without ?? []) delete options[name];

  let session: RefreshableSession | undefined;
  const constructed = await attempt(async () => {
    session = new RefreshableSession(options as never) as RefreshableSession;
    // A constructor cannot wait, so what the first fetch came to is told by the promise.
    await session.ready;
    return "ok";
  });
  const observed: object[] = [{ constructed, calls }];
  for (const step of session === undefined ? [] : (scenario.steps ?? [])) {
    if (step.clock !== undefined) time.set(START + step.clock * 1000);
    answers.push(...(step.answers ?? []));
    observed.push(await observeStep(session as RefreshableSession, step));
  }
  session?.close();
  return observed;

  async function observeStep(opened: RefreshableSession, { read, callers = 1 }: StepOrder): Promise<object> {
    if (read !== undefined) return { read: await attempt(() => readMember(opened, read)) };
    const got = await Promise.all(
      Array.from({ length: callers }, () => attempt(async () => (await opened.refreshableCredentials()).accessKeyId)),
    );
    // A refresh that nobody waited for comes to its end.
    for (let turns = 0; turns < 3; turns++) await turn();
    const gets: Record<string, number> = {};
    for (const outcome of got) gets[outcome] = (gets[outcome] ?? 0) + 1;
    return { gets, calls };
  }

  function readMember(opened: RefreshableSession, name: string): unknown {
    if (name === "arguments") return seenArguments;
    const member = opened[name as keyof RefreshableSession] as unknown;
    return typeof member === "function" ? member.call(opened) : member;
  }
}

/** What a function gives, or the name of the class of its error. */
async function attempt<Result>(run: () => Result): Promise<Awaited<Result> | string> {
  try {
    return await run();
  } catch (error) {
    return (error as Error).constructor.name;
  }
}
