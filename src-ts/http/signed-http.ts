/** What every HTTP client gets from a way of signing: one method for each client. */
import { BRSValidationError } from "../errors.js";
import { type AxiosLike, signAxios } from "./axios.js";
import { type FetchLike, signedFetch } from "./fetch/signed-fetch.js";
import { type GotExtension, gotExtension } from "./got.js";
import { type NodeRequestOptions, nodeRequestOptions } from "./node-http.js";
import { type ConnectionClass, signedConnection } from "./open-search.js";
import type { HttpSigning } from "./outgoing-request.js";
import { type UndiciInterceptor, type UndiciSigningOptions, undiciInterceptor } from "./undici/interceptor.js";

/** Signed requests through the HTTP client of your choice. The clients are typed by their shape and never imported. */
export abstract class SignedHttp {
  readonly #signing: HttpSigning;
  /** `fetch` that signs; a bound function, so `ky.create({ fetch: signer.fetch })` works. */
  readonly fetch: FetchLike;

  /** @internal */
  constructor(signing: HttpSigning) {
    this.#signing = signing;
    this.fetch = signedFetch(signing);
  }

  /** Signs what an axios instance sends; gives the instance back. */
  axios<Instance extends AxiosLike>(instance: Instance): Instance {
    return signAxios(this.#signing, instance);
  }

  /** Options for `got.extend`. */
  got(): GotExtension {
    return gotExtension(this.#signing);
  }

  /**
   * An interceptor for `dispatcher.compose`: of an Agent, a Pool or a Client of undici. It signs for one origin, or for those that
   * `origins` lists; interceptors of undici that retry or follow redirects belong after it.
   *
   * @example
   * ```ts
   * import type { HttpSigner } from "aws-refresh-session/http";
   * import { Agent, interceptors, request } from "undici";
   *
   * export async function statusOf(signer: HttpSigner, url: string) {
   *   const dispatcher = new Agent().compose(signer.undici(), interceptors.redirect({ maxRedirections: 5 }));
   *   const { statusCode, body } = await request(url, { dispatcher });
   *   await body.dump();
   *   return statusCode;
   * }
   * ```
   */
  undici(options?: UndiciSigningOptions): UndiciInterceptor {
    // Handed to compose() without being called, as `signer.fetch` is to ky, it has no signer.
    if (!(#signing in Object(this))) {
      throw new BRSValidationError("undici is to be called on its signer: compose(signer.undici())", {
        param: "undici",
      });
    }
    return undiciInterceptor(this.#signing, options);
  }

  /** The options of a `node:http(s)` request with the signature among its headers. */
  request<Options extends NodeRequestOptions>(options: Options): Promise<Options> {
    return nodeRequestOptions(this.#signing, options);
  }

  /** A Connection class for the clients of OpenSearch and Elasticsearch: `new Client({ node, Connection })`. */
  connection<Base extends ConnectionClass>(base: Base): Base {
    return signedConnection(this.#signing, base);
  }
}
