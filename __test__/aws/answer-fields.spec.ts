/** Tests of fields read from answers that are objects: what a broken or hostile service may put in their places. */
import test from "ava";
import { fieldsIn } from "../../dist/aws/answer-fields.js";
import { UnreadableAnswer } from "../../dist/aws/service-error.js";

const PATH = "credentials/accessKeyId";
const read = (answer: string) => fieldsIn(JSON.parse(answer))(PATH);

test("texts and numbers are read, and dates as texts", (t) => {
  t.is(read('{"credentials":{"accessKeyId":"AKID"}}'), "AKID");
  t.is(read('{"credentials":{"accessKeyId":7}}'), "7");
  t.is(fieldsIn({ at: new Date(0) })("at"), "1970-01-01T00:00:00.000Z");
});

for (const answer of [
  ...["null", "7", '"text"', "[]", "{}", '{"credentials":null}', '{"credentials":"text"}', '{"credentials":{}}'],
  '{"credentials":{"accessKeyId":null}}',
  '{"credentials":{"accessKeyId":""}}',
  '{"credentials":{"accessKeyId":{}}}',
  '{"credentials":{"accessKeyId":{"toString":1}}}',
  '{"credentials":{"accessKeyId":["AKID"]}}',
  '{"credentials":{"__proto__":{"accessKeyId":"AKID"}}}',
]) {
  test(`${answer} has no such field`, (t) => {
    t.throws(() => read(answer), { instanceOf: UnreadableAnswer });
    t.is(Object.getPrototypeOf({}), Object.prototype);
  });
}

test("what every object inherits is no field", (t) => {
  t.is(fieldsIn({})("constructor/name", false), undefined);
});
