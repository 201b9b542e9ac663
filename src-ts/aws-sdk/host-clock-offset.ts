/** The clocks of hosts in SDK clients: what one client learns of a wrong clock, all others sign by. */
import { hostClocks } from "../aws/host-clocks.js";
import {
  answerOf,
  aroundSigning,
  type SdkContext,
  type SdkHttpAnswer,
  type SdkPlugin,
  smithyContextOf,
} from "./around-signing.js";
import type { SdkHttpRequest, SdkSigningConfig } from "./sdk-types.js";

/**
 * A plugin for clients of the AWS SDK for JavaScript v3 on machines whose clock may be wrong: a client that is new signs its first
 * request by what others of this process, and the signed HTTP clients of this package, have learned of the host's clock. Without
 * it each client learns alone, by a refusal.
 *
 * It works through the client's own `systemClockOffset`, whatever signs; `disableClockSkewCorrection` switches it off. Clocks are
 * learned from the Date header of answers over TLS or from this machine, up to 24 hours; an answer with an Age header comes from a
 * cache and teaches neither it nor the client anything. Where requests at the same time were all refused for their date, older
 * versions of the SDK send only the first one again: with the plugin all are.
 *
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { hostClockOffset } from "aws-refresh-session/aws-sdk";
 *
 * const s3 = new S3Client({ region: "eu-west-1" });
 * s3.middlewareStack.use(hostClockOffset());
 * ```
 */
export function hostClockOffset(): SdkPlugin {
  return aroundSigning("hostClockOffsetMiddleware", async (attempt) => {
    const clocks = hostClocks();
    const url = originOf(attempt.request);
    const config = await correctedConfig(attempt.call.context);
    const known = clocks.offsetOf(url.host);
    if (config !== undefined && known !== undefined) config.systemClockOffset = known;
    const signedWith = config?.systemClockOffset ?? 0;
    const learn = (answer: SdkHttpAnswer | undefined) => {
      const { date, age } = answer?.headers ?? {};
      const { sentAt } = attempt.call.signed ?? {};
      if (sentAt !== undefined) clocks.observe(url, { date, age, sentAt, receivedAt: clocks.local() });
      // The client has believed the date of a cached answer.
      if (age !== undefined && config !== undefined) config.systemClockOffset = signedWith;
    };
    try {
      const result = await attempt.send();
      learn(result.response as SdkHttpAnswer | undefined);
      return result;
    } catch (error) {
      learn(answerOf(error));
      const { name, message, $metadata } = error as Partial<SdkError>;
      if (
        config !== undefined &&
        $metadata !== undefined &&
        clocks.explains(url.host, name, message ?? "", signedWith)
      ) {
        // Tells the SDK's retries that another attempt is worth it.
        $metadata.clockSkewCorrected = true;
      }
      throw error;
    }
  });
}

interface SdkError extends Error {
  readonly $metadata: { clockSkewCorrected?: boolean };
}

/** The configuration whose offset is signed by; undefined where the client must not correct its clock. */
async function correctedConfig(context: SdkContext): Promise<SdkSigningConfig | undefined> {
  const config = smithyContextOf(context)?.selectedHttpAuthScheme?.httpAuthOption?.signingProperties?.config;
  return (await config?.disableClockSkewCorrection?.()) === true ? undefined : config;
}

function originOf({ protocol, hostname, port }: SdkHttpRequest): URL {
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`);
}
