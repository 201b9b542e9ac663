/** Where an interceptor of undici may sign for: other origins never get a signature, and redirects to them are followed without. */
import { mayHoldSecret } from "../../aws/endpoints.js";
import { BRSValidationError, masked, SigningError } from "../../errors.js";
import { checkArray, checkNames, checkRecord, describe } from "../../strategies/option-checks.js";
import { remembered } from "../remembered.js";

export interface UndiciSigningOptions {
  /**
   * The origins whose requests are signed, such as `["https://api.example.com"]`, or "any". By default the origin of the first
   * request. The first of the list is that of requests which do not name theirs, as those of a Client or Pool do not.
   */
  origins?: readonly (string | URL)[] | "any";
}

/** A redirect that is being followed: an answer of this origin is what made the request. */
export interface RedirectSource {
  readonly origin: string;
  /** Whether the chain of redirects had left the origin where it began. */
  readonly isElsewhere: boolean;
}

export class SigningOrigins {
  readonly #listed: readonly string[] | undefined;
  readonly #isAny: boolean;
  #first: string | undefined;

  constructor(options: UndiciSigningOptions = {}) {
    if (typeof (options as { dispatch?: unknown } | null)?.dispatch === "function") {
      throw new BRSValidationError(
        "undici() takes no dispatcher, it gives the interceptor for one: new Agent().compose(signer.undici())",
        { param: "options" },
      );
    }
    checkNames("options.", checkRecord("options", options, '{ origins: ["https://api.example.com"] }'), ["origins"]);
    const { origins } = options;
    this.#isAny = origins === "any";
    if (origins === undefined || origins === "any") return;
    this.#listed = checkArray("origins", origins, 1_000, '["https://api.example.com"]').map(checkOrigin);
  }

  /** The origin of a request by its option; that of its host header counts more, since interceptors of undici connect elsewhere. */
  resolve(origin: string | URL | null | undefined, host: string | string[] | undefined): string {
    const given = origin === undefined || origin === null ? this.#listed?.[0] : String(origin);
    if (given === undefined) {
      throw new SigningError(
        'a request of a Client or Pool does not say where it goes: name it with undici({ origins: ["https://..."] })',
        { code: "ERR_SIGN_ORIGIN", param: "origins" },
      );
    }
    const found = originOf(given);
    return typeof host === "string" ? originOf(`${found.slice(0, found.indexOf(":"))}://${host}`) : found;
  }

  /** Whether a request to this origin is signed; false for the redirects that are followed without a signature. */
  signs(origin: string, redirect: RedirectSource | undefined): boolean {
    if (redirect !== undefined && (redirect.isElsewhere || redirect.origin !== origin)) return false;
    if (this.#isAny) return true;
    if (this.#listed === undefined) this.#first ??= origin;
    if (this.#listed?.includes(origin) ?? this.#first === origin) return true;
    const known = this.#listed ?? [this.#first as string];
    throw new SigningError(
      `${origin} is none of the origins that are signed for (${known.join(", ")}): list it with undici({ origins: [...] }), or send ` +
        "its requests through another dispatcher",
      { code: "ERR_SIGN_ORIGIN", param: "origins" },
    );
  }
}

function checkOrigin(given: unknown): string {
  const text = typeof given === "string" || given instanceof URL ? String(given) : "";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname + url.search + url.username !== "/") {
    const found = mayHoldSecret(given) ? masked(given) : describe(given);
    throw new BRSValidationError(`origins must hold origins such as "https://api.example.com", but holds ${found}`, {
      param: "origins",
    });
  }
  return url.origin;
}

/** Parsed once for each spelling: a dispatch of undici takes no longer than a few of these. */
const originOf = remembered((given) => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") {
    throw new SigningError("the origin of the request is no URL of a server without user information", {
      code: "ERR_SIGN_URL",
      param: "origin",
    });
  }
  return url.origin;
});
