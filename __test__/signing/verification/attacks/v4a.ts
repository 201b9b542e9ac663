/** Attacks on SigV4a, and one algorithm taken for the other. */
import { canonicalRequest, claims, signature } from "../../reference.js";
import { plain } from "../../refusals.js";
import { derOf, numbersOf, ORDER, presignedV4aAs, signedV4aAs } from "../reference-v4a.js";
import { type Attack, adding, header, instead, replacing, withRaw, withTarget } from "./attack.js";

const v4a = signedV4aAs(plain);

const v4aQuery = presignedV4aAs(plain);

export const ALGORITHMS: readonly Attack[] = [
  // ---- SigV4a, and one algorithm taken for the other
  {
    name: "the algorithm's name exchanged, v4 for v4a",
    honest: header,
    attack: replacing("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    code: "IncompleteSignature",
  },
  {
    name: "the algorithm's name exchanged, v4a for v4",
    honest: v4a,
    attack: replacing("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256"),
    code: "IncompleteSignature",
  },
  {
    name: "an ECDSA signature under HMAC's name and scope",
    honest: v4a,
    attack: instead(
      signedV4aAs(plain, { algorithm: "AWS4-HMAC-SHA256", scope: "20150830/us-east-1/service/aws4_request" }),
    ),
    code: "IncompleteSignature",
  },
  {
    name: "an HMAC signature under ECDSA's name and scope",
    honest: v4a,
    attack: replacing(
      /Signature=.*/,
      `Signature=${signature(canonicalRequest(v4a, "host;x-amz-date;x-amz-region-set", "service"), claims())}`,
    ),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "the algorithm's name exchanged in the query",
    honest: v4aQuery,
    attack: withTarget((t) => t.replace("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256")),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "SigV4a where it is not accepted",
    honest: v4a,
    attack: (r) => r,
    later: { algorithms: ["sigv4"] },
    code: "InvalidRequest",
  },
  {
    name: "SigV4 where it is not accepted",
    honest: header,
    attack: (r) => r,
    later: { algorithms: ["sigv4a"] },
    code: "InvalidRequest",
  },
  {
    name: "a region that is not in the set",
    honest: signedV4aAs(plain, { regionSet: "us-*" }),
    attack: (r) => r,
    later: { region: "eu-west-1" },
    code: "SignatureDoesNotMatch",
  },
  { name: "the region set widened", honest: v4a, attack: replacing(/^us-east-1$/, "*"), code: "SignatureDoesNotMatch" },
  {
    name: "the region set taken away",
    honest: v4a,
    attack: instead(signedV4aAs(plain, { regionSet: undefined, signedHeaders: "host;x-amz-date" })),
    code: "IncompleteSignature",
  },
  {
    name: "an empty region set, rightly signed",
    honest: v4a,
    attack: instead(signedV4aAs(plain, { regionSet: "" })),
    code: "IncompleteSignature",
  },
  {
    name: "an empty name in the region set",
    honest: v4a,
    attack: instead(signedV4aAs(plain, { regionSet: "us-east-1,,*" })),
    code: "IncompleteSignature",
  },
  { name: "a second region set", honest: v4a, attack: adding("x-amz-region-set", "*"), code: "IncompleteSignature" },
  {
    name: "a second region set in the query",
    honest: v4aQuery,
    attack: withTarget((t) => `${t}&X-Amz-Region-Set=%2A`),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "a region set of the query in another case of letters",
    honest: v4aQuery,
    attack: withTarget((t) => t.replace("us-east-1", "US-EAST-1")),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature of noughts",
    honest: v4a,
    attack: replacing(/Signature=.*/, `Signature=${derOf(0n, 0n)}`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature of r = 1, s = 0",
    honest: v4a,
    attack: replacing(/Signature=.*/, `Signature=${derOf(1n << 250n, 0n)}`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature whose numbers are beyond the order",
    honest: v4a,
    attack: (r) => {
      const [first, second] = numbersOf(r.rawHeaders.at(-1)?.split("Signature=")[1] ?? "");
      return replacing(/Signature=.*/, `Signature=${derOf(first + ORDER, second)}`)(r);
    },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature with bytes after it",
    honest: v4a,
    attack: replacing(/Signature=.*/, `Signature=${derOf(1n << 200n, 1n << 200n)}00`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature in upper case",
    honest: v4a,
    attack: (r) =>
      withRaw((raw) =>
        raw.map((text) => text.replace(/Signature=.*/, (s) => `Signature=${s.slice(10).toUpperCase()}`)),
      )(r),
    code: "IncompleteSignature",
  },
];
