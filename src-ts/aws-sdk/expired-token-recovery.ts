/** Recovery of SDK clients from credentials that ended or were revoked before their time. */
import { types } from "node:util";
import { REFUSAL_MS } from "../aws/clock-offset.js";
import { BRSValidationError } from "../errors.js";
import { asRefreshable } from "../refresh/credential-source.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { giveUpRefused, refusesCredentials, renewRefused } from "../refresh/refused-credentials.js";
import { millisOfAmzDate } from "../signing/amz-date.js";
import { signingKeyId } from "../signing/signed-request.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";
import {
  type Attempt,
  answerOf,
  aroundSigning,
  type SdkContext,
  type SdkPlugin,
  smithyContextOf,
} from "./around-signing.js";
import type { SdkHttpRequest } from "./sdk-types.js";

/**
 * Credentials that can be given up: a session, `session.credentials`, `session.getCredentials()`, or an identity whose keys are
 * rotated in place.
 */
export type RecoverableCredentials =
  | TemporaryCredentials
  | { getCredentials(): RefreshableCredentials }
  | RefreshableCredentials;

/**
 * A plugin for clients and commands of the AWS SDK for JavaScript v3 whose credentials come from `source`: when a service refuses
 * the credentials of a request (ExpiredToken, InvalidClientTokenId, UnrecognizedClientException and their sisters), they are given
 * up, fetched anew once for all clients together, and the request is signed and sent once more.
 *
 * Nothing happens to requests that were signed with other keys than those of `source`, or not at all. Bodies that are streams are
 * not sent again: the refusal surfaces, and the next request waits for new credentials. Credentials are fetched for this reason at
 * most once in 60 seconds; a second refusal surfaces as it is. A RequestExpired that comes from a wrong clock is left to the SDK's
 * own correction. The repeated request takes no attempt of `maxAttempts`; `$metadata.attempts` counts it.
 *
 * Errors: when the new credentials cannot be had, the refusal surfaces with that failure as its `cause`. When the call is aborted
 * while it waits, it rejects with the signal's reason, and the refresh goes on for others. BRSValidationError for what cannot be
 * given up: a plain provider function keeps nothing; open a session with it.
 *
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { RefreshableSession } from "aws-refresh-session";
 * import { expiredTokenRecovery } from "aws-refresh-session/aws-sdk";
 *
 * const session = new RefreshableSession({ method: "sts", assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" } });
 * const s3 = new S3Client({ region: "eu-west-1", credentials: session.credentials });
 * s3.middlewareStack.use(expiredTokenRecovery(session));
 * ```
 */
export function expiredTokenRecovery(source: RecoverableCredentials): SdkPlugin {
  if (typeof source === "function" && !("getCredentials" in source)) {
    throw new BRSValidationError(
      '"session" is a provider function, which keeps nothing that could be given up: open a session with it, as in ' +
        'new RefreshableSession({ method: "custom", customCredentialsMethod }), and give session.credentials to the client',
      { param: "session" },
    );
  }
  asRefreshable(source, "session");
  return aroundSigning("expiredTokenRecoveryMiddleware", async (attempt) => {
    try {
      return await attempt.send();
    } catch (refusal) {
      if (!refusesCredentials((refusal as { name?: string } | undefined)?.name)) throw refusal;
      return recover(attempt, refusal as Error, source);
    }
  });
}

async function recover({ call, request, send }: Attempt, refusal: Error, source: RecoverableCredentials) {
  const { context, signed } = call;
  const refused = signed && accessKeyOf(signed.request);
  // Each time: the keys of an identity may have been rotated since.
  const credentials = asRefreshable(source, "session");
  if (signed === undefined || refused === undefined || !credentials.cell.hasHeld(refused)) throw refusal;
  if (refusal.name === "RequestExpired" && wasSignedAtWrongTime(signed.request, refusal)) throw refusal;
  const identity = await renewed(credentials, refused, refusal, isRepeatable(request.body) ? context : undefined);
  if (identity === undefined) throw refusal;
  replaceIdentity(context, refused, identity);
  call.repeats++;
  return send();
}

/** Another identity than the one that was refused, where the call may go on with it; `context` is absent where it cannot be repeated. */
async function renewed(
  credentials: RefreshableCredentials,
  refused: string,
  refusal: Error,
  context: SdkContext | undefined,
): Promise<TemporaryCredentials | undefined> {
  const signal = context && signalOf(context);
  try {
    if (context === undefined) {
      giveUpRefused(credentials, refused);
      return undefined;
    }
    const options = signal === undefined ? {} : { signal };
    return (await renewRefused(credentials, refused, options))
      ? await credentials.getFrozenCredentials(options)
      : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    // The refusal belongs to this call; the failure is one for all who waited.
    refusal.cause ??= error;
    return undefined;
  }
}

/** The key that signed: the one in the header or the query, whatever is current by now. */
function accessKeyOf({ headers, query }: SdkHttpRequest): string | undefined {
  const scope = query?.["X-Amz-Credential"];
  return signingKeyId(headers.authorization) ?? (typeof scope === "string" ? scope.split("/")[0] : undefined);
}

/** EC2 says RequestExpired of credentials and of dates: the answer's own date tells which. */
function wasSignedAtWrongTime({ headers }: SdkHttpRequest, refusal: Error): boolean {
  const signedAt = millisOfAmzDate(headers["x-amz-date"] ?? "");
  const answeredAt = answerOf(refusal)?.headers?.date;
  return Math.abs(Date.parse(answeredAt ?? "") - signedAt) >= REFUSAL_MS;
}

/** A stream was read when it was sent; what is not known may be one. */
function isRepeatable(body: unknown): boolean {
  return body == null || typeof body === "string" || ArrayBuffer.isView(body) || types.isAnyArrayBuffer(body);
}

/** Signers that go by the identity that was resolved for the call have to meet the new one. */
function replaceIdentity(context: SdkContext, refused: string, identity: TemporaryCredentials): void {
  const kept = smithyContextOf(context);
  const scheme = kept?.selectedHttpAuthScheme;
  if (kept === undefined || Object(scheme?.identity).accessKeyId !== refused) return;
  kept.selectedHttpAuthScheme = { ...scheme, identity };
}

/** Older versions keep the signal from middlewares. */
function signalOf(context: SdkContext): AbortSignal | undefined {
  const signal = smithyContextOf(context)?.abortSignal;
  return signal instanceof AbortSignal ? signal : undefined;
}
