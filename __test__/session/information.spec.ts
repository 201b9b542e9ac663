/** What a session tells without calling AWS: regions of services, and which clients are installed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { BRSValidationError, CustomRefreshableSession } from "aws-refresh-session";
import { availableServices } from "../../dist/session/information.js";

const session = new CustomRefreshableSession({ customCredentialsMethod: () => ({}) as never, env: {} });
test.after.always(() => session.close());

test("a service is known by botocore's name and by that of its package", (t) => {
  t.deepEqual(session.getAvailableRegions("s3", { partitionName: "aws-cn" }), ["cn-north-1", "cn-northwest-1"]);
  t.deepEqual(session.getAvailableRegions("elastic-load-balancing-v2"), session.getAvailableRegions("elbv2"));
  t.true(session.getAvailableRegions("elbv2").length > 30);
});

test("endpoints that are no regions come on request", (t) => {
  t.deepEqual(session.getAvailableRegions("iam"), []);
  t.true(session.getAvailableRegions("iam", { allowNonRegional: true }).includes("aws-global"));
  t.true(session.getAvailableRegions("sts", { allowNonRegional: true }).includes("us-east-1-fips"));
});

test("an unknown service or partition has no regions", (t) => {
  for (const service of ["nothing", "S3", "s3:0", "=", " "])
    t.deepEqual(session.getAvailableRegions(service), [], service);
  t.deepEqual(session.getAvailableRegions("s3", { partitionName: "aws-moon" }), []);
});

test("every service that the SDK's clients here stand for is known", (t) => {
  const services = session.getAvailableServices();
  t.true(services.includes("s3") && services.includes("sts"), services.join());
  for (const service of ["s3", "sts"]) t.true(session.getAvailableRegions(service).length > 30);
});

test("arguments of the wrong kind are refused by name", (t) => {
  const refused: Array<[args: unknown[], param: string]> = [
    [[undefined], "service"],
    [[""], "service"],
    [["s3", { partitionName: 7 }], "options.partitionName"],
    [["s3", { allowNonRegional: "yes" }], "options.allowNonRegional"],
    [["s3", { partition_name: "aws" }], "options.partition_name"],
    [["s3", null], "options"],
  ];
  for (const [args, param] of refused) {
    const error = t.throws(() => session.getAvailableRegions(...(args as [string])), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, param);
  }
});

test("profiles: the one chosen, and those of the files as they are now", (t) => {
  const homeDir = mkdtempSync(join(tmpdir(), "home-"));
  t.teardown(() => rmSync(homeDir, { recursive: true }));
  mkdirSync(join(homeDir, ".aws"));
  writeFileSync(join(homeDir, ".aws", "config"), "[default]\n[profile reports]\n");
  const open = (options: { profileName?: string; env?: Record<string, string> }) => {
    const opened = new CustomRefreshableSession({
      customCredentialsMethod: () => ({}) as never,
      homeDir,
      env: {},
      ...options,
    });
    t.teardown(() => opened.close());
    return opened;
  };
  const plain = open({});
  t.is(plain.profileName, "default");
  t.deepEqual(plain.availableProfiles, ["default", "reports"]);
  writeFileSync(join(homeDir, ".aws", "credentials"), "[keys]\naws_access_key_id = AKID\n");
  t.deepEqual(plain.availableProfiles, ["default", "reports", "keys"]);
  const env = { AWS_PROFILE: "reports", AWS_DEFAULT_PROFILE: "keys" };
  t.is(open({ env }).profileName, "reports");
  t.is(open({ env: { AWS_DEFAULT_PROFILE: "keys" } }).profileName, "keys");
  t.is(open({ env, profileName: "keys" }).profileName, "keys");
});

test("installed clients are found as require would: upwards, nearest or not, each once", (t) => {
  const root = mkdtempSync(join(tmpdir(), "application-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  const install = (folder: string, name: string) => {
    const place = join(root, folder, "node_modules", "@aws-sdk", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), "{}");
  };
  for (const name of ["client-s3", "client-sqs", "core"]) install("", name);
  for (const name of ["client-s3", "client-lambda"]) install("packages/app", name);
  install("packages/other", "client-ec2");
  const found = availableServices([join(root, "packages", "app", "src"), root]);
  t.deepEqual(
    // What is installed for the whole machine is found, too.
    found.filter((name) => ["ec2", "lambda", "s3", "sqs", "core"].includes(name)),
    ["lambda", "s3", "sqs"],
  );
});
