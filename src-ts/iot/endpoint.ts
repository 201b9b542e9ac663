/** Where AWS IoT Core is: the host of its credentials provider and that of MQTT, from what users have at hand. */
import { isLoopback, mayHoldSecret } from "../aws/endpoints.js";
import { getPartitionForRegion } from "../aws/partitions.js";
import { checkHost } from "../signing/websockets/presigned-socket.js";
import { refuse } from "../strategies/option-checks.js";
import { warn } from "../warnings.js";

/** The credentials provider of an account in a region. */
export interface CredentialsEndpoint {
  /** `https://HOST[:PORT]/`. */
  readonly url: URL;
  /** The data endpoint, where it is what the user gave: MQTT is there. */
  readonly dataHost: string | undefined;
}

// As DescribeEndpoint gives them: `iot-fips` for FIPS, domains of any partition behind.
const CREDENTIALS_HOST = /\.credentials\.iot(?:-fips)?\./;
const DATA_HOST = /^[^.]+-ats(\.iot(?:-fips)?\.)/;

/** The host in lower case, with its port where that is not 443; a scheme of `schemes` in front is taken off. */
function hostOf(param: string, value: unknown, schemes: readonly string[], expected: string): string {
  const [, scheme, rest] = typeof value === "string" ? (/^(?:(\w[\w+.-]*):\/\/)?(.*?)\/?$/s.exec(value) ?? []) : [];
  if (rest === undefined || (scheme !== undefined && !schemes.includes(scheme.toLowerCase()))) {
    refuse(param, expected, value, mayHoldSecret(value));
  }
  if (mayHoldSecret(rest)) refuse(param, expected, value, true);
  return checkHost(rest, param);
}

const CREDENTIALS_FORM =
  'the host that DescribeEndpoint gives for iot:CredentialProvider, such as "abc.credentials.iot.eu-west-1.amazonaws.com" ' +
  "(https only; hosts of this machine are taken for tests)";

/**
 * Reads the `endpoint` of a session: a host with an optional port, with or without `https://`, in any case.
 *
 * A data endpoint (`abc-ats.iot.REGION...`) is rewritten with a warning: its prefix need not be that of the credentials provider.
 * 127.0.0.0/8, ::1 and localhost are taken as they are, so that a test can serve the credentials itself.
 *
 * @throws BRSValidationError for everything else
 */
export function checkCredentialsEndpoint(value: unknown, param = "endpoint"): CredentialsEndpoint {
  const host = hostOf(param, value, ["https"], CREDENTIALS_FORM);
  const url = new URL(`https://${host}/`);
  if (isLoopback(url) || CREDENTIALS_HOST.test(host)) return { url, dataHost: undefined };
  if (!DATA_HOST.test(host)) refuse(param, CREDENTIALS_FORM, value);
  const rewritten = host.replace("-ats.", ".credentials.");
  warn(
    "BRS_IOT_ENDPOINT",
    `${param} is a data endpoint; its credentials provider is taken to be ${rewritten.replace(/^[^.]+/, "***")}. ` +
      "Give what DescribeEndpoint says for iot:CredentialProvider instead",
  );
  return { url: new URL(`https://${rewritten}/`), dataHost: host };
}

/** Where a client of MQTT connects to. */
export interface MqttHost {
  readonly host: string;
  /** Undefined where the user named none. */
  readonly port: number | undefined;
}

const MQTT_FORM =
  'the host that DescribeEndpoint gives for iot:Data-ATS, such as "abc-ats.iot.eu-west-1.amazonaws.com", or a domain of yours';

/** Reads the `endpoint` of an MQTT connection: a data endpoint, a custom domain, or a host of this machine. */
export function checkMqttEndpoint(param: string, value: unknown): MqttHost {
  const host = hostOf(param, value, ["mqtts", "wss", "https", "ssl"], MQTT_FORM);
  if (CREDENTIALS_HOST.test(host)) refuse(param, `${MQTT_FORM}; the credentials provider speaks no MQTT`, value);
  // The default port of https is gone from both, which is why the text is asked for it.
  const [, port] = /:(\d+)\/?$/.exec(value as string) ?? [];
  return { host: new URL(`https://${host}/`).hostname, port: port === undefined ? undefined : Number(port) };
}

/** The region that the host of an endpoint of AWS IoT names. */
export function regionOfHost(host: string): string | undefined {
  const [, region] = /\.iot(?:-fips)?\.([\w-]+)\./.exec(host) ?? [];
  return region !== undefined && getPartitionForRegion(region) !== undefined ? region : undefined;
}
