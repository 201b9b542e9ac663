/** Credentials in the form that is handed out: frozen, spreadable and valid JSON, but masked when inspected. */
import { inspect } from "node:util";
import type { TemporaryCredentials } from "../strategies/strategy.js";

function inspectMasked(this: TemporaryCredentials): string {
  const { accessKeyId, sessionToken, expiration, accountId } = this;
  return inspect({
    accessKeyId,
    secretAccessKey: "<masked>",
    ...(sessionToken === undefined ? {} : { sessionToken: "<masked>" }),
    ...(expiration === undefined ? {} : { expiration }),
    ...(accountId === undefined ? {} : { accountId }),
  });
}

/** Copies what belongs to an identity and nothing else; `expiration` is copied too, since dates can be changed. */
export function frozenIdentity(source: TemporaryCredentials): TemporaryCredentials {
  const identity: TemporaryCredentials = { accessKeyId: source.accessKeyId, secretAccessKey: source.secretAccessKey };
  if (source.sessionToken) identity.sessionToken = source.sessionToken;
  if (source.expiration !== undefined) identity.expiration = new Date(source.expiration);
  if (source.accountId !== undefined) identity.accountId = source.accountId;
  // Not enumerable, so that a spread of the identity is plain data.
  Object.defineProperty(identity, inspect.custom, { value: inspectMasked });
  // Where SDK clients write down how they came by an identity; without it they fail on one that is frozen.
  Object.defineProperty(identity, "$source", { value: {} });
  return Object.freeze(identity);
}
