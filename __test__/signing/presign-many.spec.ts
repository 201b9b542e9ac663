/** Tests of lists of presigned URLs: equal to single ones, in their order, by one triple, with progress, abort and errors. */
import test from "ava";
import { BRSValidationError, type SignableRequest, Signer, SigningError } from "aws-refresh-session/signing";
import { AT, field, KEYS, NOW, SESSION_KEYS, signerWith } from "./examples.js";
import { refreshingSession } from "./refreshing-session.js";

const host = "example.amazonaws.com";
const options = { ...AT, expiresIn: 900 };
type Item = string | URL | SignableRequest;

const keyId = (url: string) => field(url, "X-Amz-Credential").split("%2F")[0] ?? "";
const plain = (length: number) => Array.from({ length }, (_, index) => `https://${host}/object/${index}`);

/** Every form of item that may stand in a list, in turn. */
function mixed(length: number): Item[] {
  const forms: ((index: number) => Item)[] = [
    (index) => `https://${host}/object/${index}`,
    (index) => `https://${host}/object/${index}?b=${index}`,
    (index) => new URL(`https://${host}/url ${index}?c#d`),
    (index) => ({ url: `https://${host}/plain/${index}` }),
    (index) => ({
      method: "PUT",
      url: `https://${host}/put/${index}`,
      headers: { "x-a": index },
      body: `body ${index}`,
    }),
    (index) => `https://${host}/größe ${index}?ü`,
    (index) => `https://${host}?${index}`,
    (index) => `https://${host}/fragment#${index}`,
    (index) => `https://${host}/stale?X-Amz-Signature=${index}&a=1&X-Amz-Date=x`,
    (index) => ({ url: new URL(`https://${host}/url/${index}`), body: { sha256: "ab".repeat(32) } }),
    (index) => `https://${host}/?`.padEnd(24 + (index % 3), "&"),
    (index) => `http://[::1]:${1 + index}/a`,
  ];
  return Array.from({ length }, (_, index) => (forms[index % forms.length] as (index: number) => Item)(index));
}

for (const [title, settings] of [
  ["plain keys", {}],
  ["a session token", { credentials: SESSION_KEYS }],
  ["S3", { service: "s3", credentials: SESSION_KEYS }],
  ["a token that is added later", { credentials: SESSION_KEYS, omitSessionToken: true }],
  ["the second engine", { credentials: SESSION_KEYS, engine: "aws-sigv4" }],
  ["unsigned payloads", { service: "s3", payload: "unsigned" }],
  ["paths signed as they are", { normalizePath: false, doubleEncodePath: false }],
] as const) {
  for (const length of [1, 12, 499, 500, 501, 1_300]) {
    test(`with ${title}, ${length} URLs of all forms are each what presignSync gives`, async (t) => {
      const signer = signerWith(settings);
      // The second engine takes no raw characters beyond ASCII.
      const items = mixed(length).filter((item) => !("engine" in settings && String(item).includes("größe")));
      const urls = await signer.presignMany(items, options);
      t.deepEqual(
        urls,
        items.map((item) => signer.presignSync(item, options).url),
      );
    });
  }
}

for (const make of [plain, mixed]) {
  test(`3 000 URLs, ${make.name}, keep their order`, async (t) => {
    const signer = signerWith({ service: "s3", credentials: SESSION_KEYS });
    const items = make(3_000);
    const urls = await signer.presignMany(items, options);
    t.is(urls.length, 3_000);
    t.deepEqual(
      urls,
      items.map((item) => signer.presignSync(item, options).url),
    );
    t.false(urls.some((_, index) => !(index in urls)));
  });
}

test("an empty list gives an empty list", async (t) => {
  const progress: number[] = [];
  t.deepEqual(await signerWith().presignMany([], { ...options, onProgress: (done) => progress.push(done) }), []);
  t.deepEqual(progress, []);
});

test("the list may be a generator, a Set, or a Map's values, and is read once", async (t) => {
  const signer = signerWith();
  const items = plain(1_200);
  const expected = await signer.presignMany(items, options);
  let read = 0;
  function* generator() {
    for (const item of items) {
      read++;
      yield item;
    }
  }
  t.deepEqual(await signer.presignMany(generator(), options), expected);
  t.is(read, 1_200);
  t.deepEqual(await signer.presignMany(new Set(items), options), expected);
  t.deepEqual(await signer.presignMany(new Map(items.entries()).values(), options), expected);
});

test("lists at once do not disturb each other", async (t) => {
  const signers = [KEYS, SESSION_KEYS].map((credentials) => signerWith({ credentials }));
  const lists = [plain(1_500), mixed(1_500), plain(700), mixed(3)];
  const all = await Promise.all(signers.flatMap((signer) => lists.map((list) => signer.presignMany(list, options))));
  t.deepEqual(
    all,
    signers.flatMap((signer) => lists.map((list) => list.map((item) => signer.presignSync(item, options).url))),
  );
});

test("all share one date, even when the clock goes on", async (t) => {
  let now = NOW;
  const signer = signerWith({ clock: () => (now += 1_000) });
  const urls = await signer.presignMany(mixed(1_300), { expiresIn: 60 });
  t.is(new Set(urls.map((url) => field(url, "X-Amz-Date"))).size, 1);
});

// ---- whose credentials

function refreshing() {
  const { state, session } = refreshingSession();
  return { state, session, signer: new Signer({ service: "s3", region: "r", credentials: session }) };
}

for (const make of [plain, mixed]) {
  test(`one triple signs all, ${make.name}, although a refresh happens on the way`, async (t) => {
    const { session, signer } = refreshing();
    const refreshes: Promise<unknown>[] = [];
    const items = make(3_000);
    const urls = await signer.presignMany(items, {
      expiresIn: 60,
      onProgress: () => refreshes.push(session.getCredentials().refresh({ force: true })),
    });
    await Promise.all(refreshes);
    t.deepEqual(new Set(urls.map(keyId)), new Set(["AKID1"]));
    t.deepEqual(new Set(urls.map((url) => field(url, "X-Amz-Security-Token"))), new Set(["token1"]));
    t.not(keyId(signer.presignSync(`https://${host}/`, { expiresIn: 60 }).url), "AKID1");
    const credentials = { accessKeyId: "AKID1", secretAccessKey: "secret 1", sessionToken: "token1" };
    const alone = new Signer({ service: "s3", region: "r", credentials });
    const signingDate = new Date(NOW);
    t.deepEqual(
      urls,
      items.map((item) => alone.presignSync(item, { expiresIn: 60, signingDate }).url),
    );
    session.close();
  });
}

test("a list goes on with its triple when that expires or its session is closed on the way", async (t) => {
  for (const end of ["expire", "close"]) {
    const { state, session, signer } = refreshing();
    const urls = await signer.presignMany(mixed(3_000), {
      expiresIn: 60,
      onProgress: () => {
        if (end === "close") session.close();
        else state.now += 7_200_000;
      },
    });
    t.deepEqual(new Set(urls.map(keyId)), new Set(["AKID1"]));
    session.close();
  }
});

test("a list waits for credentials, and minValidity refreshes them first", async (t) => {
  const { state, session, signer } = refreshing();
  t.deepEqual((await signer.presignMany(plain(3), { expiresIn: 60 })).map(keyId), ["AKID1", "AKID1", "AKID1"]);
  state.now += 1_000_000;
  t.deepEqual((await signer.presignMany(plain(1), { expiresIn: 60 })).map(keyId), ["AKID1"]);
  t.deepEqual((await signer.presignMany(plain(2), { expiresIn: 60, minValidity: 3_000 })).map(keyId), [
    "AKID2",
    "AKID2",
  ]);
  session.close();
});

test("lists leave the signer and its credentials as they were", async (t) => {
  const signer = signerWith({ credentials: SESSION_KEYS });
  const before = signer.presignSync(`https://${host}/`, options);
  for (let round = 0; round < 50; round++) await signer.presignMany(mixed(20), options);
  await t.throwsAsync(signer.presignMany(["bad"], options));
  t.deepEqual(signer.presignSync(`https://${host}/`, options), before);
});

// ---- progress

for (const [make, length] of [
  [plain, 3_000],
  [mixed, 3_000],
  [plain, 1],
  [mixed, 499],
  [plain, 1_234],
] as const) {
  test(`progress grows to ${length} and is told nothing beside, ${make.name}`, async (t) => {
    const progress: number[] = [];
    await signerWith().presignMany(make(length), { ...options, onProgress: (done) => progress.push(done) });
    t.is(progress.at(-1), length);
    t.deepEqual(
      progress,
      [...new Set(progress)].sort((one, two) => one - two),
    );
    t.is(progress.length, Math.ceil(length / 500));
  });
}

test("what onProgress throws ends the list", async (t) => {
  const failure = new Error("mine");
  for (const length of [10, 3_000]) {
    const onProgress = () => {
      throw failure;
    };
    t.is(await t.throwsAsync(signerWith().presignMany(plain(length), { ...options, onProgress })), failure);
  }
});

test("the event loop turns between batches, whatever they are made of", async (t) => {
  const requests = plain(3_000).map((url) => ({ method: "PUT", url }));
  for (const items of [plain(3_000), mixed(3_000), requests]) {
    let turns = 0;
    let timer = setImmediate(function count() {
      turns++;
      timer = setImmediate(count);
    });
    await signerWith().presignMany(items, options);
    clearImmediate(timer);
    t.true(turns >= 2, `${turns} turns`);
  }
});

// ---- abort

test("a signal that is aborted already ends the list before anything is asked", async (t) => {
  const reason = new Error("enough");
  const signer = signerWith({ credentials: () => t.fail() as never });
  const list = (function* () {
    t.fail();
    yield "";
  })();
  t.is(await t.throwsAsync(signer.presignMany(list, { ...options, signal: AbortSignal.abort(reason) })), reason);
});

for (const make of [plain, mixed, (length: number) => plain(length).map((url) => ({ method: "PUT", url }))]) {
  test(`an abort on the way rejects with its reason, and nothing is told afterwards, ${make.name || "requests"}`, async (t) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const progress: number[] = [];
    let read = 0;
    function* list() {
      for (const item of make(10_000)) {
        read++;
        yield item;
      }
    }
    const running = signerWith().presignMany(list(), {
      ...options,
      signal: controller.signal,
      onProgress: (done) => {
        progress.push(done);
        controller.abort(reason);
      },
    });
    t.is(await t.throwsAsync(running), reason);
    const told = progress.length;
    t.true(told >= 1 && told < 20, `${progress}`);
    t.true(read < 10_000);
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    t.is(progress.length, told);
  });
}

test("a signal ends the wait for credentials", async (t) => {
  const controller = new AbortController();
  const signer = signerWith({ credentials: () => new Promise(() => {}) });
  const running = signer.presignMany(plain(3), { ...options, signal: controller.signal });
  const reason = new Error("enough");
  setImmediate(() => controller.abort(reason));
  t.is(await t.throwsAsync(running), reason);
});

test("an abort after the last batch still counts", async (t) => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const running = signerWith().presignMany(plain(3), {
    ...options,
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  t.is(await t.throwsAsync(running), reason);
});

test("a list that throws while it is read rejects with its error", async (t) => {
  const failure = new Error("cursor is gone");
  for (const after of [0, 3, 1_700]) {
    const list = (function* () {
      yield* plain(after);
      throw failure;
    })();
    t.is(await t.throwsAsync(signerWith().presignMany(list, options)), failure);
  }
});

// ---- errors

const BAD: readonly (readonly [title: string, item: unknown, code: string])[] = [
  ["a relative URL", "/relative", "ERR_SIGN_URL"],
  ["an empty string", "", "ERR_SIGN_URL"],
  ["a URL with a line feed", `https://${host}/a\nhttps://${host}/b`, "ERR_SIGN_HEADER"],
  ["a URL that ends in a line feed", `https://${host}/a\n`, "ERR_SIGN_HEADER"],
  ["a URL with a tab", `https://${host}/a\tb`, "ERR_SIGN_URL"],
  ["a request with a relative URL", { method: "PUT", url: "/relative" }, "ERR_SIGN_URL"],
  ["a request without a URL", {}, "ERR_SIGN_REQUEST"],
  ["a request with a bad header", { url: `https://${host}/`, headers: { a: "b\nc" } }, "ERR_SIGN_HEADER"],
  ["a request with a stream", { url: `https://${host}/`, body: new ReadableStream() }, "ERR_SIGN_BODY"],
  ["null", null, "ERR_SIGN_REQUEST"],
  ["a number", 7, "ERR_SIGN_REQUEST"],
];

for (const [title, item, code] of BAD) {
  for (const [length, at] of [
    [1, 0],
    [20, 7],
    [3_000, 0],
    [3_000, 499],
    [3_000, 500],
    [3_000, 2_345],
    [3_000, 2_999],
  ] as const) {
    test(`${title} at ${at} of ${length} is named by its index`, async (t) => {
      for (const make of [plain, mixed]) {
        const items = make(length).with(at, item as Item);
        const error = await t.throwsAsync<SigningError>(signerWith().presignMany(items, options), {
          instanceOf: SigningError,
          code,
        });
        t.true(error.message.startsWith(`request ${at}: `), error.message);
      }
    });
  }
}

test("of several errors the first of the list is told, wherever they stand", async (t) => {
  for (const [first, others] of [
    [3, [4, 400, 2_900]],
    [1_999, [2_000, 2_001]],
    [501, [999, 1_000, 1_500, 2_000]],
  ] as const) {
    for (const [, item] of BAD) {
      const items = others.reduce<Item[]>((list, at) => list.with(at, "bad"), mixed(3_000)).with(first, item as Item);
      await t.throwsAsync(signerWith().presignMany(items, options), { message: new RegExp(`^request ${first}: `) });
    }
  }
});

test("nothing is told and nothing rejects unheard after an error", async (t) => {
  const unheard: unknown[] = [];
  const listen = (reason: unknown) => unheard.push(reason);
  process.on("unhandledRejection", listen);
  let isOver = false;
  const onProgress = () => t.false(isOver);
  const many = plain(3_000);
  for (const items of [
    many.with(10, "bad"),
    many.with(2_999, "bad"),
    many.map((url, index) => (index > 700 && index % 500 === 0 ? "bad" : url)),
  ]) {
    isOver = false;
    await t.throwsAsync(signerWith().presignMany(items, { ...options, onProgress }), { instanceOf: SigningError });
    isOver = true;
    for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
  }
  process.off("unhandledRejection", listen);
  t.deepEqual(unheard, []);
});

test("an error in a list shows no URL, for it may be a secret, and no keys", async (t) => {
  const signer = signerWith({ credentials: SESSION_KEYS });
  const secret = signer.presignSync(`https://${host}/`, options).url.replace("https://", "");
  const error = await t.throwsAsync(signer.presignMany([secret], options));
  t.notRegex(error.message, /X-Amz|AKID|example/);
});

for (const wrong of [undefined, null, 7, {}, "https://h/key"]) {
  test(`a list of ${JSON.stringify(wrong)} is refused`, async (t) => {
    const expected = { instanceOf: BRSValidationError, message: /"requests" must be an iterable, found </ };
    const error = await t.throwsAsync(signerWith().presignMany(wrong as never, options), expected);
    t.is(error.param, "requests");
    t.notRegex(error.message, /key/);
  });
}

test("an async iterable is sent to presignStream", async (t) => {
  const source = (async function* () {})();
  const expected = { instanceOf: BRSValidationError, message: /presignStream\(\) takes those/ };
  await t.throwsAsync(signerWith().presignMany(source as never, options), expected);
});
