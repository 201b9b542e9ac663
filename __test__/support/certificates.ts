/** Real X.509 for tests, made with openssl: an authority, what it issues for any span of time, and forms keys come in. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate and its key, as files and as PEM. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Common name; MinIO takes it for the name of a policy. */
  readonly commonName?: string;
  /** Of a server the certificate is for 127.0.0.1, ::1 and localhost; default "client". */
  readonly usage?: "client" | "server";
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a day. Whole seconds. */
  readonly notAfter?: Date;
  /** Default "ec" (P-256). */
  readonly keyType?: "ec" | "rsa";
  /** Issues again for a key there is, as when a certificate is renewed. */
  readonly keyFile?: string;
}

const run = promisify(execFile);
const openssl = (folder: string, ...args: string[]) => run("openssl", args, { cwd: folder });

/** Whether openssl is there. */
export function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const USAGES = {
  client: "extendedKeyUsage=clientAuth",
  server: "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost",
};

/** `openssl x509` of version 3.0 knows no dates, so certificates are issued by `openssl ca`, which wants a small database. */
const CONFIGURATION = `
[ca]
default_ca=authority
[authority]
database=index.txt
rand_serial=yes
new_certs_dir=issued
default_md=sha256
policy=policy
unique_subject=no
[policy]
commonName=supplied
[client]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
${USAGES.client}
[server]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
${USAGES.server}
`;

/** A certificate authority in a folder of its own. `remove` takes the folder with everything issued. */
export class CertificateAuthority {
  readonly folder: string;
  /** The certificate that others must trust. */
  readonly certFile: string;
  readonly cert: string;
  #issued = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string) {
    this.folder = folder;
    this.certFile = join(folder, "ca.pem");
    this.cert = readFileSync(this.certFile, "utf8");
  }

  static async create(commonName = "aws-refresh-session test authority"): Promise<CertificateAuthority> {
    const folder = mkdtempSync(join(tmpdir(), "aws-refresh-session-ca-"));
    mkdirSync(join(folder, "issued"));
    writeFileSync(join(folder, "index.txt"), "");
    writeFileSync(join(folder, "ca.cnf"), CONFIGURATION);
    await makeKey(folder, "ca.key", "ec");
    const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
    await openssl(
      folder,
      ...["req", "-x509", "-new", "-key", "ca.key", "-subj", `/CN=${commonName}`, "-days", "60", "-out", "ca.pem"],
      ...extensions.flatMap((extension) => ["-addext", extension]),
    );
    return new CertificateAuthority(folder);
  }

  /** Issues a certificate. Openssl's database knows no concurrency, so calls wait for those before them. */
  issue(options: IssueOptions = {}): Promise<CertificateFiles> {
    const issued = this.#last.then(() => this.#issue(options));
    this.#last = issued.catch(() => {});
    return issued;
  }

  async #issue(options: IssueOptions): Promise<CertificateFiles> {
    const { commonName = "device", usage = "client", keyType = "ec" } = options;
    const notBefore = options.notBefore ?? new Date(Date.now() - 3_600_000);
    const notAfter = options.notAfter ?? new Date(Date.now() + 86_400_000);
    const name = `${++this.#issued}-${usage}`;
    const keyFile = options.keyFile ?? join(this.folder, `${name}.key`);
    if (options.keyFile === undefined) await makeKey(this.folder, `${name}.key`, keyType);
    await openssl(
      this.folder,
      ...["req", "-new", "-key", keyFile, "-subj", `/CN=${commonName}`, "-out", `${name}.csr`],
    );
    await openssl(
      this.folder,
      ...["ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"],
      ...["-in", `${name}.csr`, "-out", `${name}.pem`, "-extensions", usage],
      ...["-startdate", asn1Time(notBefore), "-enddate", asn1Time(notAfter)],
    );
    const certFile = join(this.folder, `${name}.pem`);
    return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The authority of most tests, a second one that nobody trusts, and what they issued. */
export interface Certificates {
  readonly ca: CertificateAuthority;
  readonly rogueCa: CertificateAuthority;
  readonly server: CertificateFiles;
  readonly device: CertificateFiles;
  /** Ended in 2020. */
  readonly expired: CertificateFiles;
  /** Of an authority that is not trusted, under the name of the device. */
  readonly rogue: CertificateFiles;
  /** Another certificate of the same authority that ends in so many seconds. */
  shortLived(seconds: number): Promise<CertificateFiles>;
  remove(): void;
}

export async function makeCertificates(commonName = "device"): Promise<Certificates> {
  const [ca, rogueCa] = await Promise.all([
    CertificateAuthority.create(),
    CertificateAuthority.create("rogue authority"),
  ]);
  const server = await ca.issue({ commonName: "localhost", usage: "server" });
  const device = await ca.issue({ commonName });
  const expired = await ca.issue({ commonName, notBefore: new Date("2020-01-01"), notAfter: new Date("2020-02-01") });
  const rogue = await rogueCa.issue({ commonName });
  return {
    ca,
    rogueCa,
    server,
    device,
    expired,
    rogue,
    shortLived: (seconds) => ca.issue({ commonName, notAfter: new Date(Date.now() + seconds * 1_000) }),
    remove: () => {
      ca.remove();
      rogueCa.remove();
    },
  };
}

/** The same key under a passphrase, as PKCS#8. */
export async function encryptedKey({ keyFile }: CertificateFiles, passphrase: string): Promise<string> {
  // Through the environment, as passphrases of users should go, too.
  const { stdout } = await run("openssl", ["pkcs8", "-topk8", "-in", keyFile, "-passout", "env:PASSPHRASE"], {
    env: { ...process.env, PASSPHRASE: passphrase },
  });
  return stdout;
}

/** Certificate and key as PKCS#12. */
export async function pfxOf({ certFile, keyFile }: CertificateFiles, passphrase: string): Promise<Buffer> {
  const args = ["pkcs12", "-export", "-in", certFile, "-inkey", keyFile, "-passout", "env:PASSPHRASE"];
  const { stdout } = await run("openssl", args, {
    encoding: "buffer",
    env: { ...process.env, PASSPHRASE: passphrase },
  });
  return stdout;
}

/** PKCS#8 throughout, which every reader takes. */
async function makeKey(folder: string, file: string, keyType: "ec" | "rsa"): Promise<void> {
  const form =
    keyType === "ec" ? ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
  await openssl(folder, "genpkey", "-algorithm", ...form, "-out", file);
}

/** As 20300131120000Z. */
const asn1Time = (date: Date): string => `${date.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
