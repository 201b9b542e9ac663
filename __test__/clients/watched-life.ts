/** A client's life whose hooks are written down. */
import { ClientLife } from "../../dist/clients/client-life.js";

type Client = ConstructorParameters<typeof ClientLife>[0];

export interface WatchedLife extends Pick<ClientLife, "inFlight" | "retire" | "release"> {
  /** What was told: "late use", "user destroy" and "destroyed", in order. */
  readonly told: string[];
  /** Settles when the client was destroyed after it was retired. */
  readonly destroyed: Promise<void>;
  /** Lets the time come at which answers that nobody reads are looked at; gives the number of timers there were. */
  lookAtUnread(): number;
}

export function watchedLife(client: Client): WatchedLife {
  const told: string[] = [];
  const timers = new Set<() => void>();
  let onDestroyed = () => {};
  const destroyed = new Promise<void>((resolve) => {
    onDestroyed = resolve;
  });
  const life = new ClientLife(
    client,
    {
      onLateUse: () => told.push("late use"),
      onUserDestroy: () => told.push("user destroy"),
      onDestroyed: () => {
        told.push("destroyed");
        onDestroyed();
      },
    },
    {
      startTimer: (_, fire) => {
        timers.add(fire);
        return { ref() {}, unref() {}, cancel: () => timers.delete(fire) };
      },
    },
  );
  return {
    told,
    destroyed,
    get inFlight() {
      return life.inFlight;
    },
    retire: () => life.retire(),
    release: () => life.release(),
    lookAtUnread: () => {
      const due = [...timers];
      timers.clear();
      for (const fire of due) fire();
      return due.length;
    },
  };
}
