/** Tests of what a signed axios instance does with answers: refusals, redirects, repeated requests, and calls that are given up. */
import { Readable } from "node:stream";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import axios, { AxiosError, type AxiosRequestConfig, CanceledError, type InternalAxiosRequestConfig } from "axios";
import { KEYS } from "../signing/examples.js";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startVerifier, type Verifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };
const signer = new HttpSigner({ ...options, credentials: KEYS });

/** An instance signed by a session whose first key is refused. */
function revokedFirst({ revoked, url }: Verifier, config: AxiosRequestConfig = {}) {
  const { session, state } = rotatingSession();
  revoked.add("AKID1");
  return {
    state,
    instance: new HttpSigner({ ...options, credentials: session }).axios(axios.create({ baseURL: url, ...config })),
  };
}

const FORMS: Readonly<Record<string, AxiosRequestConfig>> = {
  "an error": {},
  "an answer": { validateStatus: () => true },
  bytes: { responseType: "arraybuffer" },
  "a stream": { responseType: "stream" },
  "a stream as an answer": { responseType: "stream", validateStatus: null },
};
for (const adapter of ["http", "fetch"] as const) {
  for (const [name, config] of Object.entries(FORMS)) {
    test(`${adapter}: a refusal that comes as ${name} is answered by one refresh and one repetition`, async (t) => {
      const server = await startVerifier(t);
      const { instance, state } = revokedFirst(server, { ...config, adapter });
      const { data, status, config: shown } = await instance.post("/a", { text: "größe" });
      t.is(status, 200);
      t.is(config.responseType === undefined ? data : await new Response(data).text(), "AKID2");
      t.deepEqual(
        server.arrived.map(({ verdict }) => verdict),
        ["AKID1", "AKID2"],
      );
      t.is(server.arrived[1]?.body.toString(), '{"text":"größe"}');
      t.is(state.round, 2);
      t.false(JSON.stringify(shown).includes("AKID"));
    });
  }

  test(`${adapter}: a second refusal is the caller's, whole`, async (t) => {
    const server = await startVerifier(t);
    const { instance } = revokedFirst(server, { adapter });
    server.revoked.add("AKID2");
    const error = await t.throwsAsync<AxiosError>(instance.get("/"), { instanceOf: AxiosError });
    t.is(error?.response?.status, 403);
    t.regex(String(error?.response?.data), /<Code>ExpiredToken/);
    t.is(server.arrived.length, 2);
    t.false(JSON.stringify(error?.toJSON()).includes("AKID"));
    const streamed = await instance.get("/", { responseType: "stream", validateStatus: null });
    t.regex(await new Response(streamed.data).text(), /<Code>ExpiredToken/);
  });

  test(`${adapter}: a redirect on the same origin is signed anew`, async (t) => {
    const server = await startVerifier(t, {
      answer: ({ target }) => {
        if (target === "/1") return { status: 307, headers: { location: "/2?x=1" } };
        if (target === "/2?x=1") return { status: 302, headers: { location: "./3" } };
        return undefined;
      },
    });
    const instance = signer.axios(axios.create({ baseURL: server.url, adapter }));
    const answer = await instance.post("/1", "content", { headers: { "content-type": "text/plain" } });
    t.is(answer.data, KEYS.accessKeyId);
    t.deepEqual(
      server.arrived.map(({ method, target, body, verdict }) => [method, target, body.toString(), verdict]),
      [
        ["POST", "/1", "content", KEYS.accessKeyId],
        ["POST", "/2?x=1", "content", KEYS.accessKeyId],
        ["GET", "/3", "", KEYS.accessKeyId],
      ],
    );
    t.false(server.arrived[2]?.rawHeaders.some((name) => /^content-type$/i.test(name)));
  });

  test(`${adapter}: a redirect to another origin carries nothing of the signature, and none is made there or on the way back`, async (t) => {
    const { session } = rotatingSession();
    const elsewhere = await startVerifier(t, {
      answer: ({ target }) =>
        target === "/back" ? { status: 307, headers: { location: `${home.url}/end` } } : { body: "elsewhere" },
    });
    const home = await startVerifier(t, {
      answer: ({ target }) =>
        target === "/end"
          ? { body: "home" }
          : { status: 307, headers: { location: `http://user:secret@${elsewhere.host}${target}` } },
    });
    const instance = new HttpSigner({ ...options, credentials: session }).axios(axios.create({ adapter }));
    const headers = {
      authorization: "Basic mine",
      cookie: "mine",
      "x-amz-security-token": "mine",
      "X-Api-Key": "mine",
      "x-amz-meta-a": "mine",
      "x-kept": "yes",
    };
    t.is((await instance.put(`${home.url}/there`, "content", { headers })).data, "elsewhere");
    t.is((await instance.put(`${home.url}/back`, "content", { headers })).data, "home");
    for (const { rawHeaders, body } of [
      ...elsewhere.arrived,
      ...home.arrived.filter(({ target }) => target === "/end"),
    ]) {
      t.notRegex(rawHeaders.join("\n"), /AKID|token|x-amz|authorization|cookie|mine|secret/i);
      t.true(rawHeaders.join("\n").includes("x-kept"));
      t.is(body.toString(), "content");
    }
    t.is(elsewhere.arrived.length, 2);
    t.deepEqual(
      home.arrived.map(({ verdict }) => verdict),
      ["AKID1", "AKID1", "MissingAuthenticationToken"],
    );
  });

  test(`${adapter}: redirects that are not to be followed, or not so often, are not`, async (t) => {
    const server = await startVerifier(t, { answer: () => ({ status: 302, headers: { location: "/" } }) });
    const instance = signer.axios(axios.create({ baseURL: server.url, adapter, validateStatus: null }));
    t.is((await instance.get("/", { maxRedirects: 0 })).status, 302);
    t.is((await instance.get("/", { fetchOptions: { redirect: "manual" } })).status, 302);
    t.is((await instance.get("/", { fetchOptions: { redirect: "error" } })).status, 302);
    await t.throwsAsync(instance.get("/", { maxRedirects: 2 }), { code: "ERR_FR_TOO_MANY_REDIRECTS" });
    t.is(server.arrived.length, 6);
  });
}

test("beforeRedirect is told of a redirect, and may add headers or stop it", async (t) => {
  const server = await startVerifier(t, {
    answer: ({ target }) => (target === "/1" ? { status: 302, headers: { location: "/2" } } : undefined),
  });
  const instance = signer.axios(axios.create({ baseURL: server.url }));
  const answer = await instance.get("/1", {
    beforeRedirect: (next, { statusCode }, { url }) => {
      next.headers["x-from"] = `${statusCode} ${url} ${next.href}`;
    },
  });
  t.is(answer.data, KEYS.accessKeyId);
  t.is(server.arrived[1]?.headers["x-from"], `302 ${server.url}/1 ${server.url}/2`);
  const stopped = instance.get("/1", {
    beforeRedirect: () => {
      throw new Error("stopped");
    },
  });
  await t.throwsAsync(stopped, { message: "stopped" });
});

test("a request that is sent again with the config of its failure is signed anew, once", async (t) => {
  const server = await startVerifier(t, {
    answer: () => (server.arrived.length < 3 ? { status: 503 } : undefined),
  });
  const instance = signer.axios(signer.axios(axios.create({ baseURL: server.url })));
  instance.interceptors.response.use(null, (error: AxiosError) =>
    error.response?.status === 503
      ? instance.request(error.config as InternalAxiosRequestConfig)
      : Promise.reject(error),
  );
  t.is((await instance.get("/", { params: { a: "b c" } })).data, KEYS.accessKeyId);
  t.deepEqual(new Set(server.arrived.map(({ verdict }) => verdict)), new Set([KEYS.accessKeyId]));
  t.true(server.arrived.every(({ target }) => target === "/?a=b%20c" || target === "/?a=b+c"));
  t.true(
    server.arrived.every(({ rawHeaders }) => rawHeaders.filter((name) => /^authorization$/i.test(name)).length === 1),
  );
});

test("an instance is signed by the signer that it was given to last, and what create makes of it is not", async (t) => {
  const server = await startVerifier(t);
  const { session } = rotatingSession();
  const instance = signer.axios(axios.create({ baseURL: server.url }));
  new HttpSigner({ ...options, credentials: session }).axios(instance);
  t.is((await instance.get("/")).data, "AKID1");
  t.is((await instance.create().get("/", { validateStatus: null })).status, 403);
});

test("an adapter of the user's is given the config of the user's, signed", async (t) => {
  const given: InternalAxiosRequestConfig[] = [];
  const instance = signer.axios(
    axios.create({
      baseURL: "https://api.example.com",
      adapter: async (config) => {
        given.push(config);
        return { status: 200, statusText: "OK", headers: {}, data: "{}", config };
      },
    }),
  );
  const { data, config } = await instance.post("/a", { b: 1 }, { params: { c: 2 } });
  t.deepEqual(data, {});
  const [{ baseURL, url, params, headers, data: sent } = {}] = given as [Partial<InternalAxiosRequestConfig>];
  t.deepEqual([baseURL, url, params, sent], ["https://api.example.com", "/a", { c: 2 }, '{"b":1}']);
  t.regex(String((headers as Record<string, unknown>)?.authorization), /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/);
  t.is(config.headers.authorization, undefined);
});

test("a call that is given up while credentials are awaited ends as axios' own do, and is not sent", async (t) => {
  const server = await startVerifier(t);
  const waiting = new HttpSigner({ ...options, credentials: () => new Promise(() => {}) });
  const leave = new AbortController();
  const call = waiting.axios(axios.create({ baseURL: server.url })).get("/", { signal: leave.signal });
  setTimeout(() => leave.abort(), 20);
  await t.throwsAsync(call, { instanceOf: CanceledError });
  t.is(server.arrived.length, 0);
});

test("a stream that is too long to be signed is refused, and one that goes unsigned is sent as it is, once", async (t) => {
  const server = await startVerifier(t, { service: "s3" });
  const short = new HttpSigner({ ...options, credentials: KEYS, bufferLimit: 3 });
  await t.throwsAsync(short.axios(axios.create({ baseURL: server.url })).post("/", Readable.from(["one", "two"])), {
    code: "ERR_SIGN_BODY",
  });
  t.is(server.arrived.length, 0);
  const { session } = rotatingSession();
  server.revoked.add("AKID1");
  const s3 = new HttpSigner({
    service: "s3",
    region: "us-east-1",
    credentials: session,
    payload: "unsigned",
    bufferLimit: 3,
  });
  const instance = s3.axios(axios.create({ baseURL: server.url, validateStatus: null }));
  t.is((await instance.put("/", Readable.from(["one", "two"]))).status, 403);
  t.is(server.arrived.length, 1);
  // The refusal was heeded all the same.
  t.is((await instance.put("/", Readable.from(["one", "two"]))).data, "AKID2");
  t.is(server.arrived[1]?.body.toString(), "onetwo");
});

test("what is no instance of axios is refused", (t) => {
  t.throws(() => signer.axios({} as never), { code: "ERR_VALIDATION" });
});
