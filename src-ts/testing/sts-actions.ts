/** What the STS of a test endpoint does for each action: checks its parameters as AWS does, and vends credentials. */
import { createHash } from "node:crypto";
import { ServiceRefusal } from "./answering.js";
import {
  type CredentialVendor,
  type KnownCredentials,
  type Principal,
  parseRoleArn,
  type RoleName,
} from "./credential-vendor.js";
import type { MfaDevice } from "./mfa-device.js";

/** What a caller asked for and with which parameters. */
export type Parameters = Readonly<Record<string, string>>;

/** Elements of an answer by name, those inside others as objects; what is undefined is left out. */
export interface Content {
  readonly [element: string]: string | undefined | Content;
}

/** What an action may use. */
export interface ActionContext {
  readonly vendor: CredentialVendor;
  /** Epoch milliseconds, by the endpoint's clock. */
  readonly now: number;
  /** Lifetime of what is vended, whatever was asked for. */
  readonly credentialLifetime: number | undefined;
  readonly externalId: string | undefined;
  /** The device that every role asks for. */
  readonly mfa: MfaDevice | undefined;
}

/** Actions whose requests are signed: `sender` is who did. */
export const SIGNED_ACTIONS: Readonly<
  Record<string, (parameters: Parameters, context: ActionContext, sender: KnownCredentials) => Content>
> = {
  AssumeRole(parameters, context, sender) {
    const { ExternalId, RoleArn, DurationSeconds } = parameters;
    const role = roleOf(parameters);
    if (isRoleSession(sender) && Number(DurationSeconds) > 3_600) {
      throw invalid(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
      );
    }
    const isMfaPresent = sender.mfa === true || passesMfa(parameters, context);
    const isWrongId = context.externalId !== undefined && ExternalId !== context.externalId;
    if (isWrongId || (context.mfa !== undefined && !isMfaPresent)) {
      throw denied(
        `User: ${sender.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      );
    }
    const answer = assumeRole(role, sessionNameOf(parameters), parameters, context);
    return { ...answer, SourceIdentity: parameters.SourceIdentity };
  },

  GetSessionToken(parameters, context, sender) {
    refuseSessions("GetSessionToken", sender);
    return vend(sender.principal, parameters, context, USER_LIMITS, passesMfa(parameters, context));
  },

  GetFederationToken(parameters, context, sender) {
    refuseSessions("GetFederationToken", sender);
    const { Name = "" } = parameters;
    if (!/^[\w+=,.@-]{2,32}$/.test(Name)) throw invalid("Name has 2 to 32 of [\\w+=,.@-]");
    const { account } = sender.principal;
    const user = {
      arn: `arn:aws:sts::${account}:federated-user/${Name}`,
      userId: `${account}:${Name}`,
      account,
    };
    return {
      ...vend(user, parameters, context, USER_LIMITS),
      FederatedUser: { FederatedUserId: user.userId, Arn: user.arn },
      PackedPolicySize: packedSize(parameters),
    };
  },

  GetCallerIdentity: (_parameters, _context, { principal: { arn, userId, account } }) => ({
    Arn: arn,
    UserId: userId,
    Account: account,
  }),
};

/** Actions that take a token in place of a signature. */
export const UNSIGNED_ACTIONS: Readonly<Record<string, (parameters: Parameters, context: ActionContext) => Content>> = {
  AssumeRoleWithWebIdentity(parameters, context) {
    const { sub, aud, iss, sourceIdentity } = readClaims(parameters.WebIdentityToken ?? "", context.now);
    return {
      ...assumeRole(roleOf(parameters), sessionNameOf(parameters), parameters, context),
      SubjectFromWebIdentityToken: sub,
      Provider: parameters.ProviderId ?? iss,
      Audience: aud,
      SourceIdentity: sourceIdentity,
    };
  },

  AssumeRoleWithSAML(parameters, context) {
    const { PrincipalArn = "" } = parameters;
    const provider = /^arn:aws[a-z-]*:iam::(\d{12}):saml-provider\/([\w._-]+)$/.exec(PrincipalArn);
    if (provider === null) throw invalid(`${PrincipalArn || "PrincipalArn"} is invalid`);
    const { subject, issuer, audience, sessionName } = assertionOf(parameters.SAMLAssertion ?? "", context.now);
    const qualified = `${issuer}${provider[1]}/${provider[2]}`;
    return {
      ...assumeRole(roleOf(parameters), sessionName, parameters, context),
      Subject: subject,
      SubjectType: "persistent",
      Issuer: issuer,
      Audience: audience,
      NameQualifier: createHash("sha1").update(qualified).digest("base64"),
    };
  },
};

/** Seconds: what is given when nothing is asked for, and the most that may be. */
interface Limits {
  readonly usual: number;
  readonly most: number;
}

const ROLE_LIMITS: Limits = { usual: 3_600, most: 43_200 };
const USER_LIMITS: Limits = { usual: 43_200, most: 129_600 };

function assumeRole(role: RoleName, sessionName: string, parameters: Parameters, context: ActionContext): Content {
  const principal = context.vendor.roleSession(role, sessionName);
  return {
    ...vend(principal, parameters, context, ROLE_LIMITS),
    AssumedRoleUser: { AssumedRoleId: principal.userId, Arn: principal.arn },
    PackedPolicySize: packedSize(parameters),
  };
}

function vend(
  principal: Principal,
  { DurationSeconds }: Parameters,
  { vendor, credentialLifetime }: ActionContext,
  { usual, most }: Limits,
  mfa = false,
): Content {
  const requested = DurationSeconds === undefined ? usual : Number(DurationSeconds);
  if (!(requested > 0 && requested <= most)) throw invalid(`DurationSeconds is a number from 1 to ${most}`);
  const vended = vendor.vend(principal, credentialLifetime ?? requested, mfa);
  return {
    Credentials: {
      AccessKeyId: vended.accessKeyId,
      SecretAccessKey: vended.secretAccessKey,
      SessionToken: vended.sessionToken,
      Expiration: vended.expiration.toISOString(),
    },
  };
}

function roleOf({ RoleArn = "" }: Parameters): RoleName {
  const role = parseRoleArn(RoleArn);
  if (role === undefined) throw invalid(`${RoleArn || "RoleArn"} is invalid`);
  return role;
}

function sessionNameOf({ RoleSessionName = "" }: Parameters): string {
  if (/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) return RoleSessionName;
  throw invalid("RoleSessionName has 2 to 64 of [\\w+=,.@-]");
}

/** AWS packs policies and tags into a binary form of its own; here each 100 characters are a percent. */
function packedSize(parameters: Parameters): string | undefined {
  const packed = Object.entries(parameters).filter(([name]) => /^(Policy|PolicyArns|Tags)\b/.test(name));
  if (packed.length === 0) return undefined;
  return String(Math.min(100, Math.ceil(packed.reduce((sum, [, text]) => sum + text.length, 0) / 100)));
}

interface Claims {
  readonly sub: string;
  readonly aud: string;
  readonly iss: string;
  readonly sourceIdentity: string | undefined;
}

/** The claims of a token in the form of a JWT. Its signature is not looked at: there is no provider who made it. */
export function readClaims(token: string, now: number): Claims {
  const parts = token.split(".");
  const claims = parts.length === 3 && parts.every((part) => /^[\w-]+$/.test(part)) ? jsonIn(parts[1]) : undefined;
  if (claims === undefined)
    throw badToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  const { sub, aud, iss, exp } = claims;
  const audience = Array.isArray(aud) ? aud[0] : aud;
  for (const [name, claim] of Object.entries({ sub, aud: audience, iss })) {
    if (typeof claim !== "string" || claim === "") throw badToken(`Missing a required claim: ${name}`);
  }
  if (typeof exp !== "number") throw badToken("Missing a required claim: exp");
  if (exp * 1_000 <= now) {
    throw expiredToken(
      `Token expired: current date/time ${Math.floor(now / 1_000)} must be before the expiration date/time ${exp}`,
    );
  }
  const sourceIdentity = claims["https://aws.amazon.com/source_identity"];
  return {
    sub: sub as string,
    aud: audience as string,
    iss: iss as string,
    sourceIdentity: typeof sourceIdentity === "string" ? sourceIdentity : undefined,
  };
}

function jsonIn(part = ""): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The few facts of a SAML response that an answer needs; its signature is not looked at. */
function assertionOf(encoded: string, now: number) {
  const xml = /^[\w+/=\s]+$/.test(encoded) ? Buffer.from(encoded, "base64").toString("utf8") : "";
  if (!/<(\w+:)?Assertion[\s>]/.test(xml)) {
    throw badToken("Invalid base64 SAMLResponse");
  }
  for (const [, end = ""] of xml.matchAll(/NotOnOrAfter="([^"]*)"/g)) {
    if (!(Date.parse(end) > now)) throw expiredToken("Token must be redeemed within 5 minutes of issuance");
  }
  const text = (element: string) =>
    new RegExp(`<(?:\\w+:)?${element}(?:\\s[^>]*)?>([^<]*)</(?:\\w+:)?${element}>`).exec(xml)?.[1]?.trim();
  const sessionName = /Attributes\/RoleSessionName"[^>]*>\s*<(?:\w+:)?AttributeValue[^>]*>([^<]*)</
    .exec(xml)?.[1]
    ?.trim();
  const subject = text("NameID");
  const name = sessionName ?? subject;
  if (name === undefined || !/^[\w+=,.@-]{2,64}$/.test(name)) {
    throw badToken("RoleSessionName is required in AuthnResponse");
  }
  return { subject, issuer: text("Issuer") ?? "", audience: text("Audience"), sessionName: name };
}

function isRoleSession({ principal }: KnownCredentials): boolean {
  return principal.arn.includes(":assumed-role/");
}

/** Whether the request carries a code of the device; one with a wrong code is refused. */
function passesMfa({ SerialNumber, TokenCode }: Parameters, { mfa, now }: ActionContext): boolean {
  if (mfa === undefined || (SerialNumber === undefined && TokenCode === undefined)) return false;
  if (mfa.accept(SerialNumber, TokenCode, now)) return true;
  throw denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
}

/** These two are for users with long-lived keys alone. */
function refuseSessions(action: string, { sessionToken }: KnownCredentials): void {
  if (sessionToken !== undefined) throw denied(`Cannot call ${action} with session credentials`);
}

function invalid(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "ValidationError" });
}

function denied(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "AccessDenied" });
}

function badToken(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "InvalidIdentityToken" });
}

function expiredToken(message: string): ServiceRefusal {
  return new ServiceRefusal(message, { code: "ExpiredTokenException" });
}
