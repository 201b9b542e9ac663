/** The requests that a service of a test endpoint keeps to be looked at. */

const KEPT = 100;

/** The last hundred, the oldest first. */
export class LastRequests<Request> {
  readonly #kept: Request[] = [];

  add(request: Request): void {
    this.#kept.push(request);
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** A copy, which does not grow. */
  list(): readonly Request[] {
    return [...this.#kept];
  }
}
