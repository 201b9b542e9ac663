/** Lists and streams of keys below a base before an S3 server: every URL opens the object of its key. */
import { send } from "./raw-request.js";
import { ODD_KEYS } from "./s3/keys.js";
import type { S3Server } from "./s3/s3-server.js";
import type { Register } from "./server-process.js";

export function listTests(test: Register, s3: S3Server): void {
  const keys = ODD_KEYS.filter(({ [s3.name]: outcome }) => outcome === "kept").map(({ key }) => key);
  const options = () => ({ base: `${s3.endpoint}/bucket/`, expiresIn: 60 });

  test("objects under odd keys are read by the URLs of a list and of a stream", async (t) => {
    t.true(keys.length > 40);
    for (const [index, key] of keys.entries()) await s3.put(key, `body ${index}`);
    const signer = s3.newSigner();
    const listed = await signer.presignMany(keys, options());
    const streamed: string[] = [];
    for await (const url of signer.presignStream(keys, options())) streamed.push(url);
    for (const urls of [listed, streamed]) {
      t.is(urls.length, keys.length);
      for (const [index, url] of urls.entries()) {
        const answer = await send({ method: "GET", url });
        t.is(answer.body, `body ${index}`, keys[index]);
      }
    }
  });

  test("every URL of a list that is signed on other threads opens its own object", async (t) => {
    const names = Array.from({ length: 1_200 }, (_, index) => `many/${index} of 1200`);
    for (const index of [0, 499, 500, 777, 1_199]) await s3.put(names[index] as string, `body ${index}`);
    const urls = await s3.newSigner().presignMany(names, options());
    for (const index of [0, 499, 500, 777, 1_199]) {
      t.is((await send({ method: "GET", url: urls[index] as string })).body, `body ${index}`);
    }
    t.is((await send({ method: "GET", url: urls[1] as string })).status, 404);
  });
}
