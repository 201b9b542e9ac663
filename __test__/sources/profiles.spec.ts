/** Which profile is meant and which region follows from it. */
import test from "ava";
import { BRSConfigurationError, BRSValidationError } from "aws-refresh-session";
import { availableProfiles } from "aws-refresh-session/sources";
import { chooseProfile, chooseRegion } from "../../dist/sources/profiles.js";
import { newHome } from "./home.js";

test("the profile is the option, AWS_PROFILE, AWS_DEFAULT_PROFILE, default", (t) => {
  const env = { AWS_PROFILE: "two", AWS_DEFAULT_PROFILE: "three" };
  t.deepEqual(chooseProfile({ env, profileName: "one" }), { name: "one", by: "profileName" });
  t.deepEqual(chooseProfile({ env }), { name: "two", by: "AWS_PROFILE" });
  t.deepEqual(chooseProfile({ env: { ...env, AWS_PROFILE: "" } }), { name: "three", by: "AWS_DEFAULT_PROFILE" });
  t.deepEqual(chooseProfile({ env: {} }), { name: "default", by: undefined });
});

test("the region is the option, AWS_REGION, AWS_DEFAULT_REGION, that of the profile", (t) => {
  const { homeDir } = newHome(t, {
    config: "[default]\nregion = eu-west-4\n[profile p]\nregion = eu-west-5\n[profile empty]\nregion =\n",
  });
  const env = { AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-3" };
  t.is(chooseRegion("eu-west-1", { env, homeDir }), "eu-west-1");
  t.is(chooseRegion(undefined, { env, homeDir }), "eu-west-2");
  t.is(chooseRegion(undefined, { env: { ...env, AWS_REGION: "" }, homeDir }), "eu-west-3");
  t.is(chooseRegion(undefined, { env: {}, homeDir }), "eu-west-4");
  t.is(chooseRegion(undefined, { env: { AWS_PROFILE: "p" }, homeDir }), "eu-west-5");
  t.is(chooseRegion(undefined, { env: {}, homeDir, profileName: "p" }), "eu-west-5");
  t.is(chooseRegion(undefined, { env: {}, homeDir, profileName: "empty" }), undefined);
});

test("files are not looked at when the region is known without them", (t) => {
  const { homeDir } = newHome(t, { config: "broken" });
  t.is(chooseRegion("eu-west-1", { env: {}, homeDir }), "eu-west-1");
  t.is(chooseRegion(undefined, { env: { AWS_REGION: "eu-west-2" }, homeDir }), "eu-west-2");
  t.throws(() => chooseRegion(undefined, { env: {}, homeDir }), { code: "ERR_CONFIG_PARSE" });
});

test("a region of a profile that is none is refused by the name of the profile", (t) => {
  const { homeDir } = newHome(t, { config: "[default]\nregion = evil.example/\n[profile b]\nregion =\n  a = b\n" });
  const error = t.throws(() => chooseRegion(undefined, { env: {}, homeDir }), { instanceOf: BRSValidationError });
  t.regex(error?.message ?? "", /region of profile "default"/);
  t.throws(() => chooseRegion(undefined, { env: {}, homeDir, profileName: "b" }), {
    instanceOf: BRSConfigurationError,
    message: /profile "b": region must be text/,
  });
});

test("a profile that was asked for and is not there is told with those that are", (t) => {
  const { homeDir } = newHome(t, { config: "[profile a]\n", credentials: "[b]\nregion = x\n" });
  for (const [places, by] of [
    [{ env: { AWS_PROFILE: "c" } }, "AWS_PROFILE"],
    [{ env: { AWS_DEFAULT_PROFILE: "c" } }, "AWS_DEFAULT_PROFILE"],
    [{ env: {}, profileName: "c" }, "profileName"],
    // Asked for by name, even this one has to be there.
    [{ env: {}, profileName: "default" }, "profileName"],
  ] as const) {
    const error = t.throws(() => chooseRegion(undefined, { ...places, homeDir }), { code: "ERR_PROFILE_NOT_FOUND" });
    t.true(error instanceof BRSConfigurationError);
    t.is((error as BRSConfigurationError).param, by);
    t.deepEqual((error as BRSConfigurationError).details, { profiles: ["a", "b"] });
    t.regex(error?.message ?? "", /"a", "b"/);
  }
  t.is(chooseRegion(undefined, { env: {}, homeDir }), undefined);
});

test("availableProfiles lists both files, each name once", (t) => {
  const { homeDir } = newHome(t, {
    config: "[default]\n[profile a]\n[sso-session s]\n[profile 'b c']\n",
    credentials: "[a]\nx = y\n[only]\n",
  });
  t.deepEqual(availableProfiles({ env: {}, homeDir }), ["default", "a", "b c", "only"]);
  t.deepEqual(availableProfiles({ env: {}, homeDir: "/nowhere" }), []);
});
