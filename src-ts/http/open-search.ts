/** Signs what the client of OpenSearch sends: a class for its option `Connection`. */
import { BRSValidationError } from "../errors.js";
import { type AnswerCallback, ConnectionExchange, type ConnectionParams } from "./open-search-exchange.js";
import type { HttpSigning } from "./outgoing-request.js";

/** What is used of a connection of `@opensearch-project/opensearch`, or of `@elastic/elasticsearch` 7. */
export interface ConnectionLike {
  // biome-ignore lint/suspicious/noExplicitAny: whichever parameters this version of the client has
  request(params: any, callback: any): any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  buildRequestObject(params: any): any;
}

// biome-ignore lint/suspicious/noExplicitAny: what TypeScript wants of a class that another extends
export type ConnectionClass = new (...args: any[]) => ConnectionLike;

/** Under which the options of a request go through the class of the client unchanged once they are signed. */
const SIGNED = Symbol("signed options");

/**
 * A connection that signs each attempt of its client, bodies as they are after compression. The client's own `auth` is left out.
 * It does what its base does otherwise: agents, timeouts, retries, sniffing.
 */
export function signedConnection<Base extends ConnectionClass>(signing: HttpSigning, base: Base): Base {
  if (typeof base?.prototype?.request !== "function" || typeof base.prototype.buildRequestObject !== "function") {
    throw new BRSValidationError(
      'connection() takes the class "Connection" of @opensearch-project/opensearch or @elastic/elasticsearch 7',
      { param: "base" },
    );
  }
  return class SignedConnection extends base {
    override request(params: ConnectionParams, callback: AnswerCallback) {
      const exchange = new ConnectionExchange(signing, {
        options: super.buildRequestObject(params),
        send: (options, body, answered) => super.request({ ...params, body, [SIGNED]: options }, answered),
      });
      exchange.run(callback);
      return { abort: () => exchange.abort() };
    }

    override buildRequestObject(params: ConnectionParams & { readonly [SIGNED]?: object }) {
      return params[SIGNED] ?? super.buildRequestObject(params);
    }
  };
}
