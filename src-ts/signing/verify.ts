/** The verifiers and all that belongs to them, in one place to import from. */

export type { ErrorForm } from "./verification/error-answer.js";
export {
  clientErrorListener,
  type RequestListener,
  type VerifiedHandler,
  type VerifiedWithBody,
  type VerifyingListenerOptions,
  verifyingListener,
} from "./verification/listener.js";
export type { ClaimedCredentials, CredentialScope, StoredCredentials } from "./verification/lookup.js";
export type { SignatureAlgorithm, VerifierOptions, VerifyOptions } from "./verification/options.js";
export type { LengthRange } from "./verification/post-policy.js";
export type { ReceivedRequest } from "./verification/received-request.js";
export { ReplayGuard, type ReplayGuardOptions } from "./verification/replay-guard.js";
export { type PostFields, type VerifiedPost, type VerifyPostOptions, verifyPost } from "./verification/verify-post.js";
export { type VerifiedRequest, verifyRequest } from "./verification/verify-request.js";
