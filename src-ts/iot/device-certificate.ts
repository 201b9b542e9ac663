/** The certificate and key that a device shows: checked whole, made ready for TLS, and read again when files are renewed. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { BRSConfigurationError, BRSValidationError } from "../errors.js";
import { checkAlternatives, checkText, refuse } from "../strategies/option-checks.js";
import { warn } from "../warnings.js";
import { type KeyMaterial, MaterialSource } from "./key-material.js";

/** Certificates and keys: PEM text, bytes, or paths of files that are read again when they change. */
export interface DeviceCertificateOptions {
  /** The device's certificate, with intermediate ones behind it where there are any; PEM. */
  certificate?: KeyMaterial;
  /** Key of the certificate; PEM, PKCS#8 or the older forms. */
  privateKey?: KeyMaterial;
  /** Certificate and key in one, as PKCS#12; instead of `certificate` and `privateKey`. */
  pfx?: KeyMaterial;
  /** Opens an encrypted `privateKey` or `pfx`. */
  passphrase?: string;
  /** Authorities to trust in place of those that come with Node; PEM, one or more. */
  ca?: KeyMaterial;
}

export const CERTIFICATE_OPTIONS = [
  "certificate",
  "privateKey",
  "pfx",
  "passphrase",
  "ca",
] as const satisfies ReadonlyArray<keyof DeviceCertificateOptions>;

/** One state of the files. */
export interface LoadedCertificate {
  /** Holds certificate, key and authorities for node:tls; without key where that stays in a token. */
  readonly context: SecureContext;
  /** PEM; undefined when it came as PKCS#12. */
  readonly certificate: string | undefined;
  readonly ca: string | undefined;
  /** Epoch milliseconds; undefined when it came as PKCS#12. */
  readonly validTo: number | undefined;
}

/** Where the key is: beside the certificate, or in a token that only lends its use. */
export type KeyPlace = "file" | "token";

/**
 * Reads and checks everything at construction. {@link DeviceCertificate.current} looks at the files again: when one has
 * changed and all fit together, what is in them is used from then on. While they do not fit, as half way through a renewal, what
 * was read before stays in use and a warning (BRS_IOT_CERTIFICATE) says why.
 */
export class DeviceCertificate {
  readonly #sources: ReadonlyMap<string, MaterialSource>;
  readonly #passphrase: string | undefined;
  #loaded: LoadedCertificate;
  #stamp: string;

  constructor(given: Readonly<Record<string, unknown>>, place: KeyPlace, homeDir: () => string) {
    checkCombination(given, place);
    this.#passphrase =
      given.passphrase === undefined
        ? undefined
        : checkText("passphrase", given.passphrase, { expected: "a non-empty string", secret: true });
    const sources = new Map<string, MaterialSource>();
    for (const name of ["certificate", "privateKey", "pfx", "ca"]) {
      if (given[name] !== undefined) sources.set(name, new MaterialSource(name, given[name], homeDir));
    }
    this.#sources = sources;
    // Stamps first: a change between the two readings is then seen the next time.
    this.#stamp = this.#stamps();
    this.#loaded = this.#load();
  }

  /** The certificate as the files have it now; the same object as long as they do not change. */
  current(): LoadedCertificate {
    let stamp = "";
    try {
      stamp = this.#stamps();
      if (stamp !== this.#stamp) this.#loaded = this.#load();
    } catch (error) {
      // Said once for each state of the files.
      if (stamp !== this.#stamp) {
        warn(
          "BRS_IOT_CERTIFICATE",
          `renewed certificate files cannot be used, so those read before stay in use: ${(error as Error).message}`,
        );
      }
    }
    this.#stamp = stamp;
    return this.#loaded;
  }

  #stamps(): string {
    return [...this.#sources.values()].map((source) => source.stamp()).join(";");
  }

  #load(): LoadedCertificate {
    const bytes = (name: string) => this.#sources.get(name)?.read();
    const pem = (name: string) => {
      const content = bytes(name);
      return content === undefined ? undefined : pemText(name, content);
    };
    const certificate = pem("certificate");
    const ca = pem("ca");
    const privateKey = pem("privateKey");
    const pfx = bytes("pfx");
    if (ca !== undefined) for (const one of certificatesIn(ca)) readCertificate("ca", one);
    const leaf = certificate === undefined ? undefined : readCertificate("certificate", certificate);
    if (leaf !== undefined && privateKey !== undefined) checkPair(leaf, privateKey, this.#passphrase);
    return {
      context: secureContext({ cert: certificate, key: privateKey, pfx, passphrase: this.#passphrase, ca }),
      certificate,
      ca,
      validTo: leaf === undefined ? undefined : Date.parse(leaf.validTo),
    };
  }
}

/** One key, in one place, with the certificate it belongs to. */
function checkCombination(given: Readonly<Record<string, unknown>>, place: KeyPlace): void {
  const { privateKey, pfx } = given;
  checkAlternatives({ privateKey, pfx, pkcs11: place === "token" || undefined }, { needed: true });
  if (given.pfx !== undefined && given.certificate !== undefined) {
    throw new BRSConfigurationError("pfx holds the certificate already: leave certificate out", {
      param: "certificate",
    });
  }
  if (given.pfx === undefined && given.certificate === undefined) {
    refuse("certificate", "the certificate that belongs to the key: PEM text, its bytes or a path", undefined);
  }
}

function pemText(param: string, content: Buffer): string {
  const text = content.toString("utf8");
  if (text.includes("-----BEGIN ")) return text;
  throw new BRSValidationError(
    `${param} must be PEM ("-----BEGIN ..."), but what was found is not; \`openssl x509 -inform der\` and ` +
      "`openssl pkey -inform der` convert DER",
    { param },
  );
}

function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.*?-----END [A-Z\d ]+-----/gs) ?? [pem];
}

function readCertificate(param: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    const found = /-----BEGIN [A-Z ]*PRIVATE KEY/.test(pem)
      ? "holds a private key: have certificate and key changed places?"
      : `cannot be read as one (${reasonOf(error)})`;
    throw new BRSValidationError(`${param} must be a certificate in PEM, but ${found}`, {
      param,
      details: { reason: reasonOf(error) },
    });
  }
}

function checkPair(certificate: X509Certificate, privateKey: string, passphrase: string | undefined): void {
  if (certificate.checkPrivateKey(readKey(privateKey, passphrase))) return;
  throw new BRSConfigurationError("privateKey does not belong to the certificate: their public keys differ", {
    param: "privateKey",
  });
}

function readKey(privateKey: string, passphrase: string | undefined): KeyObject {
  const isEncrypted = /-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(privateKey);
  if (isEncrypted && passphrase === undefined) {
    throw new BRSConfigurationError("privateKey is encrypted, but there is no passphrase to open it with", {
      param: "passphrase",
    });
  }
  try {
    return createPrivateKey({ key: privateKey, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    // The error of OpenSSL is not attached: callers print causes, and what it may hold is not ours to promise.
    const reason = reasonOf(error);
    if (isEncrypted) throw wrongPassphrase("privateKey", reason);
    const found = privateKey.includes("-----BEGIN CERTIFICATE")
      ? "holds a certificate: have certificate and key changed places?"
      : `cannot be read as one (${reason})`;
    throw new BRSValidationError(`privateKey must be a private key in PEM, but ${found}`, {
      param: "privateKey",
      details: { reason },
    });
  }
}

function wrongPassphrase(param: string, reason: string): BRSConfigurationError {
  return new BRSConfigurationError(
    `passphrase does not open ${param}, or its encryption is not supported (${reason}); ` +
      "old forms can be written anew with `openssl pkcs8 -topk8` or `openssl pkcs12 -export`",
    { param: "passphrase", details: { reason } },
  );
}

type ContextParts = Readonly<Record<"cert" | "key" | "passphrase" | "ca", string | undefined>> & {
  readonly pfx: Buffer | undefined;
};

function secureContext({ pfx, passphrase, ca, cert, key }: ContextParts): SecureContext {
  const trust = ca === undefined ? {} : { ca: [...certificatesIn(ca)] };
  try {
    if (pfx !== undefined)
      return createSecureContext({ ...trust, pfx, ...(passphrase !== undefined && { passphrase }) });
    // Without a key the certificate is of no use to node:tls: the token's library shows it.
    if (key === undefined) return createSecureContext(trust);
    return createSecureContext({ ...trust, cert, key, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    const reason = reasonOf(error);
    if (pfx !== undefined && /mac verify|decrypt|unsupported|passphrase/i.test(reason)) {
      throw wrongPassphrase("pfx", reason);
    }
    const param = pfx === undefined ? "certificate" : "pfx";
    throw new BRSValidationError(`${param} cannot be used for TLS (${reason})`, { param, details: { reason } });
  }
}

/** OpenSSL's own words, such as "mac verify failure", where they are no more than words; else the code. */
function reasonOf(error: unknown): string {
  const { code, message = "" } = error as { code?: unknown; message?: string };
  if (typeof code === "string") return code;
  return /^[\w :]{1,80}$/.test(message) ? message : "unknown";
}
