/** Objects under odd keys before an S3 server: where it takes the name it takes the signature, and no signature is ever at fault. */
import { errorCode, type RawResponse, send } from "../raw-request.js";
import type { Register } from "../server-process.js";
import { ODD_KEYS } from "./keys.js";
import type { S3Server } from "./s3-server.js";

/** Codes that would say that server and signer read the path in different ways. */
const SIGNATURE_AT_FAULT = /Signature|Authorization|AccessDenied|Sha256/i;

export function keyTests(test: Register, s3: S3Server): void {
  for (const { key, [s3.name]: expected } of ODD_KEYS) {
    for (const [form, url] of Object.entries(urlsOf(key))) {
      const shown = JSON.stringify(key.length > 40 ? `${key.slice(0, 36)} ...` : key);
      test(`the key ${shown} ${form} in the URL is ${expected}`, async (t) => {
        const body = `body of ${key}`;
        const at = { url: `${s3.endpoint}/bucket/${url}` };
        const { url: presigned } = await s3.newSigner().presign(at, { expiresIn: 60 });
        const answers = {
          put: await s3.sendSigned({ ...at, method: "PUT", body }),
          got: await s3.sendSigned({ ...at, method: "GET" }),
          head: await s3.sendSigned({ ...at, method: "HEAD" }),
          gotByUrl: await send({ method: "GET", url: presigned }),
          listed: await s3.sendSigned({
            method: "GET",
            url: `${s3.endpoint}/bucket?list-type=2&prefix=${encodeURIComponent(key)}`,
          }),
          deleted: await s3.sendSigned({ ...at, method: "DELETE" }),
        };
        for (const [name, answer] of Object.entries(answers)) {
          t.notRegex(errorCode(answer) ?? "", SIGNATURE_AT_FAULT, name);
          t.not(answer.status, 403, name);
        }
        t.is(outcome(answers, body), expected);
      });
    }
  }
}

/** The path with all escaped that a server may escape; and with as little as clients have to, where that differs. */
function urlsOf(key: string): Record<string, string> {
  const segments = key.split("/");
  const escaped = segments.map((segment) =>
    encodeURIComponent(segment).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`),
  );
  const bare = segments.map((segment) => encodeURI(segment).replaceAll("?", "%3F").replaceAll("#", "%23"));
  return {
    escaped: escaped.join("/"),
    ...(bare.join() === escaped.join() ? {} : { "escaped as little as possible": bare.join("/") }),
  };
}

function outcome(
  { put, got, head, gotByUrl, listed, deleted }: Record<string, RawResponse | undefined>,
  body: string,
): string {
  if (put?.status !== 200) return `${put?.status} ${put === undefined ? "" : errorCode(put)}`;
  const sizes = head?.status === 200 && head.headers["content-length"] === String(Buffer.byteLength(body));
  const kept = got?.body === body && gotByUrl?.body === body && sizes && deleted?.status === 204;
  if (!kept) return "lost";
  return listed?.status === 200 && listed.body.includes("<Key>") ? "kept" : "kept under another name";
}
