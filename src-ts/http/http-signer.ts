/** Signs requests of plain HTTP clients for one service, by the settings of a `Signer`. */
import { systemClock } from "../defaults.js";
import { asRefreshable } from "../refresh/credential-source.js";
import { checkNames } from "../signing/option-names.js";
import { SIGNATURE_HEADERS } from "../signing/signed-request.js";
import { Signer } from "../signing/signer.js";
import { SIGNER_OPTION_NAMES, type SignerOptions } from "../signing/signer-options.js";
import { checkBufferLimit, DEFAULT_BUFFER_LIMIT } from "./bodies/buffer-limit.js";
import { SignedHttp } from "./signed-http.js";

export interface HttpSignerOptions extends SignerOptions {
  /** Longest stream, in bytes, that is read into memory to be signed; default 10 MiB, the limit of API Gateway. */
  bufferLimit?: number;
}

/**
 * Signed requests to one service through fetch, ky, undici, axios, got, node:http(s) or the OpenSearch client.
 *
 * Every attempt is signed anew. A request that is refused because its credentials have ended, or because the clock is wrong, is
 * sent a second time with what was learned, if its body can be sent again. Safe to share; keeps no sockets of its own.
 *
 * @example
 * ```ts
 * import { HttpSigner } from "aws-refresh-session/http";
 *
 * const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
 * export const search = new HttpSigner({ service: "es", region: "eu-west-1", credentials });
 * // await search.fetch("https://domain.eu-west-1.es.amazonaws.com/_search");
 * ```
 */
export class HttpSigner extends SignedHttp {
  constructor(options: HttpSignerOptions) {
    checkNames(options, "HttpSigner", [...SIGNER_OPTION_NAMES, "bufferLimit"]);
    const { bufferLimit = DEFAULT_BUFFER_LIMIT, ...signerOptions } = options;
    const signer = new Signer(signerOptions);
    super({
      credentials: asRefreshable(options.credentials),
      replaces: SIGNATURE_HEADERS,
      bufferLimit: checkBufferLimit(bufferLimit),
      streamsUnsigned: options.payload === "unsigned",
      clock: options.clock ?? systemClock,
      headersFor: (request, signingDate) => signer.sign(request, signingDate && { signingDate }),
      headersNow: (request, signingDate) => signer.signSync(request, signingDate && { signingDate }),
    });
  }
}
