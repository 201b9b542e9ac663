/** A certificate authority for tests: issues X.509 certificates for servers and devices, without any tool beside Node. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { inspect } from "node:util";
import { systemClock } from "../defaults.js";

/** A certificate and its key, as PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What a certificate is for, and how long it lasts. */
export interface IssueOptions {
  /** Default "device". */
  readonly commonName?: string;
  /** A server's certificate is for 127.0.0.1, ::1 and localhost; default "client". */
  readonly usage?: "client" | "server";
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
}

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/**
 * An authority with an ECDSA key (P-256) that exists only in memory.
 *
 * Its certificates are for tests: made quickly, without revocation, and trusted by nobody who is not told to.
 *
 * @example
 * ```ts
 * import { TestAuthority } from "aws-refresh-session/testing";
 *
 * const authority = new TestAuthority();
 * const { certificate, privateKey } = authority.issue({ commonName: "pump-7" });
 * // trust authority.certificate
 * ```
 */
export class TestAuthority {
  /** PEM, to be trusted as `ca`. */
  readonly certificate: string;
  readonly #commonName: string;
  readonly #key: KeyObject;

  /** The name is a new one by default: OpenSSL takes authorities of one name for each other. */
  constructor(commonName = `aws-refresh-session test authority ${randomBytes(4).toString("hex")}`) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#commonName = commonName;
    this.#key = privateKey;
    this.certificate = this.#sign(publicKey, commonName, {}, [
      extension(OIDS.basicConstraints, true, sequence(der(0x01, Buffer.from([0xff])))),
      // keyCertSign and cRLSign.
      extension(OIDS.keyUsage, true, der(0x03, Buffer.from([1, 0b0000_0110]))),
    ]);
  }

  /** Makes a key and a certificate for it. */
  issue(options: IssueOptions = {}): IssuedCertificate {
    const { commonName = "device", usage = "client" } = options;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const certificate = this.#sign(publicKey, commonName, options, [
      extension(OIDS.basicConstraints, true, sequence()),
      // digitalSignature.
      extension(OIDS.keyUsage, true, der(0x03, Buffer.from([7, 0b1000_0000]))),
      extension(OIDS.extendedKeyUsage, false, sequence(oid(usage === "client" ? OIDS.clientAuth : OIDS.serverAuth))),
      ...(usage === "server" ? [extension(OIDS.subjectAltName, false, LOOPBACK_NAMES)] : []),
    ]);
    return hidden({ certificate, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() });
  }

  #sign(publicKey: KeyObject, commonName: string, validity: IssueOptions, extensions: readonly Buffer[]): string {
    const now = systemClock();
    const { notBefore = new Date(now - HOUR_MS), notAfter = new Date(now + YEAR_MS) } = validity;
    const body = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))),
      // A serial number is positive.
      der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      ECDSA_WITH_SHA256,
      nameOf(this.#commonName),
      sequence(timeOf(notBefore), timeOf(notAfter)),
      nameOf(commonName),
      publicKey.export({ type: "spki", format: "der" }),
      der(0xa3, sequence(...extensions)),
    );
    const signature = der(0x03, Buffer.from([0]), sign("sha256", body, this.#key));
    const text = sequence(body, ECDSA_WITH_SHA256, signature).toString("base64");
    return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
  }
}

function hidden({ certificate, privateKey }: IssuedCertificate): IssuedCertificate {
  return Object.defineProperty({ certificate, privateKey }, inspect.custom, {
    value: () => ({ certificate, privateKey: "<secret>" }),
  });
}

/** One element of DER: its tag, its length, its content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);

/** Object identifiers, encoded. */
const OIDS = {
  basicConstraints: "551d13",
  clientAuth: "2b06010505070302",
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  extendedKeyUsage: "551d25",
  keyUsage: "551d0f",
  serverAuth: "2b06010505070301",
  subjectAltName: "551d11",
} as const;

const oid = (encoded: string): Buffer => der(0x06, Buffer.from(encoded, "hex"));

const ECDSA_WITH_SHA256 = sequence(oid(OIDS.ecdsaWithSha256));

/** iPAddress is [7], dNSName [2]. */
const LOOPBACK_NAMES = sequence(
  der(0x87, Buffer.from([127, 0, 0, 1])),
  der(0x87, Buffer.from([...Array(15).fill(0), 1])),
  der(0x82, Buffer.from("localhost")),
);

function extension(encoded: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(encoded), ...critical, der(0x04, value));
}

const nameOf = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid(OIDS.commonName), der(0x0c, Buffer.from(commonName)))));

/** UTCTime has two digits for the year, which mean 1950 to 2049; whole seconds. */
function timeOf(date: Date): Buffer {
  const text = `${date.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}
