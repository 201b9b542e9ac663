/** POST policies, by the rules of botocore: s3v4-presign-post and v4-s3express-presign-post. */
import { SigningError, shown } from "../../errors.js";
import { signText } from "../prepared.js";
import { type AuthInput, credentialOf, expressToken } from "./auth-input.js";
import { policyJson } from "./policy-json.js";
import type { PostPolicy } from "./request-context.js";
import { botocoreScope } from "./sign-headers.js";

/** Conditions that an earlier signature added: with those of a new one beside them, no form could meet the policy. */
const ownConditions = new WeakSet<object>();

/** Adds the fields and conditions of a signature to those of the request's context; both are changed in place. */
export function signPost(input: AuthInput): void {
  const { request, settings, triple, timestamp } = input;
  const { context } = request;
  const fields = objectOf(context.s3PresignPostFields, "context.s3PresignPostFields");
  const policy: PostPolicy = objectOf(context.s3PresignPostPolicy, "context.s3PresignPostPolicy");
  const conditions = policy.conditions ?? [];
  if (!Array.isArray(conditions)) {
    throw malformed("context.s3PresignPostPolicy.conditions", "a list of conditions", conditions);
  }
  const token = settings.isExpress ? expressToken(input) : triple.sessionToken;
  const own: Array<[string, string]> = [
    ["x-amz-algorithm", "AWS4-HMAC-SHA256"],
    ["x-amz-credential", credentialOf(input)],
    ["x-amz-date", timestamp],
  ];
  if (token !== undefined) own.push([settings.token.field, token]);
  const added = own.map(([name, value]) => ({ [name]: value }));
  const complete = [...conditions.filter((each) => !ownConditions.has(each as object)), ...added];
  const text = policyJson({ ...policy, conditions: complete }, "context.s3PresignPostPolicy");
  const encoded = Buffer.from(text).toString("base64");
  const signature = signText(triple, botocoreScope(input), input.now, encoded);
  // Changed only now: a request that is refused stays as it was.
  for (const condition of added) ownConditions.add(condition);
  conditions.length = 0;
  for (const condition of complete) conditions.push(condition);
  policy.conditions = conditions;
  Object.assign(fields, Object.fromEntries(own), { policy: encoded, "x-amz-signature": signature });
  context.timestamp = timestamp;
  context.s3PresignPostFields = fields;
  context.s3PresignPostPolicy = policy;
}

function objectOf<T extends Record<string, unknown>>(value: T | undefined | null, param: string): T {
  if (value === undefined || value === null) return {} as T;
  if (typeof value === "object" && !Array.isArray(value)) return value;
  throw malformed(param, "an object", value);
}

function malformed(param: string, expected: string, found: unknown): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${shown(found)}`, { code: "ERR_SIGN_POLICY", param });
}
