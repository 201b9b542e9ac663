/** Where STS and Cognito are: the endpoint for a region, and which endpoints may be spoken to in plain http. */
import { BRSConfigurationError, BRSValidationError, masked, shown } from "../errors.js";
import { partitionOrStandard } from "./partitions.js";

/** Where to send a request and which region to sign it for. */
export interface ResolvedEndpoint {
  readonly url: URL;
  readonly signingRegion: string;
}

export interface EndpointOptions {
  readonly region?: string | undefined;
  /** Overrides the address; the region is then only signed for. */
  readonly endpoint?: string | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualstack?: boolean | undefined;
  readonly allowInsecureEndpoint?: boolean | undefined;
}

/** The pseudo region of the global STS endpoint, which is what is spoken to when no region is known. */
const GLOBAL_REGION = "aws-global";
const GLOBAL_HOST = "sts.amazonaws.com";

// A region becomes a label of a host name, so anything that is not exactly one label could redirect the request.
const HOST_LABEL = /^(?![0-9]+$)(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** Refuses a region that is not one label of a host name. `option` is the name to blame. */
export function assertRegion(region: unknown, option: string): asserts region is string {
  if (typeof region === "string" && HOST_LABEL.test(region)) return;
  throw new BRSValidationError(
    `${option} must be a region name such as "eu-central-1" (letters, digits and inner hyphens), found ${shown(region)}`,
    { param: option, value: region },
  );
}

/** Whether the host of a URL is this machine: 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Whether the Date header of an answer from this URL may set our clock: only where nobody between can have written it,
 * which is TLS and loopback.
 */
export function isTrustedTime(url: URL): boolean {
  return url.protocol === "https:" || isLoopback(url);
}

/** What stands before an "@" may be a password, and a query a signature. */
export function mayHoldSecret(value: unknown): boolean {
  return typeof value === "string" && /[@?#]/.test(value);
}

/** Reads an endpoint given by the user: an absolute http(s) URL without user, query or fragment. */
export function parseEndpoint(endpoint: string, option: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    const found = mayHoldSecret(endpoint) ? masked(endpoint) : shown(endpoint);
    throw new BRSValidationError(
      `${option} must be an absolute URL such as "https://sts.eu-central-1.amazonaws.com", found ${found}`,
      { param: option, value: mayHoldSecret(endpoint) ? found : endpoint },
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    // The value is not shown: what stands before the @ may be a password.
    throw new BRSValidationError(
      `${option} must not carry a user, a password, a query or a fragment; give only scheme, host, port and path`,
      { param: option },
    );
  }
  return url;
}

/** Refuses plain http to another machine unless the user has said that this is meant. */
export function assertSecureEndpoint(url: URL, allowInsecure: boolean, option: string): void {
  if (url.protocol === "https:" || allowInsecure || isLoopback(url)) return;
  throw new BRSConfigurationError(
    `${option} is plain http to ${url.host}: new credentials would cross the network readable by anyone; ` +
      "use https, or set allowInsecureEndpoint: true if that network is yours",
    { param: option, value: url.origin },
  );
}

function regionalHost(region: string, useFips: boolean, useDualstack: boolean): string {
  const partition = partitionOrStandard(region);
  const suffix = useDualstack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  // The ordinary GovCloud endpoints of STS are the FIPS ones; there is no sts-fips name for them.
  const isFipsByItself = partition.name === "aws-us-gov" && !useDualstack;
  return `${useFips && !isFipsByItself ? "sts-fips" : "sts"}.${region}.${suffix}`;
}

/**
 * The STS endpoint for these options.
 *
 * A region gives its regional endpoint in its partition. Without a region, and for `aws-global`, it is the global endpoint
 * `sts.amazonaws.com` signed for us-east-1, as botocore does.
 *
 * @throws BRSValidationError for a region that is not one host label or an endpoint that is no absolute URL,
 *   BRSConfigurationError for plain http off this machine.
 */
export function resolveStsEndpoint(options: EndpointOptions, optionPrefix = "stsClientConfig"): ResolvedEndpoint {
  const { useFips = false, useDualstack = false } = options;
  const region = options.region ?? GLOBAL_REGION;
  assertRegion(region, `${optionPrefix}.region`);
  const partition = partitionOrStandard(region);
  const signingRegion = region === partition.globalRegion ? partition.globalSigningRegion : region;
  const given = givenEndpoint(options, optionPrefix);
  if (given !== undefined) return { url: given, signingRegion };
  const isGlobal = region === GLOBAL_REGION && !useFips && !useDualstack;
  const host = isGlobal ? GLOBAL_HOST : regionalHost(signingRegion, useFips, useDualstack);
  return { url: new URL(`https://${host}/`), signingRegion };
}

/** Regions whose dual-stack endpoint with FIPS has the ordinary domain. */
const COGNITO_FIPS_REGIONS: ReadonlySet<string> = new Set(["us-east-1", "us-east-2", "us-west-1", "us-west-2"]);

/** The endpoint of Cognito identity pools; throws as {@link resolveStsEndpoint} does. */
export function resolveCognitoEndpoint(options: EndpointOptions & { readonly region: string }, prefix: string): URL {
  const { region, useFips = false, useDualstack = false } = options;
  assertRegion(region, `${prefix}.region`);
  const given = givenEndpoint(options, prefix);
  if (given !== undefined) return given;
  const { name, dnsSuffix, dualStackDnsSuffix } = partitionOrStandard(region);
  // The ordinary endpoints of the standard partition are dual-stack themselves.
  const isOrdinary = useFips ? COGNITO_FIPS_REGIONS.has(region) : name === "aws";
  const suffix = useDualstack && !isOrdinary ? dualStackDnsSuffix : dnsSuffix;
  return new URL(`https://cognito-identity${useFips ? "-fips" : ""}.${region}.${suffix}/`);
}

function givenEndpoint({ endpoint, allowInsecureEndpoint = false }: EndpointOptions, prefix: string): URL | undefined {
  if (endpoint === undefined) return undefined;
  const url = parseEndpoint(endpoint, `${prefix}.endpoint`);
  assertSecureEndpoint(url, allowInsecureEndpoint, `${prefix}.endpoint`);
  return url;
}
