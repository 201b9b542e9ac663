/** Signs a request as aws4 does: the headers and the path that it sets, and the signature that servers compute for them. */
import type { OutgoingHttpHeaders } from "node:http";
import { BRSValidationError, masked, SigningError } from "../../errors.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { amzDate } from "../../signing/amz-date.js";
import { escapeQuery } from "../../signing/escape.js";
import {
  authorizationText,
  explainPrepared,
  type PreparedRequest,
  type PreparedSignature,
  readyTriple,
  type SigningScope,
  signedHeaderNames,
  signPrepared,
  signText,
  type Triple,
} from "../../signing/prepared.js";
import { payloadOf } from "../../signing/request.js";
import { sha256 } from "../../signing/sha256.js";
import { S3_FAMILY } from "../../signing/signer-options.js";
import { pairsOf } from "../headers/sent-headers.js";
import { dateTimeOf, millisOfDateTime } from "./date-time.js";
import { credentialsFor, environmentKeys } from "./keys.js";
import { queryText, readPath, type SentPath, writePath } from "./sent-path.js";
import { hostOfService, isSingleRegion, serviceOfHost } from "./service-of-host.js";
import type { Aws4Credentials, Aws4Request } from "./types.js";
import { requestOfUrl } from "./url-request.js";

const FORM_TYPE = "application/x-www-form-urlencoded; charset=utf-8";
const ALGORITHM = "AWS4-HMAC-SHA256";
/** Besides those that no request should sign; see docs/dialects.md. */
const UNSIGNED = ["presigned-expires", "range"];
/** What an earlier signature left behind, in headers and in a query: a new one replaces it. */
const OF_SIGNATURE: ReadonlySet<string> = new Set(["authorization", "x-amz-date", "x-amz-security-token"]);
const QUERY_OF_SIGNATURE: ReadonlySet<string> = new Set([
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Security-Token",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
]);

/** One request that is being signed, as `RequestSigner` of aws4. */
export class RequestSigner {
  readonly request: Aws4Request & { headers: OutgoingHttpHeaders };
  readonly service: string;
  readonly region: string;
  /** Whether it is the password of CodeCommit's Git that is signed. */
  readonly isCodeCommitGit: boolean;
  /** `20150830T123600Z`, once it is known. */
  datetime?: string;
  readonly #credentials: Aws4Credentials;
  #refreshable: RefreshableCredentials | undefined;
  /** The headers by their lower-case names. */
  readonly #spelled = new Map<string, string>();
  readonly #scope: SigningScope;
  #path: SentPath | undefined;
  #triple: Triple | undefined;
  #signedAt: number | undefined;

  constructor(given: string | Aws4Request, credentials?: Aws4Credentials) {
    const request = typeof given === "string" ? requestOfUrl(given) : given;
    if (typeof request !== "object" || request === null) {
      throw new BRSValidationError(`aws4.sign() takes an object of options, or a URL, found ${masked(request)}`, {
        param: "request",
      });
    }
    const headers = Object.assign({}, request.headers);
    this.request = Object.assign(request, { headers });
    for (const name in headers) this.#spelled.set(name.toLowerCase(), name);
    this.#credentials = credentials || this.defaultCredentials();
    let { service, region } = request;
    if (!service || !region) {
      const [serviceThere, regionThere] = this.matchHost(request.hostname || request.host || this.#headerText("host"));
      service ||= serviceThere;
      region ||= regionThere || "us-east-1";
    }
    this.service = service === "email" ? "ses" : service;
    this.region = region;
    if (!request.method && request.body) request.method = "POST";
    if (this.#header("host") === undefined) {
      const host = request.hostname || request.host || this.createHost();
      this.#set("Host", request.port ? `${host}:${request.port}` : host);
    }
    if (!request.hostname && !request.host) request.hostname = this.#headerText("host");
    this.isCodeCommitGit = this.service === "codecommit" && request.method === "GIT";
    this.#scope = this.#scopeOf(request);
  }

  /** Those that were given, or those of the environment. A getter, which printing leaves out. */
  get credentials(): Aws4Credentials {
    return this.#credentials;
  }

  /** Service and region that a host names; empty for what it does not tell. */
  matchHost(host: string | null | undefined): [service: string, region: string] {
    return serviceOfHost(host);
  }

  isSingleRegion(): boolean {
    return isSingleRegion(this.service, this.region);
  }

  createHost(): string {
    if (this.service === "") throw noService();
    return hostOfService(this.service, this.region);
  }

  /** Those of the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. */
  defaultCredentials(): Aws4Credentials {
    return environmentKeys();
  }

  /**
   * Sets headers or query, and the signature among them, on the request, and gives it.
   *
   * @throws CredentialsNotReadyError when a refresh has to be awaited first: `aws4.signAsync()` does that
   */
  sign(): Aws4Request & { headers: OutgoingHttpHeaders; path: string } {
    this.prepareRequest();
    const signed = this.#signed();
    const path = this.#path as SentPath;
    if (this.request.signQuery) {
      const query = [...(path.query ?? []), ["X-Amz-Signature", signed.signature] as const];
      return Object.assign(this.request, { path: writePath({ ...path, query }) });
    }
    this.#set("Authorization", this.#authorization(signed));
    return Object.assign(this.request, { path: writePath(path) });
  }

  /** Everything but the signature. */
  prepareRequest(): void {
    if (this.#path !== undefined) return;
    if (this.service === "") throw noService();
    const { body } = this.request;
    // Refuses what is no content.
    if (body && typeof body !== "string") payloadOf(body);
    const path = readPath(this.request.path);
    if (this.request.signQuery) this.#path = { ...path, query: this.#signedQuery(path.query ?? []) };
    else {
      this.#path = path;
      this.#prepareHeaders();
    }
  }

  /** `20150830T123600Z`: that of the request, or now. CodeCommit's Git wants it without the Z. */
  getDateTime(): string {
    if (this.datetime === undefined) {
      const given = (this.request.signQuery ? undefined : this.#headerText("x-amz-date")) ?? this.#headerText("date");
      this.datetime = given === undefined ? amzDate(this.#now()) : dateTimeOf(given);
    }
    return this.isCodeCommitGit ? this.datetime.slice(0, 15) : this.datetime;
  }

  getDate(): string {
    return this.getDateTime().slice(0, 8);
  }

  /** What is hashed, for somebody who compares it with a server's. The session token may stand in it. */
  canonicalString(): string {
    const { canonicalRequest } = explainPrepared(this.#keys(), this.#scope, this.#millis(), this.#prepared());
    return canonicalRequest;
  }

  stringToSign(): string {
    return [ALGORITHM, this.getDateTime(), this.credentialString(), sha256(this.canonicalString())].join("\n");
  }

  signature(): string {
    return this.isCodeCommitGit
      ? signText(this.#keys(), this.#scope, this.#millis(), this.stringToSign())
      : this.#signed().signature;
  }

  signedHeaders(): string {
    return signedHeaderNames(this.#scope, this.#pairs());
  }

  canonicalHeaders(): string {
    return this.canonicalString().split("\n").slice(3, -3).join("\n");
  }

  credentialString(): string {
    return [this.getDate(), this.region, this.service, "aws4_request"].join("/");
  }

  authHeader(): string {
    return this.#authorization({ signedHeaders: this.signedHeaders(), signature: this.signature() });
  }

  #authorization(signed: PreparedSignature): string {
    return authorizationText(ALGORITHM, `${this.#keys().accessKeyId}/${this.credentialString()}`, signed);
  }

  #signed(): PreparedSignature {
    if (this.isCodeCommitGit) return { signedHeaders: this.signedHeaders(), signature: this.signature() };
    return signPrepared(this.#keys(), this.#scope, this.#millis(), this.#prepared());
  }

  #prepareHeaders(): void {
    const { body, doNotModifyHeaders } = this.request;
    if (!doNotModifyHeaders && !this.isCodeCommitGit) {
      const isSignedAgain = this.#headerText("authorization")?.startsWith(ALGORITHM) === true;
      if (isSignedAgain) this.#forgetSignature();
      if (body && this.#header("content-type") === undefined) this.#set("Content-Type", FORM_TYPE);
      if (body && this.#header("content-length") === undefined) this.#set("Content-Length", Buffer.byteLength(body));
      const { sessionToken } = this.#keys();
      if (sessionToken && this.#header("x-amz-security-token") === undefined) {
        this.#set("X-Amz-Security-Token", sessionToken);
      }
      if (S3_FAMILY.has(this.service) && this.#header("x-amz-content-sha256") === undefined) {
        this.#set("X-Amz-Content-Sha256", sha256(body ?? ""));
      }
      const date = this.getDateTime();
      if (this.#header("x-amz-date") === undefined) this.#set("X-Amz-Date", date);
    }
    this.#drop("authorization");
  }

  /** The date and token of a signature that is replaced, and the length and hash of a body that may be another by now. */
  #forgetSignature(): void {
    for (const name of OF_SIGNATURE) this.#drop(name);
    if (!this.request.body) return;
    this.#drop("content-length");
    if (/^[0-9a-f]{64}$/.test(this.#headerText("x-amz-content-sha256") ?? "")) this.#drop("x-amz-content-sha256");
  }

  #signedQuery(given: NonNullable<SentPath["query"]>): SentPath["query"] {
    const isSignedAgain = given.some(([name]) => name === "X-Amz-Signature");
    const query = new Map<string, string>();
    const others = given.filter(([name, value]) => {
      if (!name.startsWith("X-Amz-")) return true;
      if (!(isSignedAgain && QUERY_OF_SIGNATURE.has(name))) query.set(name, value);
      return false;
    });
    const { sessionToken, accessKeyId } = this.#keys();
    if (sessionToken) query.set("X-Amz-Security-Token", escapeQuery(sessionToken));
    if (this.service === "s3" && !query.get("X-Amz-Expires")) query.set("X-Amz-Expires", "86400");
    const date = query.get("X-Amz-Date");
    if (date !== undefined && date !== "") this.datetime = decodeURIComponent(date);
    query.set("X-Amz-Date", this.getDateTime());
    query.set("X-Amz-Algorithm", ALGORITHM);
    query.set("X-Amz-Credential", escapeQuery(`${accessKeyId}/${this.credentialString()}`));
    query.set("X-Amz-SignedHeaders", escapeQuery(this.signedHeaders()));
    return [...others, ...query];
  }

  #scopeOf({ extraHeadersToIgnore, extraHeadersToInclude, doNotEncodePath }: Aws4Request): SigningScope {
    const isS3 = S3_FAMILY.has(this.service);
    return {
      region: this.region,
      service: this.service,
      dialect: "aws",
      doubleEncodePath: !isS3 && !doNotEncodePath,
      normalizePath: !isS3,
      unsignedHeaders: extraHeadersToIgnore === undefined ? UNSIGNED : [...UNSIGNED, ...named(extraHeadersToIgnore)],
      ...(extraHeadersToInclude !== undefined && { signableHeaders: named(extraHeadersToInclude) }),
    };
  }

  #prepared(): PreparedRequest {
    this.prepareRequest();
    const { path, query } = this.#path as SentPath;
    return {
      method: this.request.method || "GET",
      path,
      query: queryText(query),
      headers: this.#pairs(),
      payload: this.#payload(),
    };
  }

  #payload(): PreparedRequest["payload"] {
    if (S3_FAMILY.has(this.service) && this.request.signQuery) return { hash: "UNSIGNED-PAYLOAD" };
    if (this.isCodeCommitGit) return { hash: "" };
    const hash = this.#headerText("x-amz-content-sha256");
    if (hash) return { hash };
    return this.request.body || "";
  }

  /** What node:http sends: of a name in two spellings the last. */
  #pairs(): readonly (readonly [string, string])[] {
    const { headers } = this.request;
    const pairs: (readonly [string, string])[] = [];
    for (const [lower, name] of this.#spelled) {
      const value = headers[name];
      if (typeof value === "string") pairs.push([lower, value]);
      else if (value !== undefined && value !== null) pairs.push(...pairsOf(lower, value));
    }
    return pairs;
  }

  /** The triple that signs, and whose token and id stand in the request. */
  #keys(): Triple {
    this.#triple ??= readyTriple(this.#source());
    return this.#triple;
  }

  /** Late: a signer is also asked for hosts and names, which need no credentials. */
  #source(): RefreshableCredentials {
    this.#refreshable ??= credentialsFor(this.#credentials);
    return this.#refreshable;
  }

  #millis(): number {
    this.getDateTime();
    // Most requests are signed as of now, which is known without reading the text.
    return this.#signedAt ?? millisOfDateTime(this.datetime as string);
  }

  #now(): number {
    this.#signedAt = this.#source().now();
    return this.#signedAt;
  }

  #header(lowerName: string): OutgoingHttpHeaders[string] {
    const name = this.#spelled.get(lowerName);
    return name === undefined ? undefined : this.request.headers[name] || undefined;
  }

  #headerText(lowerName: string): string | undefined {
    const value = this.#header(lowerName);
    return value === undefined ? undefined : String(value);
  }

  #set(name: string, value: string | number): void {
    this.#drop(name.toLowerCase());
    this.request.headers[name] = value;
    this.#spelled.set(name.toLowerCase(), name);
  }

  #drop(lowerName: string): void {
    const name = this.#spelled.get(lowerName);
    if (name === undefined) return;
    delete this.request.headers[name];
    this.#spelled.delete(lowerName);
  }
}

function named(names: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(names).filter((name) => names[name]);
}

function noService(): SigningError {
  return new SigningError(`"service" is missing, and the host does not name one: give it, such as "execute-api"`, {
    code: "ERR_SIGN_SCOPE",
    param: "service",
  });
}
