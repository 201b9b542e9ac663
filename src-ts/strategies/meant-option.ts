/** Guesses which option was meant by a name that is none. */

/**
 * The option meant by another case or underscores (`RegionName`, `role_arn`), by a slip of one key (`advisoryTimout`), or
 * by what other packages call it; undefined when it could be anything.
 *
 * @param known names of the options that there are
 */
export function meantOption(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  const foreign = Object.hasOwn(FOREIGN, name) ? FOREIGN[name] : undefined;
  return (
    known.find((candidate) => plain(candidate) === wanted) ??
    (foreign !== undefined && known.includes(foreign.split(".", 1)[0] as string) ? foreign : undefined) ??
    known.find((candidate) => isSlip(wanted, plain(candidate)))
  );
}

/** Names of boto3-refresh-session, of boto3 and of the AWS SDK that differ by more than their case. */
const FOREIGN: Readonly<Record<string, string>> = {
  assume_role_kwargs: "assumeRole",
  params: "assumeRole",
  roleArn: "assumeRole.RoleArn",
  RoleArn: "assumeRole.RoleArn",
  sts_client_kwargs: "stsClientConfig",
  clientConfig: "stsClientConfig",
  aws_access_key_id: "stsClientConfig.credentials",
  aws_secret_access_key: "stsClientConfig.credentials",
  aws_session_token: "stsClientConfig.credentials",
  credentials: "stsClientConfig.credentials",
  masterCredentials: "stsClientConfig.credentials",
  mfa_token_provider_kwargs: "mfaTokenProviderArgs",
  mfaCodeProvider: "mfaTokenProvider",
  profile: "profileName",
  region_name: "region",
  endpoint_url: "endpoint",
};

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** Whether the two differ by one letter that is wrong, missing or too many, or by two that changed places. */
function isSlip(given: string, right: string): boolean {
  const shorter = Math.min(given.length, right.length);
  if (shorter < 3) return false;
  let start = 0;
  while (start < shorter && given[start] === right[start]) start++;
  let end = 0;
  while (end < shorter - start && given.at(-1 - end) === right.at(-1 - end)) end++;
  const left = given.slice(start, given.length - end);
  const wanted = right.slice(start, right.length - end);
  return (left.length <= 1 && wanted.length <= 1) || (left.length === 2 && left === `${wanted[1]}${wanted[0]}`);
}
