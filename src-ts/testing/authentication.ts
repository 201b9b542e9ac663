/** Proves who sent a request to a test endpoint, with the package's own verifier and the endpoint's own credentials. */
import type { Clock } from "../defaults.js";
import { VerificationError } from "../errors.js";
import { verifyRequest } from "../signing/verify.js";
import type { CredentialVendor, KnownCredentials } from "./credential-vendor.js";
import { rawHeader } from "./raw-headers.js";

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string;
  /** Raw request target. */
  readonly target: string;
  /** Names and values in turn, duplicates kept. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** A request whose sender is known. */
export interface AuthenticatedRequest {
  readonly sender: KnownCredentials;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
}

export interface AuthenticatorOptions {
  readonly vendor: CredentialVendor;
  readonly clock: Clock;
  readonly hosts: readonly string[];
  /** The one region to accept; without it any. */
  readonly region?: string | undefined;
  readonly maxSkew: number;
}

export type Authenticate = (request: ReceivedRequest, service: string) => Promise<AuthenticatedRequest>;

/** Makes the check. It rejects with VerificationError under AWS's own codes, ExpiredToken among them. */
export function authenticator({ vendor, clock, hosts, region, maxSkew }: AuthenticatorOptions): Authenticate {
  return async (request, service) => {
    let sender: KnownCredentials | undefined;
    const acceptedRegion = region ?? claimedRegion(request) ?? "us-east-1";
    const { signedHeaders } = await verifyRequest(request, {
      getCredentials: ({ accessKeyId }) => {
        sender = vendor.find(accessKeyId);
        return sender;
      },
      service,
      region: acceptedRegion,
      hosts: [...hosts],
      maxSkew,
      clock,
    });
    if (sender === undefined) throw new VerificationError("no credentials were looked up", { code: "AccessDenied" });
    return { sender, region: acceptedRegion, service, signedHeaders };
  };
}

/** The region in the credential scope of a request, whether in its header or its query. */
function claimedRegion({ rawHeaders, target }: ReceivedRequest): string | undefined {
  const inHeader = /Credential=([^,\s]+)/.exec(rawHeader(rawHeaders, "authorization") ?? "")?.[1];
  const query = target.slice(target.indexOf("?") + 1);
  const credential = inHeader ?? new URLSearchParams(query).get("X-Amz-Credential") ?? undefined;
  return credential?.split("/").at(-3);
}
