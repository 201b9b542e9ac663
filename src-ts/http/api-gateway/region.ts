/** The region that the host of an API names. */
import { PARTITIONS } from "../../aws/partitions.js";

const API_HOST = /(?:^|[.])execute-api(?:-fips)?[.]([a-z0-9-]+)[.](?:vpce[.])?([a-z0-9.-]+?)(?::\d+)?$/i;

/**
 * `eu-west-1` for `id.execute-api.eu-west-1.amazonaws.com`, for the hosts of VPC endpoints and those that also answer over IPv6, in
 * all partitions; undefined for a domain of one's own.
 */
export function regionOfHost(host: string): string | undefined {
  const [, region, domain = ""] = API_HOST.exec(host) ?? [];
  const known = domain.toLowerCase();
  const isAws = PARTITIONS.some(
    ({ dnsSuffix, dualStackDnsSuffix }) => known === dnsSuffix || known === dualStackDnsSuffix,
  );
  return isAws ? region?.toLowerCase() : undefined;
}
