/** What the tests of every S3 server share: the server with an empty bucket, signers of its account and signed requests. */
import { Signer, type SignerOptions } from "aws-refresh-session/signing";
import { errorCode, escapedPath, type RawRequest, type RawResponse, send } from "../raw-request.js";
import { type Register, type ServerProgram, serverTests } from "../server-process.js";

/** The servers on which everything is tried; the tables of the tests name them so. */
export type ServerName = "VersityGW" | "MinIO";

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export class S3Server {
  readonly name: ServerName;
  readonly account: Account;
  readonly region: string;
  /** Known once the server runs, so inside tests. */
  endpoint = "";

  constructor(name: ServerName, account: Account, region: string) {
    this.name = name;
    this.account = account;
    this.region = region;
  }

  /** The URL of an object, everything in its key escaped that any server might escape. */
  urlOf(key: string): string {
    return `${this.endpoint}/bucket/${escapedPath(key)}`;
  }

  newSigner(options: Partial<SignerOptions> = {}): Signer {
    return new Signer({ service: "s3", region: this.region, credentials: this.account, ...options });
  }

  async signed(request: RawRequest, signer = this.newSigner(), signingDate?: Date): Promise<RawRequest> {
    const headers = await signer.sign(request, signingDate === undefined ? {} : { signingDate });
    return { ...request, headers: { ...request.headers, ...headers } };
  }

  async sendSigned(request: RawRequest, signer?: Signer): Promise<RawResponse> {
    return send(await this.signed(request, signer));
  }

  /** Puts an object and fails when the server does not take it. */
  async put(key: string, body: string): Promise<void> {
    const answer = await this.sendSigned({ method: "PUT", url: this.urlOf(key), body });
    if (answer.status !== 200) throw new Error(`${key} was not kept: ${answer.status} ${errorCode(answer)}`);
  }
}

/** Registers the tests of a file that need an S3 server, as {@link serverTests} does; the server starts with one bucket. */
export function s3Tests(
  program: ServerProgram,
  { account, region }: { account: Account; region: string },
): { test: Register; s3: S3Server } {
  const s3 = new S3Server(program.name as ServerName, account, region);
  const test = serverTests(program, async (running) => {
    s3.endpoint = running.endpoint;
    const made = await s3.sendSigned({ method: "PUT", url: `${s3.endpoint}/bucket` });
    if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
  });
  return { test, s3 };
}

export const minutesFromNow = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);
