/** aws4's call shape: its users change one import. */
import { CredentialsNotReadyError } from "../../errors.js";
import { onceReady } from "../../signing/prepared.js";
import { credentialsFor } from "./keys.js";
import { RequestSigner } from "./request-signer.js";
import type { Aws4Credentials, Aws4Request, Aws4Signed } from "./types.js";

function sign<Request extends Aws4Request>(request: Request, credentials?: Aws4Credentials): Request & Aws4Signed;
function sign(url: string, credentials?: Aws4Credentials): Aws4Signed;
function sign(request: string | Aws4Request, credentials?: Aws4Credentials): Aws4Signed {
  return new RequestSigner(request, credentials).sign();
}

function signAsync<Request extends Aws4Request>(
  request: Request,
  credentials?: Aws4Credentials,
): Promise<Request & Aws4Signed>;
function signAsync(url: string, credentials?: Aws4Credentials): Promise<Aws4Signed>;
async function signAsync(request: string | Aws4Request, credentials?: Aws4Credentials) {
  if (credentials === undefined) return new RequestSigner(request).sign();
  const given = typeof request === "string" ? request : { ...request };
  return onceReady(credentialsFor(credentials), () => {
    try {
      return new RequestSigner(request, credentials).sign();
    } catch (error) {
      // What a signature that came to nothing has set must not be taken for the user's.
      if (error instanceof CredentialsNotReadyError && typeof request === "object") Object.assign(request, given);
      throw error;
    }
  });
}

/**
 * `sign` and `RequestSigner` as in the package aws4, signed in the core: `import { aws4 } from "aws-refresh-session/http"`.
 *
 * `sign` sets on the options of a request what aws4 sets, and gives them. Credentials may be a session or a provider function too:
 * `sign` then throws CredentialsNotReadyError while a refresh has to be awaited, and `signAsync` awaits it. Where aws4 signs
 * what no server verifies, the signature is the one that servers compute; docs/aws4.md has the list.
 *
 * @example
 * ```ts
 * import { request } from "node:https";
 * import { aws4 } from "aws-refresh-session/http";
 *
 * const options = aws4.sign({ service: "sqs", region: "us-east-1", path: "/?Action=ListQueues" });
 * request(options, (answer) => answer.pipe(process.stdout)).end();
 * ```
 */
export const aws4 = {
  sign,
  signAsync,
  /** A getter, so that whoever signs otherwise does not load it. */
  get RequestSigner(): typeof RequestSigner {
    return RequestSigner;
  },
};
