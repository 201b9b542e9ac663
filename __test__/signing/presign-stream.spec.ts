/** Tests of streams of presigned URLs: equal to single ones, in order, bounded ahead, ended early, and refreshed on the way. */
import { Readable } from "node:stream";
import test from "ava";
import { BRSError, BRSValidationError, type ListItem, Signer, SigningError } from "aws-refresh-session/signing";
import { BatchReader } from "../../dist/signing/presigning/batch-reader.js";
import { AT, DATE, field, NOW, SESSION_KEYS, signerWith } from "./examples.js";
import { refreshingSession } from "./refreshing-session.js";

const host = "bucket.s3.amazonaws.com";
const options = { expiresIn: 900, ...AT };
const newSigner = () => signerWith({ service: "s3", credentials: SESSION_KEYS });
const urlAt = (index: number) => `https://${host}/object/${index}`;
const plain = (length: number) => Array.from({ length }, (_, index) => urlAt(index));

const mixed = (length: number): ListItem[] =>
  plain(length).map((url, index) => {
    if (index % 3 === 1) return { method: "PUT", url, headers: { "x-a": index } };
    return index % 7 === 3 ? new URL(url) : url;
  });

async function collect(urls: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const url of urls) all.push(url);
  return all;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Items with a pause after each so many. */
async function* slow(items: Iterable<ListItem>, each: number) {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % each === 0) await turn();
  }
}

/** The same without ever waiting. */
async function* fast(items: Iterable<ListItem>) {
  yield* items;
}

for (const length of [0, 1, 49, 50, 499, 500, 501, 3_000]) {
  test(`${length} items give what presignSync gives, in order, from every kind of source`, async (t) => {
    const signer = newSigner();
    for (const items of [plain(length), mixed(length)]) {
      const expected = items.map((item) => signer.presignSync(item, options).url);
      const sources = {
        array: items,
        generator: (function* () {
          yield* items;
        })(),
        set: new Set(items),
        fast: fast(items),
        slow: slow(items, 7),
        readable: Readable.from(items),
      };
      for (const [name, source] of Object.entries(sources)) {
        t.deepEqual(await collect(signer.presignStream(source, options)), expected, name);
      }
    }
  });
}

test("the second engine and SigV4a stream as well", async (t) => {
  for (const settings of [{ engine: "aws-sigv4" }, { algorithm: "sigv4a", region: "*" }] as const) {
    const signer = signerWith({ service: "s3", ...settings });
    const items = mixed(60);
    t.deepEqual(
      await collect(signer.presignStream(items, options)),
      items.map((item) => signer.presignSync(item, options).url),
    );
  }
});

test("keys below a base are streamed", async (t) => {
  const signer = newSigner();
  const urls = signer.presignStream(fast(["a b", "ü/c"]), { ...options, base: `https://${host}/` });
  t.deepEqual(
    (await collect(urls)).map((url) => url.split("?")[0]),
    [`https://${host}/a%20b`, `https://${host}/%C3%BC/c`],
  );
});

// ---- what is read ahead

test("a source is read a bounded way ahead of the consumer", async (t) => {
  for (const isAsync of [true, false]) {
    let read = 0;
    function* endless() {
      for (;;) yield urlAt(read++);
    }
    const urls = newSigner().presignStream(isAsync ? fast(endless()) : endless(), options);
    let taken = 0;
    for await (const _ of urls) {
      taken++;
      if (taken % 1_000 === 0) for (let turns = 0; turns < 5; turns++) await turn();
      t.true(read - taken <= 3_500, `${read} read, ${taken} taken`);
      if (taken === 20_000) break;
    }
  }
});

test("nothing is read before the first URL is asked for", async (t) => {
  const urls = newSigner().presignStream(
    (function* (): Generator<string> {
      t.fail();
      yield urlAt(0);
    })(),
    options,
  );
  await turn();
  await urls.return();
  t.pass();
});

test("URLs come out although the source makes wait", async (t) => {
  const waits: (() => void)[] = [];
  async function* source() {
    for (let index = 0; ; index++) {
      yield urlAt(index);
      await new Promise<void>((resume) => waits.push(resume));
    }
  }
  const urls = newSigner().presignStream(source(), options);
  for (let index = 0; index < 5; index++) {
    const { value } = await urls.next();
    t.true(String(value).startsWith(`${urlAt(index)}?`));
    while (waits.length === 0) await turn();
    waits.pop()?.();
  }
  const last = urls.return();
  await turn();
  for (const resume of waits) resume();
  await last;
});

// ---- its end

test("leaving the loop closes the source and ends the reading", async (t) => {
  for (const isAsync of [true, false]) {
    let read = 0;
    let isClosed = false;
    function* source() {
      try {
        for (;;) yield urlAt(read++);
      } finally {
        isClosed = true;
      }
    }
    for await (const url of newSigner().presignStream(isAsync ? fast(source()) : source(), options)) {
      t.is(url.split("?")[0], urlAt(0));
      break;
    }
    t.true(isClosed);
    const after = read;
    for (let turns = 0; turns < 20; turns++) await turn();
    t.is(read, after);
  }
});

test("a signal ends the stream at once, while it hands out, waits for the source or for credentials", async (t) => {
  const reason = new Error("enough");
  const never = new Promise<never>(() => {});
  const controller = () => {
    const made = new AbortController();
    return { signal: made.signal, abort: () => made.abort(reason) };
  };

  const handing = controller();
  let taken = 0;
  const error = await t.throwsAsync(async () => {
    for await (const _ of newSigner().presignStream(plain(5_000), { ...options, signal: handing.signal })) {
      if (++taken === 100) handing.abort();
    }
  });
  t.is(error, reason);
  t.is(taken, 100);

  const waiting = controller();
  async function* stuck() {
    yield urlAt(0);
    await never;
  }
  const urls = newSigner().presignStream(stuck(), { ...options, signal: waiting.signal });
  t.false((await urls.next()).done);
  setImmediate(waiting.abort);
  t.is(await t.throwsAsync(urls.next()), reason);
  t.true((await urls.next()).done);

  const credentials = controller();
  const signer = signerWith({ credentials: () => never });
  setImmediate(credentials.abort);
  t.is(
    await t.throwsAsync(collect(signer.presignStream(plain(3), { ...options, signal: credentials.signal }))),
    reason,
  );

  const before = AbortSignal.abort(reason);
  const untouched = newSigner().presignStream(fast(plain(3)), { ...options, signal: before });
  t.is(await t.throwsAsync(untouched.next()), reason);
});

test("leaving the loop while credentials are awaited ends the wait", async (t) => {
  let calls = 0;
  const provider = () => {
    calls++;
    return calls === 1
      ? Promise.resolve({ ...SESSION_KEYS, expiration: new Date(Date.now() + 3_600_000) })
      : new Promise<never>(() => {});
  };
  const signer = signerWith({ credentials: provider });
  const many = plain(3_000);
  const urls = signer.presignStream(many, { expiresIn: 60 });
  t.false((await urls.next()).done);
  t.deepEqual(await urls.return(), { done: true, value: undefined });
});

test("listeners of a signal do not grow with the stream", async (t) => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, given);
  };
  let most = 0;
  for await (const _ of newSigner().presignStream(slow(plain(3_000), 10), { ...options, signal })) {
    most = Math.max(most, listeners);
  }
  t.true(most <= 12, `${most} listeners`);
  t.is(listeners, 0);
});

test("what a source gives after its stream has ended is not signed", async (t) => {
  let give = () => {};
  async function* source() {
    await new Promise<void>((resolve) => {
      give = resolve;
    });
    yield urlAt(0);
  }
  const reader = new BatchReader(source(), (item) => item as string);
  const reading = reader.next();
  await turn();
  await reader.close();
  give();
  t.is(await reading, undefined);
  t.is(await reader.next(), undefined);
  t.true(reader.isDone);
});

// ---- progress and errors

test("progress tells how many URLs are done, in order, before they are handed out", async (t) => {
  for (const source of [plain(1_234), slow(plain(1_234), 9)]) {
    const progress: number[] = [];
    let taken = 0;
    const onProgress = (done: number) => {
      progress.push(done);
      t.true(done > taken);
    };
    for await (const _ of newSigner().presignStream(source, { ...options, onProgress })) taken++;
    t.is(progress.at(-1), 1_234);
    t.deepEqual(
      progress,
      [...new Set(progress)].sort((one, two) => one - two),
    );
  }
});

test("what onProgress throws ends the stream", async (t) => {
  const failure = new Error("mine");
  const onProgress = () => {
    throw failure;
  };
  t.is(await t.throwsAsync(collect(newSigner().presignStream(plain(3), { ...options, onProgress }))), failure);
});

for (const at of [0, 1, 49, 51, 499, 500, 1_777, 2_999]) {
  test(`a bad item at ${at} is named by its index, after the URLs before it`, async (t) => {
    for (const bad of ["/relative", { url: "/relative" }, `https://${host}/a\nhttps://${host}/b`, null]) {
      const items = plain(3_000).with(at, bad as never);
      for (const source of [items, fast(items), slow(items, 11)]) {
        const urls: string[] = [];
        const error = await t.throwsAsync<SigningError>(
          async () => {
            for await (const url of newSigner().presignStream(source, options)) urls.push(url);
          },
          { instanceOf: SigningError },
        );
        t.true(error?.message.startsWith(`request ${at}: `), error?.message);
        t.is(urls.length, at);
      }
    }
  });
}

test("what the source throws comes after the URLs of all it gave", async (t) => {
  const failure = new Error("cursor is gone");
  for (const length of [0, 1, 500, 1_700]) {
    function* source() {
      yield* plain(length);
      throw failure;
    }
    for (const each of [source(), fast(source()), slow(source(), 13)]) {
      const urls: string[] = [];
      const error = await t.throwsAsync(async () => {
        for await (const url of newSigner().presignStream(each, options)) urls.push(url);
      });
      t.is(error, failure);
      t.is(urls.length, length);
    }
  }
});

test("wrong arguments are refused at once", (t) => {
  const signer = newSigner();
  for (const wrong of [undefined, null, 7, {}, `https://${host}/`]) {
    t.throws(() => signer.presignStream(wrong as never, options), { instanceOf: BRSValidationError });
  }
  t.throws(() => signer.presignStream([], { expiresIn: 0 }), { instanceOf: SigningError });
  t.throws(() => signer.presignStream([], undefined as never), { instanceOf: SigningError });
  t.throws(() => signer.presignStream([], { ...options, minValidity: -1 }), { instanceOf: BRSValidationError });
  t.throws(() => signer.presignStream([], { ...options, base: "bucket" }), { instanceOf: SigningError });
});

// ---- whose credentials

function refreshing(lifetime = 3_600) {
  const { state, session } = refreshingSession(lifetime);
  return { state, session, signer: new Signer({ service: "s3", region: "r", credentials: session }) };
}

const keyId = (url: string) => field(url, "X-Amz-Credential").split("%2F")[0] ?? "";

test("a stream outlives its credentials: each batch has those and the date that are current as it begins", async (t) => {
  const { state, session, signer } = refreshing();
  const begin = NOW;
  async function* source() {
    for (let batch = 0; batch < 4; batch++) {
      yield* plain(500);
      // All that was read is signed before the clock goes on.
      for (let turns = 0; turns < 50; turns++) await turn();
      await new Promise((resolve) => setTimeout(resolve, 20));
      state.now += 3_600_000;
    }
  }
  const urls = await collect(signer.presignStream(source(), { expiresIn: 60 }));
  t.is(urls.length, 2_000);
  for (let batch = 0; batch < 4; batch++) {
    const some = urls.slice(batch * 500, (batch + 1) * 500);
    t.deepEqual(new Set(some.map(keyId)), new Set([`AKID${batch + 1}`]));
    const date = new Date(begin + batch * 3_600_000).toISOString().replace(/[-:]|\.\d+/g, "");
    t.deepEqual(new Set(some.map((url) => field(url, "X-Amz-Date"))), new Set([date]));
  }
  session.close();
});

test("minValidity refreshes before the batch that needs it", async (t) => {
  const { state, session, signer } = refreshing();
  const urls = signer.presignStream(fast(plain(20_000)), { expiresIn: 60, minValidity: 3_000 });
  t.is(keyId((await urls.next()).value as string), "AKID1");
  state.now += 700_000;
  let last = "";
  for await (const url of urls) last = url;
  t.is(keyId(last), "AKID2");
  t.is(state.round, 2);
  session.close();
});

test("credentials that cannot live for minValidity end the stream after what is signed", async (t) => {
  const { session, signer } = refreshing(100);
  const error = await t.throwsAsync<BRSError>(
    collect(signer.presignStream(plain(3), { expiresIn: 60, minValidity: 3_000 })),
    { instanceOf: BRSError },
  );
  t.is(error?.param, "minValidity");
  session.close();
});

test("a signing date that is given holds for the whole stream", async (t) => {
  const { state, session, signer } = refreshing();
  const urls = await collect(
    signer.presignStream(plain(2_000), {
      expiresIn: 60,
      signingDate: DATE,
      onProgress: () => {
        state.now += 1_000;
      },
    }),
  );
  t.deepEqual(new Set(urls.map((url) => field(url, "X-Amz-Date"))), new Set(["20150830T123600Z"]));
  session.close();
});

test("a stream in many small batches leaves nothing behind", async (t) => {
  const { session, signer } = refreshing();
  const urls = await collect(signer.presignStream(slow(plain(2_000), 1), { expiresIn: 60 }));
  t.is(urls.length, 2_000);
  t.deepEqual(signer.presignSync(urlAt(0), { expiresIn: 60 }).url, urls[0] as string);
  session.close();
});
