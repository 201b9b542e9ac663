/** The client sockets of this process: how many are open, were open at most, and were opened in all. */
import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";

export interface OpenSockets {
  readonly open: number;
  readonly most: number;
  readonly opened: number;
  stop(): void;
}

/** Counts the sockets that this process opens from now on, whoever opens them. */
export function countSockets(): OpenSockets {
  const created = channel("net.client.socket");
  let [open, most, opened] = [0, 0, 0];
  const count = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    opened++;
    most = Math.max(most, ++open);
    socket.once("close", () => open--);
  };
  created.subscribe(count);
  return {
    get open() {
      return open;
    },
    get most() {
      return most;
    },
    get opened() {
      return opened;
    },
    stop: () => created.unsubscribe(count),
  };
}
