/** Tests of the listener behind real servers: what reaches the handler, how refusals are answered, and requests that break off. */
import { once } from "node:events";
import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import test, { type ExecutionContext } from "ava";
import {
  BRSValidationError,
  clientErrorListener,
  type RequestListener,
  Signer,
  VerificationError,
  type VerifyingListenerOptions,
  verifyingListener,
} from "aws-refresh-session/signing";
import { KEYS } from "../examples.js";

/** Options of a listener that reads bodies before its handler runs. */
type BufferOptions = VerifyingListenerOptions & { body?: "buffer" };

const options = (change: Partial<BufferOptions> = {}): BufferOptions => ({
  service: "execute-api",
  region: "us-east-1",
  hosts: "any",
  getCredentials: () => KEYS,
  onError: () => {},
  ...change,
});

async function serving(t: ExecutionContext, listener: RequestListener): Promise<{ base: string; server: Server }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const signerFor = (service = "execute-api", secretAccessKey: string = KEYS.secretAccessKey) =>
  new Signer({ service, region: "us-east-1", credentials: { accessKeyId: KEYS.accessKeyId, secretAccessKey } });

async function send(signer: Signer, base: string, body?: string, method = body === undefined ? "GET" : "PUT") {
  const signed = await signer.signRequest({ method, url: `${base}/a/b?c=d`, ...(body === undefined ? {} : { body }) });
  const { url, ...init } = signed;
  return fetch(url, init);
}

for (const service of ["execute-api", "s3"]) {
  for (const mode of ["buffer", "stream"] as const) {
    test(`${service}, ${mode}: the handler gets who sent what`, async (t) => {
      const tell = (name: string, content: Buffer) => JSON.stringify([name, content.toString()]);
      const listener =
        mode === "buffer"
          ? verifyingListener(options({ service }), (_request, response, { accessKeyId, body }) => {
              response.end(tell(accessKeyId, body));
            })
          : verifyingListener(
              { ...options({ service }), body: "stream" },
              async (_request, response, { accessKeyId, body }) => {
                response.end(tell(accessKeyId, await buffer(body)));
              },
            );
      const { base } = await serving(t, listener);
      for (const body of [undefined, "", "größe", "x".repeat(300_000)]) {
        const answer = await send(signerFor(service), base, body);
        t.deepEqual(await answer.json(), [KEYS.accessKeyId, body ?? ""]);
      }
    });
  }
}

test("refusals are JSON as API Gateway answers them", async (t) => {
  const { base } = await serving(
    t,
    verifyingListener(options(), (_request, response) => void response.end()),
  );
  const answer = await send(signerFor("execute-api", "other"), base, "content");
  t.is(answer.status, 403);
  t.is(answer.headers.get("x-amzn-errortype"), "SignatureDoesNotMatch");
  t.is(answer.headers.get("content-type"), "application/json");
  const { __type, message } = (await answer.json()) as Record<string, string>;
  t.is(__type, "SignatureDoesNotMatch");
  t.regex(message ?? "", /String-to-Sign should have been/);
});

test("refusals are XML as S3 answers them, with what is not text escaped", async (t) => {
  const listener = verifyingListener(options({ service: "s3" }), (_request, response) => void response.end());
  const { base } = await serving(t, listener);
  const answer = await fetch(`${base}/a&'b?x=<`, { headers: { authorization: "Basic x" } });
  t.is(answer.status, 400);
  t.is(answer.headers.get("content-type"), "application/xml");
  t.is(
    await answer.text(),
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>IncompleteSignature</Code><Message>Authorization must begin with ' +
      "AWS4-HMAC-SHA256 or AWS4-ECDSA-P256-SHA256.</Message><Resource>/a&amp;&apos;b</Resource></Error>",
  );
});

test("HEAD is refused without a body, with its length", async (t) => {
  const { base } = await serving(
    t,
    verifyingListener(options(), (_request, response) => void response.end()),
  );
  const answer = await fetch(base, { method: "HEAD" });
  t.is(answer.status, 403);
  t.true(Number(answer.headers.get("content-length")) > 10);
  t.is(await answer.text(), "");
});

test("faults of the handler and of the lookup are answered with nothing of them, and told to who asked", async (t) => {
  const told: unknown[] = [];
  const cause = new Error("the database of secrets is down");
  const onError = (error: unknown) => told.push(error);
  const fault = () => {
    throw cause;
  };
  const handlerFails = await serving(t, verifyingListener(options({ onError }), fault));
  const lookupFails = await serving(
    t,
    verifyingListener(options({ onError, getCredentials: fault }), () => t.fail()),
  );
  for (const { base } of [handlerFails, lookupFails]) {
    const answer = await send(signerFor(), base);
    t.is(answer.status, 500);
    const body = await answer.text();
    t.is(JSON.parse(body).__type, "InternalFailure");
    t.notRegex(body, /secrets|looked/);
  }
  t.is(told[0], cause);
  t.is((told[1] as Error).cause, cause);
});

test("a body beyond the limit is answered with 413, announced or not, before it is held", async (t) => {
  for (const service of ["s3", "execute-api"]) {
    const limited = options({ service, maxBodyBytes: 1000 });
    const { base } = await serving(
      t,
      verifyingListener(limited, () => t.fail()),
    );
    const answer = await send(signerFor(service), base, "x".repeat(1001));
    t.is(answer.status, 413, service);
    t.regex(await answer.text(), /EntityTooLarge/);
    // The same without a Content-Length.
    const signed = await signerFor(service).sign({ method: "PUT", url: base, body: "x".repeat(1001) });
    const outgoing = httpRequest(base, {
      method: "PUT",
      headers: { ...signed, "transfer-encoding": "chunked" },
    });
    outgoing.write("x".repeat(500));
    outgoing.end("x".repeat(501));
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    t.is(incoming.statusCode, 413, service);
    t.regex(await text(incoming), /EntityTooLarge/);
  }
});

test("who sends a large body to a refusal gets to read it", async (t) => {
  const { base } = await serving(
    t,
    verifyingListener(options({ service: "s3" }), () => t.fail()),
  );
  const outgoing = httpRequest(base, { method: "PUT" });
  outgoing.on("error", () => {});
  const [[incoming]] = (await Promise.all([
    once(outgoing, "response"),
    outgoing.end("x".repeat(700_000)),
  ])) as never as [[IncomingMessage]];
  t.is(incoming.statusCode, 403);
  t.regex(await text(incoming), /MissingAuthenticationToken/);
});

test("a body that is not the declared one is refused, buffered or streamed", async (t) => {
  const told: unknown[] = [];
  const onError = (error: unknown) => told.push(error);
  const change = { service: "s3", onError };
  const buffered = verifyingListener(options(change), () => t.fail());
  const awaited = verifyingListener({ ...options(change), body: "stream" }, async (_request, response, { body }) => {
    response.end(await buffer(body));
  });
  const careless = verifyingListener({ ...options(change), body: "stream" }, (_request, response, { body }) => {
    body.resume().on("end", () => response.end("done"));
  });
  const unhandled = verifyingListener({ ...options(change), body: "stream" }, async (_request, response, { body }) => {
    const content = await buffer(body).catch(() => Buffer.from("own answer"));
    response.end(content);
  });
  for (const listener of [buffered, awaited, careless, unhandled]) {
    const { base } = await serving(t, listener);
    const {
      url,
      body: _body,
      ...init
    } = await signerFor("s3").signRequest({ method: "PUT", url: base, body: "content" });
    const answer = await fetch(url, { ...init, body: "Content" });
    if (listener === unhandled) {
      t.is(await answer.text(), "own answer");
    } else {
      t.is(answer.status, 400);
      t.regex(await answer.text(), /XAmzContentSHA256Mismatch/);
    }
  }
  t.true(told.length >= 3 && told.every((error) => error instanceof VerificationError));
});

test("a request that breaks off reaches no handler, and fails the stream of one that runs", async (t) => {
  const ends: unknown[] = [];
  let run = () => {};
  const running = new Promise<void>((resolve) => {
    run = resolve;
  });
  const streamed = verifyingListener(
    { ...options({ service: "s3" }), body: "stream" },
    async (_request, _response, { body }) => {
      run();
      ends.push(
        await buffer(body).then(
          () => "whole",
          (error) => error.code,
        ),
      );
    },
  );
  let failed: (error: unknown) => void = () => {};
  const failure = new Promise((resolve) => {
    failed = resolve;
  });
  const buffered = verifyingListener(options({ service: "s3", onError: (error) => failed(error) }), () => t.fail());
  for (const listener of [streamed, buffered]) {
    const { base, server } = await serving(t, listener);
    const headers = await signerFor("s3").sign({ method: "PUT", url: base, body: "content" });
    const outgoing = httpRequest(base, { method: "PUT", headers: { ...headers, "content-length": "7" } });
    outgoing.on("error", () => {});
    const arrived = once(server, "request");
    outgoing.write("con");
    const [incoming] = (await arrived) as [IncomingMessage];
    await (listener === streamed ? running : undefined);
    outgoing.destroy();
    await new Promise((resolve) => incoming.once("close", resolve));
  }
  t.is(((await failure) as VerificationError).code, "IncompleteBody");
  while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(ends, ["IncompleteBody"]);
});

for (const service of ["execute-api", "s3"]) {
  for (const body of ["buffer", "stream"] as const) {
    test(`${service}, ${body}: a request that breaks off while its credentials are looked up is dropped`, async (t) => {
      let asked = () => {};
      const asking = new Promise<void>((resolve) => {
        asked = resolve;
      });
      let answer = () => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const told = new Promise<unknown>((resolve) => {
        const common = options({
          service,
          onError: resolve,
          getCredentials: async () => {
            asked();
            await answered;
            return KEYS;
          },
        });
        const handler = () => t.fail();
        const listener =
          body === "stream" ? verifyingListener({ ...common, body }, handler) : verifyingListener(common, handler);
        serving(t, listener).then(async ({ base, server }) => {
          const headers = await signerFor(service).sign({ method: "PUT", url: base, body: "content" });
          const outgoing = httpRequest(base, { method: "PUT", headers: { ...headers, "content-length": "7" } });
          outgoing.on("error", () => {});
          const arrived = once(server, "request");
          // Whole, or not: what nobody has read is gone with the connection.
          outgoing.write(service === "s3" ? "con" : "content");
          const [incoming] = (await arrived) as [IncomingMessage];
          await asking;
          const closed = new Promise((resolve) => incoming.once("close", resolve));
          outgoing.destroy();
          await closed;
          answer();
        }, t.fail);
      });
      t.is(((await told) as VerificationError).code, "IncompleteBody");
    });
  }
}

test("a body that the handler leaves unread, or in part, does not hold up its connection", async (t) => {
  let readsFirst = false;
  const listener = verifyingListener(
    { ...options({ service: "s3" }), body: "stream" },
    async (_request, response, { body }) => {
      if (readsFirst) for await (const _ of body) break;
      response.end("answered");
    },
  );
  const { base } = await serving(t, listener);
  const body = Buffer.alloc(2_000_000);
  const headers = await signerFor("s3").sign({ method: "PUT", url: base, body });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  for (const reads of [false, true, false]) {
    readsFirst = reads;
    const outgoing = httpRequest(base, {
      method: "PUT",
      headers: { ...headers, "content-length": body.length },
      agent,
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    t.is(await text(answer), "answered");
  }
});

test("a body that arrived but was not read fails when its connection goes", async (t) => {
  let go = () => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  // More than one read of the socket, so that a part of it waits in the request.
  const size = 100_000;
  let running = () => {};
  const runs = new Promise<void>((resolve) => {
    running = resolve;
  });
  const outcome = new Promise<unknown>((resolve) => {
    const listener = verifyingListener(
      { ...options({ service: "s3" }), body: "stream" },
      async (_request, _response, { body }) => {
        running();
        await gone;
        resolve(
          await buffer(body).then(
            ({ length }) => length,
            (error) => error.code,
          ),
        );
      },
    );
    serving(t, listener).then(async ({ base, server }) => {
      const body = "x".repeat(size);
      const headers = await signerFor("s3").sign({ method: "PUT", url: base, body });
      const outgoing = httpRequest(base, { method: "PUT", headers: { ...headers, "content-length": String(size) } });
      outgoing.on("error", () => {});
      const arrived = once(server, "request");
      outgoing.end(body);
      const [incoming] = (await arrived) as [IncomingMessage];
      await runs;
      while (!incoming.complete) await new Promise((resolve) => setImmediate(resolve));
      const closed = new Promise((resolve) => incoming.once("close", resolve));
      outgoing.destroy();
      await closed;
      go();
    }, t.fail);
  });
  t.is(await outcome, "IncompleteBody");
});

test("what is no HTTP request is answered in the same form", async (t) => {
  const { server } = await serving(
    t,
    verifyingListener(options(), () => t.fail()),
  );
  server.on("clientError", clientErrorListener("xml"));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n X-Amz-Acl: folded\r\nbad header\r\n\r\n");
  const answer = await text(socket);
  t.true(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
  t.regex(answer, /<Code>InvalidRequest<\/Code>/);
});

test("an absolute-form target, and a Host header twice, are refused as they arrive", async (t) => {
  const { server } = await serving(
    t,
    verifyingListener(options(), () => t.fail()),
  );
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("GET http://evil.example/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  t.regex(await text(socket), /InvalidURI/);
});

test("options are checked by name", (t) => {
  const handler = () => {};
  for (const [param, value] of [
    ["body", "file"],
    ["maxBodyBytes", -1],
    ["maxBodyBytes", 1.5],
    ["errorForm", "html"],
    ["onError", 1],
    ["service", ""],
    ["maxbodybytes", 1],
  ] as const) {
    const error = t.throws(() => verifyingListener({ ...options(), [param]: value } as never, handler), {
      instanceOf: BRSValidationError,
    });
    t.is((error as BRSValidationError).param, param);
  }
  t.throws(() => verifyingListener(options() as never, undefined as never), { instanceOf: BRSValidationError });
  t.throws(() => clientErrorListener("html" as never), { instanceOf: BRSValidationError });
});
