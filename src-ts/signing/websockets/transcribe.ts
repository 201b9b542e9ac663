/** URLs for streams of audio to Amazon Transcribe over WebSocket. */
import { partitionOrStandard } from "../../aws/partitions.js";
import { checkNames } from "../option-names.js";
import { checkRegion, refused } from "../presigning/options.js";
import { validExpiresIn } from "../presigning/validity.js";
import { checkHost, type PresignedSocket, presignSocket, type SocketOptions } from "./presigned-socket.js";

export interface TranscribeWebSocketOptions extends SocketOptions {
  /** The parameters of the stream by the names of the service: `language-code`, `media-encoding`, `sample-rate`. */
  parameters: Readonly<Record<string, string | number | boolean>>;
  /** Which of the service's streams is opened. The default is "standard". */
  stream?: "standard" | "medical" | "call-analytics";
  /** How long a connection can be opened with the URL: 1 to 300 whole seconds. The default is 300. */
  expiresIn?: number;
  /** Host, with or without a port, in place of the region's own. */
  endpoint?: string;
}

const NAMES = ["region", "credentials", "parameters", "stream", "expiresIn", "endpoint", "minValidity", "clock"];
/** Seconds; the service accepts no more. */
const MAX_EXPIRES_IN = 300;
const PATHS: ReadonlyMap<unknown, string> = new Map([
  ["standard", "/stream-transcription-websocket"],
  ["medical", "/medical-stream-transcription-websocket"],
  ["call-analytics", "/call-analytics-stream-transcription-websocket"],
]);

/**
 * A URL with which a stream of audio to Amazon Transcribe begins. Its `signature` is the one that the signature of the first
 * frame continues.
 *
 * Source: "Setting up a WebSocket stream" in the Amazon Transcribe developer guide.
 *
 * Rejects with BRSValidationError or SigningError that names the option, or with the failure of a refresh.
 *
 * @example
 * ```ts
 * import { presignTranscribeWebSocket } from "aws-refresh-session/signing";
 *
 * const { url, signature } = await presignTranscribeWebSocket({
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 *   parameters: { "language-code": "en-US", "media-encoding": "pcm", "sample-rate": 16_000 },
 * });
 * ```
 */
export async function presignTranscribeWebSocket(options: TranscribeWebSocketOptions): Promise<PresignedSocket> {
  checkNames(options, "presignTranscribeWebSocket", NAMES);
  const { stream = "standard", endpoint } = options;
  const path = PATHS.get(stream);
  if (path === undefined) throw refused("stream", '"standard", "medical" or "call-analytics"', stream);
  const region = checkRegion(options.region);
  const standard = `transcribestreaming.${region}.${partitionOrStandard(region).dnsSuffix}:8443`;
  const host = checkHost(endpoint === undefined ? standard : endpoint, "endpoint");
  const expiresIn = validExpiresIn(
    options.expiresIn === undefined ? MAX_EXPIRES_IN : options.expiresIn,
    MAX_EXPIRES_IN,
  );
  return presignSocket(options, {
    service: "transcribe",
    host,
    path,
    parameters: parametersOf(options.parameters),
    expiresIn,
  });
}

function parametersOf(parameters: unknown): [name: string, value: string][] {
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) {
    throw refused("parameters", "an object of names and values", parameters);
  }
  return Object.entries(parameters).map(([name, value]) => {
    const param = `parameters.${name}`;
    if (!/^[A-Za-z][\w-]*$/.test(name) || /^x-amz-/i.test(name))
      throw refused(param, "a parameter of the stream", name);
    const isValue =
      typeof value === "boolean" ||
      Number.isFinite(value) ||
      (typeof value === "string" && !/\p{Surrogate}/u.test(value));
    if (!isValue) throw refused(param, "a string, a number or a boolean", value);
    return [name, String(value)];
  });
}
