/** Why a config has no key: internal, since the caches answer it with a client that is not cached, and a warning. */

/** The message names the path of the member at fault and what is wrong with it, never its value. */
export class UnkeyableError extends Error {
  /** Such as `config.requestHandler.limits`. */
  readonly path: string;
  /** Completes the sentence "<path> ...". */
  readonly problem: string;

  constructor(path = "config", problem = "cannot be read the same way twice") {
    super(`${path} ${problem}`);
    this.path = path;
    this.problem = problem;
  }

  override get name(): string {
    return "UnkeyableError";
  }
}
