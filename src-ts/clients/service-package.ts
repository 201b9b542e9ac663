/** Finds the packages of the AWS SDK that an application has installed, as the application itself would. */
import { join, sep } from "node:path";
import { packageNameOf } from "../aws/regions.js";
import { applicationFolders } from "../defaults.js";
import { BRSConfigurationError } from "../errors.js";
import { loadPeer } from "../optional-peer.js";
import { checkText } from "../strategies/option-checks.js";
import { type ClientClass, isClientClass } from "./sdk-client.js";

const SERVICE = { expected: 'the name of a service in lower case, such as "s3"', pattern: /^[a-z0-9-]+$/ };

/** The name that a package gives its client: not `__Client`, which all have. */
const CLIENT = /^[A-Z]\w*Client$/;

// Nothing is found anew: what `require` has loaded stays what it is.
const found = new Map<string, ClientClass>();

/**
 * The class of the bare-bones client of a service: "s3" gives the `S3Client` of `@aws-sdk/client-s3`. Names of botocore will do, too:
 * "logs" gives the `CloudWatchLogsClient` of `@aws-sdk/client-cloudwatch-logs`.
 *
 * @throws BRSValidationError for what is no name, BRSConfigurationError that names the package when it is not installed
 */
export function findClientClass(service: string): ClientClass {
  const known = found.get(service);
  if (known !== undefined) return known;
  const loaded = loadClientClass(checkText("service", service, SERVICE));
  found.set(service, loaded);
  return loaded;
}

function loadClientClass(service: string): ClientClass {
  const name = `@aws-sdk/client-${service}`;
  try {
    return clientOf(name, service);
  } catch (error) {
    if (!(error instanceof BRSConfigurationError) || error.param !== name) throw error;
    // Only now: the table of names is large.
    const other = packageNameOf(service);
    if (other === undefined || other === service) throw error;
    return clientOf(`@aws-sdk/client-${other}`, service);
  }
}

function clientOf(name: string, service: string): ClientClass {
  const exported = loadInstalled(name, `client("${service}")`) as Readonly<Record<string, unknown>>;
  // By name first: reading an export may be what loads it.
  const client = Object.keys(exported).find((key) => CLIENT.test(key) && isClientClass(exported[key]));
  if (client !== undefined) return exported[client] as ClientClass;
  throw new BRSConfigurationError(`the package ${name} exports no class of clients; give the class itself`, {
    param: "service",
    value: service,
  });
}

/** The exports of a package that the application has; see `loadPeer`. */
export function loadInstalled(name: string, purpose: string): unknown {
  return loadPeer(name, purpose, inOrder(applicationFolders()));
}

/**
 * The folder of the script comes first where it lies within the working directory, as in the packages of a monorepo. Where it
 * lies elsewhere or is a tool that was installed (a test runner, the runtime of Lambda), the working directory is the application.
 */
function inOrder([working = "", script]: readonly string[]): string[] {
  if (script === undefined) return [working];
  const isTool = script.split(sep).includes("node_modules");
  const isWithin = join(script, sep).startsWith(join(working, sep));
  return isWithin && !isTool ? [script, working] : [working, script];
}
