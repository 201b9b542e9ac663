/** Notices that whoever reads a stream of events has left it before its end, which the SDK tells its connection nothing of. */

/** The stream of events among what a command gives: an iterable of the SDK's own, which ends with the body of the answer. */
type EventStream = Record<typeof Symbol.asyncIterator, () => AsyncIterator<unknown>>;

/**
 * Calls `onLeave` when a reader of an event stream in `output` leaves it, by `break`, `return` or a throw in its `for await`, and when
 * an event is an error: the SDK throws it and reads no further.
 */
export function whenReaderLeaves(output: unknown, onLeave: () => void): void {
  for (const member of Object.values(Object(output) as object)) {
    if (!isEventStream(member)) continue;
    const iterate = member[Symbol.asyncIterator];
    const value = () => watched(iterate.call(member), onLeave);
    Reflect.defineProperty(member, Symbol.asyncIterator, { value, configurable: true, writable: true });
  }
}

/** The same iterator, which stays what it is in all else. */
function watched(iterator: AsyncIterator<unknown>, onLeave: () => void): AsyncIterator<unknown> {
  const { next, return: leave } = iterator;
  iterator.next = (...value) => {
    const event = next.apply(iterator, value);
    Promise.resolve(event).catch(onLeave);
    return event;
  };
  if (leave === undefined) return iterator;
  iterator.return = (value) => {
    onLeave();
    return leave.call(iterator, value);
  };
  return iterator;
}

/** Streams of Node and of the web close themselves when they are left. */
function isEventStream(value: unknown): value is EventStream {
  const { [Symbol.asyncIterator]: iterate, pipe, getReader } = Object(value);
  return typeof iterate === "function" && pipe === undefined && getReader === undefined;
}
