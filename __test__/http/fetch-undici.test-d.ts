/** Signed fetch and the interceptor fit the types of the platform, of ky and of undici: compiled by tsc, never run. */
import { HttpSigner, type UndiciInterceptor, type UndiciSigningOptions } from "aws-refresh-session/http";
import ky, { type Options } from "ky";
import { Agent, Client, type Dispatcher, interceptors, Pool, RetryAgent, request, fetch as undiciFetch } from "undici";

const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
const signer = new HttpSigner({ service: "execute-api", region: "us-east-1", credentials, bufferLimit: 1 });

// ---- fetch is the platform's, in all its forms
const ours: typeof fetch = signer.fetch;
signer.fetch satisfies typeof globalThis.fetch;
ours("https://a") satisfies Promise<Response>;
signer.fetch(new URL("https://a"), { method: "POST", body: new FormData(), signal: AbortSignal.timeout(1) });
signer.fetch(new Request("https://a"), { redirect: "manual", keepalive: true, duplex: "half" });
// @ts-expect-error a URL is needed
signer.fetch();
// @ts-expect-error fetch takes no service
signer.fetch("https://a", { service: "s3" });

// ---- ky takes it
ky.create({ fetch: signer.fetch, retry: 2 });
({ fetch: signer.fetch }) satisfies Options;

// ---- undici takes the interceptor, alone and among its own
const interceptor: Dispatcher.DispatcherComposeInterceptor = signer.undici();
signer.undici() satisfies UndiciInterceptor;
const agent: Dispatcher = new Agent().compose(signer.undici());
new Pool("https://a").compose(signer.undici({ origins: ["https://a"] }));
new Client("https://a").compose([signer.undici({ origins: [new URL("https://a")] }), interceptors.redirect()]);
new RetryAgent(new Agent()).compose(interceptor, interceptors.retry(), interceptors.dns(), interceptors.cache());
request("https://a", { dispatcher: agent });
undiciFetch("https://a", { dispatcher: agent });
({ origins: "any" }) satisfies UndiciSigningOptions;
// @ts-expect-error one origin is a list of one
signer.undici({ origins: "https://a" });
// @ts-expect-error it is called origins
signer.undici({ origin: "https://a" });
// @ts-expect-error a signer is not the interceptor
new Agent().compose(signer.undici);
