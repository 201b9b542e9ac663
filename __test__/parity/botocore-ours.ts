/** Our side of a case: the same request made and signed by `RequestSigner`. */
import {
  AwsRequest,
  type RequestContext,
  type RequestData,
  RequestSigner,
  registerDefaultSigningHooks,
  type SeekableBody,
  SigningEvents,
} from "aws-refresh-session/signing";
import { asRefreshable } from "../../dist/refresh/credential-source.js";
import type { DataCase, Keys, SigningCase } from "./botocore-cases.js";

/** Content that is read in pieces, like a file. */
export class MemoryFile implements SeekableBody {
  readonly #content: Uint8Array;
  #position: number;

  constructor(content: Uint8Array, position = 0) {
    this.#content = content;
    this.#position = position;
  }

  get size(): number {
    return this.#content.length;
  }

  tell(): number {
    return this.#position;
  }

  seek(position: number): void {
    this.#position = position;
  }

  read(bytes: number): Uint8Array {
    const piece = this.#content.subarray(this.#position, this.#position + bytes);
    this.#position += piece.length;
    return piece;
  }
}

export function requestOf(given: SigningCase): AwsRequest {
  const { method, url, headers, params } = given;
  return new AwsRequest({
    method,
    url,
    headers,
    data: dataOf(given.data),
    params: params === null ? null : params.mapping ? new Map(params.pairs) : params.pairs,
    context: contextOf(structuredClone(given.context)),
  });
}

export function signerOf(given: SigningCase): RequestSigner {
  const events = new SigningEvents();
  if (given.hooks !== undefined) {
    const { preference, regionSet } = given.hooks;
    registerDefaultSigningHooks(events, {
      authSchemePreference: preference,
      sigv4aSigningRegionSet: regionSet ?? undefined,
    });
  }
  return new RequestSigner({
    serviceId: given.serviceId,
    region: given.region ?? undefined,
    signingName: given.service,
    signatureVersion: given.version,
    credentials: given.credentials ?? undefined,
    authToken: given.token === null ? undefined : { token: given.token },
    events,
    clock: () => given.now * 1000,
  });
}

export async function signOurs(given: SigningCase): Promise<AwsRequest> {
  const request = requestOf(given);
  const signer = signerOf(given);
  for (let time = 0; time < given.times; time++) await signer.sign(given.operation, request, optionsOf(given));
  return request;
}

/** Our canonical request and string to sign; undefined for policies. */
export async function explainOurs(
  given: SigningCase,
): Promise<{ canonicalRequest: string; stringToSign: string } | undefined> {
  if (given.signingType === "presign-post") return undefined;
  try {
    const { exactCanonicalRequest, stringToSign } = await signerOf(given).explain(
      given.operation,
      requestOf(given),
      optionsOf(given),
    );
    return { canonicalRequest: exactCanonicalRequest, stringToSign };
  } catch (error) {
    return { canonicalRequest: String(error), stringToSign: "" };
  }
}

function optionsOf({ signingType, explicitRegion, explicitService, expires }: SigningCase) {
  return {
    signingType,
    region: explicitRegion ?? undefined,
    signingName: explicitService ?? undefined,
    expiresIn: expires ?? undefined,
  };
}

function dataOf(given: DataCase): RequestData {
  switch (given.kind) {
    case "none":
      return null;
    case "text":
      return given.text;
    case "form":
      return new Map(given.pairs);
    case "bytes":
      return Buffer.from(given.bytes, "base64");
    case "stream":
      return new MemoryFile(Buffer.from(given.bytes, "base64"), given.position);
  }
}

function contextOf(given: Record<string, unknown>): RequestContext {
  const { s3PayloadSigning, identity, ...rest } = given;
  const context: RequestContext = rest;
  if (s3PayloadSigning !== undefined) {
    context.clientConfig = { s3: { payloadSigningEnabled: s3PayloadSigning as boolean } };
  }
  if (identity !== undefined) {
    const credentials = asRefreshable(identity as Keys);
    context.signing = { ...context.signing, identityCache: { getCredentials: () => credentials }, cacheKey: "bucket" };
  }
  return context;
}
