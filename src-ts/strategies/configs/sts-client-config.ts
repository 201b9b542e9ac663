/** `STSClientConfig`: the `stsClientConfig` option as an object that checks what is written into it. */
import { assertRegion, parseEndpoint } from "../../aws/endpoints.js";
import { checkStsOption } from "../../aws/sts-options.js";
import { checkSource, STS_CLIENT_OPTIONS, type StsClientConfig } from "../sts-client-config.js";
import { configClass } from "./validated-config.js";

/**
 * How STS is reached, and as whom. A session reads it once, when it is made.
 *
 * Every value is checked when it is written, alone: whether a plain http endpoint is permitted is for the session to say. Writing
 * null or undefined, or `delete`, removes an option. `{ ...config }` gives plain data, `config.copy()` an object like this.
 * `util.inspect` and JSON do not show the credentials.
 *
 * Throws BRSValidationError for a wrong value or an unknown name, then and at construction.
 *
 * @example
 * ```ts
 * import { RefreshableSession, STSClientConfig } from "aws-refresh-session";
 *
 * const stsClientConfig = new STSClientConfig({ region: "eu-central-1", maxAttempts: 5 });
 * stsClientConfig.requestTimeout = 3;
 * const session = new RefreshableSession({
 *   assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
 *   stsClientConfig,
 * });
 * session.close();
 * ```
 */
export class STSClientConfig extends configClass<StsClientConfig>({
  option: "stsClientConfig",
  example: '{ region: "eu-central-1" }',
  names: [...STS_CLIENT_OPTIONS, "credentials"],
  required: [],
  secrets: new Set(["credentials"]),
  check(name, param, value) {
    if (name === "credentials") return checkSource(value);
    checkStsOption(name, value);
    if (name === "region") assertRegion(value, param);
    if (name === "endpoint") parseEndpoint(value as string, param);
    return value;
  },
}) {
  constructor(given: StsClientConfig = {}) {
    super(given);
  }
}
