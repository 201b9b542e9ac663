/** The call of `@aws-sdk/s3-request-presigner`, so that a user changes one import. */
import type { SdkPresigningOptions } from "../sdk-types.js";
import { type NativePresigner, nativePresigner } from "./native-presigner.js";
import { OPTION_NAMES } from "./options.js";
import type { PresigningClient, PresigningCommand } from "./sdk-client.js";

/** As long as the clients live. */
const presigners = new WeakMap<object, NativePresigner>();

/**
 * As `getSignedUrl` of `@aws-sdk/s3-request-presigner`: the same URL for the same client, command and options. What is learned of
 * a client is kept as long as the client; for lists {@link nativePresigner} is faster still.
 *
 * @throws as {@link NativePresigner.presign}, except that names which are no options are ignored
 *
 * @example
 * ```ts
 * import { getSignedUrl } from "aws-refresh-session/aws-sdk";
 * import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
 *
 * const client = new S3Client({ region: "eu-west-1" });
 * export const link = (Key: string) =>
 *   getSignedUrl(client, new GetObjectCommand({ Bucket: "photos", Key }), { expiresIn: 3600 });
 * ```
 */
export async function getSignedUrl(
  client: PresigningClient,
  command: PresigningCommand,
  options: SdkPresigningOptions = {},
): Promise<string> {
  let presigner = presigners.get(client);
  if (presigner === undefined) {
    presigner = nativePresigner(client);
    presigners.set(client, presigner);
  }
  return presigner.presign(command, knownOf(options));
}

/** The options without names that are none: callers of the SDK's function may have some. */
function knownOf(options: SdkPresigningOptions): SdkPresigningOptions {
  const isKnown = (name: string) => (OPTION_NAMES as readonly string[]).includes(name);
  if (Object.keys(Object(options)).every(isKnown)) return options;
  return Object.fromEntries(Object.entries(options).filter(([name]) => isKnown(name)));
}
