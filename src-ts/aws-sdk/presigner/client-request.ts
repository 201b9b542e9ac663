/** The request that a client makes of a command, taken out of its own middleware before it would be signed and sent. */
import { BRSValidationError } from "../../errors.js";
import { clonedQuery, clonedRequest } from "../http-request.js";
import type { HeaderNames, SdkHttpRequest, SdkIdentity, SdkPresigningOptions } from "../sdk-types.js";
import {
  type ClientConfig,
  type ClientParts,
  type CommandParts,
  type HandlerContext,
  isHttpRequest,
} from "./sdk-client.js";

/** A request to presign, and for whom. */
export interface ClientRequest {
  readonly request: SdkHttpRequest;
  /** As the client names the operation: "GetObjectCommand". */
  readonly commandName: string | undefined;
  /** Names of the schemes that the endpoint takes, the preferred one first. */
  readonly authScheme: string | undefined;
  /** The service of the scope, unless `signingService` says otherwise. */
  readonly service: string;
  /** The region of the scope; undefined where the client has no endpoint rules, and its own region counts. */
  readonly region: string | undefined;
  /** The session of a directory bucket, which signs in place of the client's credentials. */
  readonly expressIdentity: SdkIdentity | undefined;
}

/** Headers that the client adds for itself; they would be hoisted into the URL. */
const OF_ONE_ATTEMPT = ["amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent"];

const INTERCEPTOR = {
  name: "presignInterceptMiddleware",
  relation: "before",
  toMiddleware: "awsAuthMiddleware",
  override: true,
};

/**
 * Runs a command through the client's whole middleware, the user's own included, up to where it would be signed.
 *
 * @param config the client's, or a copy with something observed in it
 * @throws whatever the client throws for this command
 */
export async function requestOf(
  { middlewareStack }: ClientParts,
  command: CommandParts,
  config: ClientConfig,
): Promise<ClientRequest> {
  let taken: { readonly request: unknown; readonly context: HandlerContext } | undefined;
  const stack = middlewareStack.clone();
  stack.addRelativeTo(
    (_next, context) =>
      async ({ request }) => {
        taken = { request, context };
        return { response: {}, output: { $metadata: { httpStatusCode: 200 } } };
      },
    INTERCEPTOR,
  );
  // Some middlewares write into the input: the caller's stays as it is.
  await command.resolveMiddleware(stack, config, {})({ input: { ...command.input } });
  if (taken === undefined || !isHttpRequest(taken.request)) {
    throw new BRSValidationError("the client made no HTTP request of the command, so there is nothing to presign", {
      param: "command",
    });
  }
  const { request, context } = taken;
  const headers = { ...request.headers };
  for (const name of OF_ONE_ATTEMPT) delete headers[name];
  const scheme = context.endpointV2?.properties?.authSchemes?.[0];
  const endpointRegion = scheme?.name === "sigv4a" ? scheme.signingRegionSet?.join(",") : scheme?.signingRegion;
  return {
    request: clonedRequest(request, headers, clonedQuery(request.query)),
    commandName: context.commandName,
    authScheme: scheme?.name,
    service: context.signing_service ?? scheme?.signingName ?? "s3",
    region: context.signing_region ?? endpointRegion,
    expressIdentity: context.s3ExpressIdentity,
  };
}

/** Which headers move into the query, and which are signed. */
export type HoistingOptions = Required<Pick<SdkPresigningOptions, "unsignableHeaders" | "unhoistableHeaders">>;

/** Gives a request what every presigned one of S3 carries, and says what becomes of its headers. */
export function prepareForS3(request: SdkHttpRequest, options: SdkPresigningOptions): HoistingOptions {
  const { headers, hostname, port } = request;
  headers["X-Amz-Content-Sha256"] = "UNSIGNED-PAYLOAD";
  const { host } = headers;
  if (!host || (host === hostname && port != null)) headers.host = port == null ? hostname : `${hostname}:${port}`;
  const { unsignableHeaders, unhoistableHeaders, hoistableHeaders } = options;
  return {
    // Whoever uses the URL decides on the type of what is sent.
    unsignableHeaders: { has: (name) => name === "content-type" || has(unsignableHeaders, name) },
    // The policies of buckets look for these among the headers.
    unhoistableHeaders: {
      has: (name) =>
        has(unhoistableHeaders, name) ||
        (name.startsWith("x-amz-server-side-encryption") && !has(hoistableHeaders, name)),
    },
  };
}

const has = (names: HeaderNames | undefined, name: string): boolean => names?.has(name) === true;
