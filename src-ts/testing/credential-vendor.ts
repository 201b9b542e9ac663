/** The identities a test endpoint knows: one long-lived source user, and the sessions it has vended. */
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import type { Clock } from "../defaults.js";

/** Long-lived keys of the source user of a test endpoint. */
export interface SourceCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Whom a pair of keys belongs to. */
export interface Principal {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

/** One set of keys the endpoint accepts. */
export interface KnownCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
  readonly principal: Principal;
  /** Whether a code of an MFA device was given for them. */
  readonly mfa?: boolean;
}

/** A role, by the parts of its ARN. */
export interface RoleName {
  readonly partition: string;
  readonly account: string;
  readonly name: string;
}

/** Undefined for what is no ARN of a role. */
export function parseRoleArn(arn: string): RoleName | undefined {
  const found = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]{1,64})$/.exec(arn);
  if (found === null) return undefined;
  const [, partition = "", account = "", name = ""] = found;
  return { partition, account, name };
}

/** The account of the source user. */
export const TEST_ACCOUNT = "000000000000";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** Expired sets are kept this long, so that they are refused as expired and not as unknown. */
const MEMORY_MS = 60 * 60 * 1_000;

function randomId(prefix: string): string {
  return prefix + Array.from(randomBytes(16), (byte) => ALPHABET[byte % 32]).join("");
}

/** Makes credentials, knows them again, and knows when they end. */
export class CredentialVendor {
  readonly source: SourceCredentials;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownCredentials>();

  constructor(clock: Clock, source?: SourceCredentials) {
    this.#clock = clock;
    const { accessKeyId = randomId("AKIA"), secretAccessKey = randomBytes(30).toString("base64") } = source ?? {};
    this.source = Object.defineProperty({ accessKeyId, secretAccessKey }, inspect.custom, {
      value: () => ({ accessKeyId, secretAccessKey: "<secret>" }),
    });
    this.#known.set(accessKeyId, {
      accessKeyId,
      secretAccessKey,
      principal: { arn: `arn:aws:iam::${TEST_ACCOUNT}:user/source`, userId: randomId("AIDA"), account: TEST_ACCOUNT },
    });
  }

  /** Who a session of a role is. */
  roleSession(role: RoleName, sessionName: string): Principal {
    const { partition, account, name } = role;
    return {
      arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`,
      userId: `${randomId("AROA")}:${sessionName}`,
      account,
    };
  }

  /** New temporary keys of somebody, which end `seconds` from now. */
  vend(principal: Principal, seconds: number, mfa = false) {
    this.#forgetLongExpired();
    const credentials = {
      accessKeyId: randomId("ASIA"),
      secretAccessKey: randomBytes(30).toString("base64"),
      // About as long as those of AWS.
      sessionToken: randomBytes(380).toString("base64"),
      expiration: new Date(this.#clock() + seconds * 1_000),
      principal,
      mfa,
    };
    this.#known.set(credentials.accessKeyId, credentials);
    return credentials;
  }

  find(accessKeyId: string): KnownCredentials | undefined {
    return this.#known.get(accessKeyId);
  }

  #forgetLongExpired(): void {
    const horizon = this.#clock() - MEMORY_MS;
    // In order of insertion, which is close enough to the order of expiration to stop at the first that lives.
    for (const [id, { expiration }] of this.#known) {
      if (expiration === undefined) continue;
      if (expiration.getTime() > horizon) break;
      this.#known.delete(id);
    }
  }
}
