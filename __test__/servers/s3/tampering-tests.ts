/** Tampered requests before an S3 server: a test for each row of the tables, and signatures of another time or secret. */
import { errorCode, type RawRequest, type RawResponse, send } from "../raw-request.js";
import type { Register } from "../server-process.js";
import { minutesFromNow, type S3Server } from "./s3-server.js";
import { HEADER_FORM, PRESIGNED_FORM } from "./tampering.js";

export function tamperingTests(test: Register, s3: S3Server): void {
  const request = () => ({
    method: "PUT",
    url: `${s3.urlOf("tampered")}?x-id=PutObject`,
    headers: { "content-type": "text/plain", "x-amz-meta-owner": "me" },
    body: "pay 10",
  });
  const presigned = async (signer = s3.newSigner(), signingDate?: Date): Promise<RawRequest> => {
    const url = `${s3.urlOf("presigned")}?response-content-type=text%2Fcsv`;
    const headers = { range: "bytes=0-3" };
    const options = { expiresIn: 60, ...(signingDate === undefined ? {} : { signingDate }) };
    return { method: "GET", headers, url: (await signer.presign({ url, headers }, options)).url };
  };

  test("a signed request is accepted as long as nothing is changed", async (t) => {
    const answer = await s3.sendSigned(request());
    t.is(answer.status, 200, errorCode(answer));
  });

  for (const { what, change, [s3.name]: expected } of HEADER_FORM) {
    test(`a signed request is answered with ${expected} after a change: ${what}`, async (t) => {
      t.is(outcome(await send(change(await s3.signed(request())))), expected);
    });
  }

  test("a presigned URL is accepted as long as nothing is changed", async (t) => {
    await s3.put("presigned", "for some of you");
    const answer = await send(await presigned());
    t.is(answer.status, 206, errorCode(answer));
    t.is(answer.body, "for ");
    t.is(answer.headers["content-type"], "text/csv");
  });

  for (const { what, change, [s3.name]: expected } of PRESIGNED_FORM) {
    test(`a presigned URL is answered with ${expected} after a change: ${what}`, async (t) => {
      t.is(outcome(await send(change(await presigned()))), expected);
    });
  }

  test("another secret is refused", async (t) => {
    const stranger = s3.newSigner({ credentials: { ...s3.account, secretAccessKey: "not the secret" } });
    t.is(outcome(await s3.sendSigned(request(), stranger)), "403 SignatureDoesNotMatch");
    t.is(outcome(await send(await presigned(stranger))), "403 SignatureDoesNotMatch");
  });

  test("a key of the same secret for another day, region or service is refused", async (t) => {
    for (const options of [{ region: "eu-central-1" }, { service: "s3-object-lambda" }]) {
      const elsewhere = s3.newSigner(options);
      for (const answer of [await s3.sendSigned(request(), elsewhere), await send(await presigned(elsewhere))]) {
        t.true([400, 403].includes(answer.status), `${JSON.stringify(options)}: ${outcome(answer)}`);
      }
    }
  });

  test("dates twenty minutes off are refused, four minutes are accepted", async (t) => {
    for (const minutes of [-20, 20]) {
      const answer = await send(await s3.signed(request(), s3.newSigner(), minutesFromNow(minutes)));
      t.is(outcome(answer), "403 RequestTimeTooSkewed");
    }
    for (const minutes of [-4, 4]) {
      const answer = await send(await s3.signed(request(), s3.newSigner(), minutesFromNow(minutes)));
      t.is(answer.status, 200, errorCode(answer));
    }
  });

  test("a presigned URL is refused after its end, and by MinIO long before its beginning", async (t) => {
    const old = await send(await presigned(s3.newSigner(), minutesFromNow(-3)));
    t.is(outcome(old), "403 AccessDenied");
    t.regex(old.body, /expired/);
    const early = await send(await presigned(s3.newSigner(), minutesFromNow(20)));
    t.is(outcome(early), { VersityGW: "206", MinIO: "403 AccessDenied" }[s3.name]);
  });
}

const outcome = (answer: RawResponse) => `${answer.status} ${errorCode(answer) ?? ""}`.trim();
