/** Every way to sign a request: what is wrong with one must be refused by all. */
import type { SignableRequest, Signer } from "aws-refresh-session/signing";
import { AT } from "./examples.js";

export const ways: Record<string, (signer: Signer, request: SignableRequest) => unknown> = {
  sign: (signer, request) => signer.sign(request, AT),
  signSync: (signer, request) => signer.signSync(request, AT),
  signRequest: (signer, request) => signer.signRequest(request, AT),
  presign: (signer, request) => signer.presign(request, { ...AT, expiresIn: 60 }),
  presignSync: (signer, request) => signer.presignSync(request, { ...AT, expiresIn: 60 }),
  presignMany: (signer, request) => signer.presignMany([request], { ...AT, expiresIn: 60 }),
  explain: (signer, request) => signer.explain(request, AT),
  "explain a URL": (signer, request) => signer.explain(request, { ...AT, expiresIn: 60 }),
};
