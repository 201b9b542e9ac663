/** The form body of the Query protocol, and the reading of its XML. */
import test from "ava";
import { encodeQuery, XmlAnswer } from "../../dist/aws/query-protocol.js";

test("every parameter of AssumeRole has the name that STS knows it by", (t) => {
  const body = encodeQuery("AssumeRole", "2011-06-15", {
    RoleArn: "arn:aws:iam::123456789012:role/r",
    RoleSessionName: "s",
    DurationSeconds: 900,
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/A" }, { arn: "arn:aws:iam::aws:policy/B" }],
    Tags: [{ Key: "team", Value: "blue green" }],
    TransitiveTagKeys: ["team", "cost"],
    ProvidedContexts: [{ ProviderArn: "arn:p", ContextAssertion: "c" }],
  });
  t.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::123456789012:role/r",
    RoleSessionName: "s",
    DurationSeconds: "900",
    "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/A",
    "PolicyArns.member.2.arn": "arn:aws:iam::aws:policy/B",
    "Tags.member.1.Key": "team",
    "Tags.member.1.Value": "blue green",
    "TransitiveTagKeys.member.1": "team",
    "TransitiveTagKeys.member.2": "cost",
    "ProvidedContexts.member.1.ProviderArn": "arn:p",
    "ProvidedContexts.member.1.ContextAssertion": "c",
  });
});

test("values are escaped so that none can become another parameter", (t) => {
  const body = encodeQuery("A", "1", { Name: "x&Action=B", Other: "é !'()*+~" });
  t.is(body, "Action=A&Version=1&Name=x%26Action%3DB&Other=%C3%A9%20%21%27%28%29%2A%2B~");
});

test("undefined parameters are left out and an empty list keeps its name", (t) => {
  t.is(encodeQuery("A", "1", { ExternalId: undefined, Tags: [] }), "Action=A&Version=1&Tags=");
});

test("an answer is read by the paths of its leaves, whatever its namespace", (t) => {
  const xml = new XmlAnswer('<r xmlns="urn:x"><Error><Code>Denied</Code><Message>a &amp; b</Message></Error></r>');
  t.is(xml.at("r/Error/Message"), "a & b");
  t.is(xml.ending("Error/Code"), "Denied");
  t.is(xml.ending("rror/Code"), undefined);
  t.is(xml.at("Error/Code"), undefined);
});

for (const [what, text] of [
  ["text that is no XML", "Welcome to the hotel network"],
  ["an element that is not closed", "<a><b></a>"],
  ["nothing", ""],
  ["a document type", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
] as const) {
  test(`${what} is not read as an answer`, (t) => {
    t.throws(() => new XmlAnswer(text));
  });
}
