/** Uploads by HTML form with presigned POSTs: what an S3 server accepts of them, and what it has to refuse. */
import { createHmac } from "node:crypto";
import { type PresignedPost, type PresignedPostOptions, Signer } from "aws-refresh-session/signing";
import { errorCode, type RawResponse, send } from "./raw-request.js";
import { type ServerProgram, serverTests } from "./server-process.js";

export interface PostServer {
  readonly program: ServerProgram;
  readonly account: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region: string;
  /** Where the server keeps the file "my file.txt" that is posted to the key `inbox/` and the placeholder of file names. */
  readonly filenameKey: string;
  /** The codes that this server refuses with, by what is wrong. */
  readonly refusals: Readonly<Record<Refusal, string>>;
}

type Refusal = "signature" | "condition" | "tooLarge" | "tooSmall" | "expired" | "unknownKey";

/** Written so that it is not taken for a template that lost its quotes. */
const FILENAME = "\u0024{filename}";

interface Upload {
  /** Fields in the place of the signed ones; undefined leaves one out. */
  readonly fields?: Readonly<Record<string, string | undefined>>;
  readonly content?: string;
  readonly filename?: string;
  readonly url?: string;
}

/** Sends the form as a browser does. */
async function upload(
  post: PresignedPost,
  { fields, content = "content", filename, url }: Upload,
): Promise<RawResponse> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...post.fields, ...fields })) {
    if (value !== undefined) form.append(name, value);
  }
  form.append("file", new Blob([content]), filename ?? "picked.txt");
  const response = await fetch(url ?? post.url, { method: "POST", body: form });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/** Registers the tests for one server. */
export function postTests({ program, account, region, filenameKey, refusals }: PostServer): void {
  let endpoint = "";
  const newSigner = (clock?: () => number, credentials = account) =>
    new Signer({ service: "s3", region, credentials, ...(clock !== undefined && { clock }) });
  const test = serverTests(program, async (running) => {
    endpoint = running.endpoint;
    for (const bucket of ["bucket", "other"]) {
      const request = { method: "PUT", url: `${endpoint}/${bucket}` };
      const made = await send({ ...request, headers: await newSigner().sign(request) });
      if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
    }
  });
  const postFor = (options: Partial<PresignedPostOptions> = {}, signer = newSigner()) =>
    signer.createPresignedPost({ bucket: "bucket", key: "posted", expiresIn: 60, endpoint, ...options });
  const read = async (key: string) => {
    const request = { method: "GET", url: `${endpoint}/bucket/${key}` };
    return send({ ...request, headers: await newSigner().sign(request) });
  };

  test("a form is accepted and its object is there", async (t) => {
    const answer = await upload(await postFor(), { content: "by form" });
    t.is(answer.status, 204, answer.body);
    t.is((await read("posted")).body, "by form");
  });

  test("fields, conditions and a status of one's own are accepted", async (t) => {
    const post = await postFor({
      key: "images/photo.png",
      fields: { "Content-Type": "image/png", success_action_status: "201", "x-amz-meta-owner": "me" },
      conditions: [
        ["eq", "$x-amz-meta-owner", "me"],
        { "Content-Type": "image/png" },
        ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 1, 100],
      ],
    });
    const answer = await upload(post, { content: "png" });
    t.is(answer.status, 201, answer.body);
    const got = await read("images/photo.png");
    t.is(got.headers["content-type"], "image/png");
    t.is(got.headers["x-amz-meta-owner"], "me");
  });

  test("a field that the policy leaves open is the uploader's", async (t) => {
    const post = await postFor({ key: "open", conditions: [["starts-with", "$Content-Type", "text/"]] });
    const right = await upload(post, { fields: { "Content-Type": "text/csv" } });
    t.is(right.status, 204, right.body);
    const wrong = await upload(post, { fields: { "Content-Type": "image/png" } });
    t.is(errorCode(wrong), refusals.condition, wrong.body);
  });

  for (const [key, kept] of [
    [`inbox/${FILENAME}`, filenameKey],
    ["odd/ä ö+%20&'(1)", "odd/%C3%A4%20%C3%B6%2B%2520%26%27%281%29"],
    ["日本/😀", "%E6%97%A5%E6%9C%AC/%F0%9F%98%80"],
  ] as const) {
    test(`the key ${key} is accepted`, async (t) => {
      const answer = await upload(await postFor({ key }), { content: key, filename: "my file.txt" });
      t.is(answer.status, 204, answer.body);
      t.is((await read(kept)).body, key);
    });
  }

  test("a size at either end of the range is accepted, one beyond is refused", async (t) => {
    const post = await postFor({ key: "sized", conditions: [["content-length-range", 3, 6]] });
    for (const content of ["123", "123456"]) t.is((await upload(post, { content })).status, 204);
    t.is(errorCode(await upload(post, { content: "12" })), refusals.tooSmall);
    t.is(errorCode(await upload(post, { content: "1234567" })), refusals.tooLarge);
  });

  test("another key is refused, also below the beginning that is free", async (t) => {
    t.is(errorCode(await upload(await postFor(), { fields: { key: "theirs" } })), refusals.condition);
    const post = await postFor({ key: `inbox/${FILENAME}` });
    t.is((await upload(post, { fields: { key: "inbox/any" } })).status, 204);
    t.is(errorCode(await upload(post, { fields: { key: "outbox/any" } })), refusals.condition);
    t.is((await read("theirs")).status, 404);
  });

  test("another bucket is refused", async (t) => {
    const post = await postFor();
    t.is(errorCode(await upload(post, { url: `${endpoint}/other` })), refusals.condition);
    const both = await upload(post, { url: `${endpoint}/other`, fields: { bucket: "other" } });
    t.is(errorCode(both), refusals.condition);
  });

  test("a policy that was changed is refused", async (t) => {
    const post = await postFor({ conditions: [["content-length-range", 1, 3]] });
    const policy = Buffer.from(post.fields.Policy ?? "", "base64").toString();
    const wider = Buffer.from(policy.replace("1,3", "1,999")).toString("base64");
    t.is(errorCode(await upload(post, { fields: { Policy: wider } })), refusals.signature);
  });

  test("a signature that was changed, or made with another secret, is refused", async (t) => {
    const post = await postFor();
    const other = createHmac("sha256", "guessed")
      .update(post.fields.Policy ?? "")
      .digest("hex");
    t.is(errorCode(await upload(post, { fields: { "X-Amz-Signature": other } })), refusals.signature);
    const stranger = newSigner(undefined, { ...account, secretAccessKey: "not the secret" });
    t.is(errorCode(await upload(await postFor({}, stranger), {})), refusals.signature);
    const unknown = newSigner(undefined, { ...account, accessKeyId: "AKIAUNKNOWNUNKNOWN00" });
    t.is(errorCode(await upload(await postFor({}, unknown), {})), refusals.unknownKey);
  });

  test("a form that has expired is refused", async (t) => {
    const past = newSigner(() => Date.now() - 120_000);
    t.is(errorCode(await upload(await postFor({ expiresIn: 60 }, past), {})), refusals.expired);
    t.is((await upload(await postFor({ expiresIn: 300 }, past), {})).status, 204);
  });

  test("a field that is missing is refused", async (t) => {
    const post = await postFor({ fields: { "x-amz-meta-owner": "me" } });
    t.is((await upload(post, {})).status, 204);
    t.is(errorCode(await upload(post, { fields: { "x-amz-meta-owner": undefined } })), refusals.condition);
    for (const name of ["X-Amz-Signature", "X-Amz-Credential", "X-Amz-Date"]) {
      const answer = await upload(post, { fields: { [name]: undefined } });
      t.true(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status} ${answer.body}`);
    }
  });

  test("a field that the policy does not know is refused", async (t) => {
    const extra = await upload(await postFor(), { fields: { "x-amz-meta-extra": "1" } });
    t.is(errorCode(extra), refusals.condition, extra.body);
    const acl = await upload(await postFor(), { fields: { acl: "public-read" } });
    t.is(errorCode(acl), refusals.condition, acl.body);
  });
}
