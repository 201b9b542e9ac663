/** What every session does: it holds refreshable credentials and hands them to clients, signers and callers. */
import { inspect } from "node:util";
import type { CachedCallOptions } from "../clients/cache-options.js";
import type { ClientArguments, ClientClass, NamedClientConfig, SdkClient } from "../clients/sdk-client.js";
import type { SessionCache } from "../clients/session-cache.js";
import type { SessionEvents } from "../refresh/events.js";
import { REFRESH_DEFAULTS } from "../refresh/refresh-options.js";
import { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { RegisterOptions } from "../registration.js";
import { getAvailableResources } from "../resource-registry.js";
import type { Signer } from "../signing/index.js";
import { availableProfiles, chooseProfile } from "../sources/profiles.js";
import type { Identity, TemporaryCredentials } from "../strategies/strategy.js";
import { createCredentialProvider, type SessionCredentialProvider } from "./credential-provider.js";
import { FirstRefresh } from "./first-refresh.js";
import {
  type AvailableRegionsOptions,
  availablePartitions,
  availableRegions,
  availableServices,
  partitionForRegion,
} from "./information.js";
import type { MethodDefinition } from "./method-definition.js";
import { checkOptions, type EffectiveOptions } from "./options.js";
import {
  addMethod,
  availableMethods,
  buildSession,
  checkMethod,
  checkStrategy,
  methodOptions,
  type SessionStrategy,
  type StrategyFactory,
} from "./registry.js";
import { SessionClients } from "./session-clients.js";
import { SessionIdentity } from "./session-identity.js";
import { type SessionSignerOptions, sessionSigner } from "./session-signer.js";
import { sharedCell } from "./shared-cell.js";
import { untilReady, type Waiting } from "./until-ready.js";

/**
 * The base of all sessions. `new RefreshableSession(options)` returns an object of the class of its method.
 *
 * The methods of a session may be called at any time and concurrently: one refresh serves all who wait for it. After
 * `close()` they fail with code ERR_CLOSED.
 */
export class RefreshableSession {
  // Asserted, since the facade path of the constructor returns before it sets them: see there.
  readonly #options!: EffectiveOptions;
  readonly #refreshMethod!: string;
  readonly #strategy!: SessionStrategy;
  readonly #identity!: SessionIdentity;
  readonly #credentials!: RefreshableCredentials;
  readonly #provider!: SessionCredentialProvider;
  readonly #clients!: SessionClients;
  readonly #first!: FirstRefresh | undefined;
  readonly #region!: string | undefined;
  #closed = false;
  readonly #onAbort = (): void => this.close();

  constructor(options: object, definition?: MethodDefinition) {
    // Returning another object here is what makes the facade: its own fields are never set.
    // biome-ignore lint/correctness/noConstructorReturn: see above.
    if (definition === undefined) return buildSession(options) as RefreshableSession;
    this.#options = checkOptions(options, definition.names, methodOptions());
    this.#options.signal?.throwIfAborted();
    const parts = definition.open(options as Record<string, unknown>, {
      options: this.#options,
      onClockOffset: (ms) => this.#credentials.setClockOffset(ms),
      now: () => this.#credentials.now(),
    });
    this.#strategy = parts.strategy;
    this.#region = this.#options.region ?? parts.region;
    this.#refreshMethod = definition.refreshMethod ?? parts.strategy.method;
    this.#credentials = new RefreshableCredentials(this.#strategy, {
      name: this.#refreshMethod,
      ...(this.#options.advisoryTimeout !== undefined && { advisoryTimeout: this.#options.advisoryTimeout }),
      mandatoryTimeout: this.#options.mandatoryTimeout,
      refreshTimeout: this.#options.refreshTimeout ?? parts.refreshTimeout ?? REFRESH_DEFAULTS.refreshTimeout,
      refreshPolicy: this.#options.refreshPolicy,
      onMandatoryFailure: this.#options.onMandatoryFailure,
      backgroundRefresh: this.#options.backgroundRefresh,
      shared: this.#options.shared === undefined ? undefined : sharedCell(options, this.#refreshMethod, this.#options),
      clock: this.#options.clock,
    });
    this.#identity = new SessionIdentity(this.#credentials, parts, { ...this.#options, region: this.#region });
    this.#provider = createCredentialProvider(this.#credentials);
    const { profileName: profile, requestHandler, givenClock } = this.#options;
    const defaults = { credentials: this.#provider, region: this.#region, profile, requestHandler };
    this.#clients = new SessionClients(defaults, givenClock);
    this.#first = this.#options.deferRefresh ? undefined : new FirstRefresh(this.#credentials);
    this.#options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /**
   * Opens a session and resolves once its first credentials are there.
   *
   * When the first refresh fails, or `signal` aborts first, the session is closed and the promise rejects.
   */
  static create(options: object, waiting?: Waiting): Promise<RefreshableSession> {
    return untilReady(() => new this(options), waiting);
  }

  /** Names of the methods that `new RefreshableSession({ method })` knows, in alphabetical order. */
  static getAvailableMethods(): string[] {
    return availableMethods();
  }

  /**
   * Adds a method. `strategyFactory` gets all options of a session and checks those that are its own.
   *
   * @throws BRSConfigurationError when the name is taken and `replace` is not true
   */
  static register(method: string, strategyFactory: StrategyFactory, options?: RegisterOptions): void {
    checkMethod(method, strategyFactory, options);
    const definition: MethodDefinition = {
      names: { method, own: "all" },
      open: (given) => ({ strategy: checkStrategy(method, strategyFactory(Object.freeze({ ...given }))) }),
    };
    addMethod(method, (given) => new RefreshableSession(given, definition));
  }

  /** How the session gets its credentials, in boto3-refresh-session's words: "sts-assume-role", "custom". */
  get refreshMethod(): string {
    return this.#refreshMethod;
  }

  /** Whether the first refresh waits for the first use. */
  get deferRefresh(): boolean {
    return this.#options.deferRefresh;
  }

  /** Seconds; undefined where the refresh policy takes the window from the lifetime of the credentials. */
  get advisoryTimeout(): number | undefined {
    return this.#options.advisoryTimeout;
  }

  /** Seconds. */
  get mandatoryTimeout(): number {
    return this.#options.mandatoryTimeout;
  }

  /** The region given, else that of the environment at construction. */
  get region(): string | undefined {
    return this.#region;
  }

  /** The same as {@link RefreshableSession.region}, as boto3 names it. */
  get regionName(): string | undefined {
    return this.#region;
  }

  /** The profile that was given, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else "default". */
  get profileName(): string {
    return chooseProfile(this.#options).name;
  }

  /**
   * Names of the profiles in the config and the credentials file, as they are now.
   *
   * @throws BRSConfigurationError with code ERR_CONFIG_PARSE for a file that cannot be understood
   */
  get availableProfiles(): string[] {
    const { env, givenHomeDir } = this.#options;
    return availableProfiles({ env, ...(givenHomeDir !== undefined && { homeDir: givenHomeDir }) });
  }

  /**
   * With `deferRefresh: false`: settles with the first refresh; otherwise resolved. A failure that nobody looks at here is
   * no unhandled rejection.
   */
  get ready(): Promise<void> {
    return this.#first?.ready ?? Promise.resolve();
  }

  /** The provider function for AWS SDK v3 clients; the same function each time. */
  get credentials(): SessionCredentialProvider {
    return this.#provider;
  }

  /** The object that decides when to refresh, for those who want to look or to force it. */
  getCredentials(): RefreshableCredentials {
    return this.#credentials;
  }

  /**
   * The current credentials, refreshed first when that is due. A plain object to spread and pass on; `util.inspect` masks
   * it.
   */
  refreshableCredentials(options?: { signal?: AbortSignal }): Promise<TemporaryCredentials> {
    return this.#credentials.getFrozenCredentials(options);
  }

  /** "refresh", "refreshError" and "expired". */
  get events(): SessionEvents {
    return this.#credentials.events;
  }

  /**
   * A signer that signs with the current credentials of the session, whatever they are at that moment.
   *
   * @throws BRSConfigurationError when neither the options nor the session have a region
   */
  signer(options: SessionSignerOptions): Signer {
    return sessionSigner(options, this.region, this.#credentials, this.#options.givenClock);
  }

  /**
   * A client of the AWS SDK for JavaScript v3 that speaks as the session: the one that was made for this class and config
   * before, as long as the cache has it, else a new one. Ask each time instead of keeping it: that costs a microsecond, and a
   * client that had to leave the cache is destroyed as soon as nothing of it is in flight.
   *
   * Unless the config says otherwise a client has the credentials, the region, the profile and the `requestHandler` of the
   * session, signs natively, and recovers from credentials that were refused. Credentials in the config make a client that
   * speaks as them. A service may be given by name, as in "s3" for the `S3Client` of the `@aws-sdk/client-s3` that the application
   * has installed.
   *
   * @param options which of the two caches is asked ("LRU" unless given), and its size from now on
   * @throws ClientCacheError for what is no class of clients or a bad option, BRSConfigurationError for a service whose
   * package is not installed and, with code ERR_CLOSED, after `close()`; what the constructor of the class throws
   *
   * @example
   * ```ts
   * import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
   * import type { RefreshableSession } from "aws-refresh-session";
   *
   * declare const session: RefreshableSession;
   * await session.client(S3Client, { region: "eu-west-1" }).send(new ListBucketsCommand({}));
   * await session.client<S3Client>("s3").send(new ListBucketsCommand({}));
   * ```
   */
  client<Client extends SdkClient = SdkClient>(
    service: string,
    config?: NamedClientConfig<Client>,
    options?: CachedCallOptions,
  ): Client;
  // The last: the compiler tells what is wrong by this one.
  client<Class extends ClientClass>(
    target: Class,
    ...parameters: ClientArguments<Class, CachedCallOptions>
  ): InstanceType<Class>;
  client(target: ClientClass | string, config?: object, options?: CachedCallOptions): SdkClient {
    return this.#clients.client(target, config, options);
  }

  /**
   * A resource by its name: "dynamodb" for the document client of `@aws-sdk/lib-dynamodb`, or one that was added with
   * `registerResource`. Cached as clients are, in caches of its own; the clients that a resource works with are its own and
   * live as long as it does.
   *
   * The config of "dynamodb" is that of `DynamoDBClient`, and `translateConfig` as the document client takes it. What it gives
   * is a promise where the resource's factory is asynchronous.
   *
   * @throws ResourceCacheError for a name that nobody has added or a bad option, BRSConfigurationError for a package that is
   * not installed and, with code ERR_CLOSED, after `close()`; what the factory throws
   *
   * @example
   * ```ts
   * import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
   * import type { RefreshableSession } from "aws-refresh-session";
   *
   * declare const session: RefreshableSession;
   * const documents = session.resource<DynamoDBDocumentClient>("dynamodb", { region: "eu-west-1" });
   * const { Item } = await documents.send(new GetCommand({ TableName: "reports", Key: { id: 7 } }));
   * ```
   */
  resource<Resource extends object = SdkClient>(
    name: "dynamodb",
    config?: object,
    options?: CachedCallOptions,
  ): Resource;
  resource<Resource extends object = object>(name: string, config?: object, options?: CachedCallOptions): Resource;
  resource(name: string, config?: object, options?: CachedCallOptions): object {
    return this.#clients.resource(name, config, options);
  }

  /** What `client()` and `resource()` have made: look, change sizes, listen to evictions, take clients out. */
  get cache(): SessionCache {
    return this.#clients.cache;
  }

  /** Names of what `resource()` makes, in alphabetical order. */
  getAvailableResources(): string[] {
    return getAvailableResources();
  }

  /**
   * Who the session is. Where the method knows that by itself (method "custom": the name of the function), without a call;
   * otherwise as {@link RefreshableSession.getCallerIdentity}.
   */
  getIdentity(): Promise<Identity> {
    return this.#identity.identity();
  }

  /** The same as {@link RefreshableSession.getIdentity}. */
  whoami(): Promise<Identity> {
    return this.getIdentity();
  }

  /** STS GetCallerIdentity as the refreshed credentials: the assumed role, not who assumed it. */
  getCallerIdentity(options?: { signal?: AbortSignal }): Promise<Identity> {
    return this.#identity.caller(options);
  }

  /**
   * STS GetCallerIdentity as the caller of AssumeRole.
   *
   * @throws BRSConfigurationError when the method calls nobody on behalf of a source, as "custom"
   */
  sourceIdentity(): Promise<Identity> {
    return this.#identity.source();
  }

  /** Names of the partitions of AWS, the standard one first. */
  getAvailablePartitions(): string[] {
    return availablePartitions();
  }

  /**
   * The regions in which a service has endpoints, in alphabetical order; none for a service or partition that is not known.
   *
   * The facts are those of botocore's endpoint data at the time of this version. `service` is the name that botocore or the
   * AWS SDK for JavaScript gives it: "elbv2", or "elastic-load-balancing-v2" as in `@aws-sdk/client-elastic-load-balancing-v2`.
   *
   * @throws BRSValidationError for arguments of the wrong kind
   * @example
   * ```ts
   * import { CustomRefreshableSession } from "aws-refresh-session";
   *
   * declare const session: CustomRefreshableSession;
   * session.getAvailableRegions("s3", { partitionName: "aws-cn" }); // ["cn-north-1", "cn-northwest-1"]
   * ```
   */
  getAvailableRegions(service: string, options?: AvailableRegionsOptions): string[] {
    return availableRegions(service, options);
  }

  /**
   * The services whose clients of the AWS SDK for JavaScript are installed: "s3" for `@aws-sdk/client-s3`; in alphabetical order.
   *
   * They are looked for where `require` would find them from the working directory and from the script of the process: in
   * each `node_modules` up to the root, and where NODE_PATH says. None is loaded. A bundled application has none to be found.
   */
  getAvailableServices(): string[] {
    return availableServices();
  }

  /**
   * The name of the partition that a region belongs to, such as "aws" or "aws-cn".
   *
   * @throws BRSValidationError for a name that fits no partition
   */
  getPartitionForRegion(region: string): string {
    return partitionForRegion(region);
  }

  /**
   * Ends the session: aborts a refresh under way, frees sockets and credentials, destroys its clients as soon as nothing of
   * them is in flight. Calling it again does nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#credentials.close();
    this.#first?.close();
    this.#identity.close();
    this.#clients.close();
    this.#strategy.close?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  toJSON(): { method: string; region?: string; state: string } {
    const region = this.region;
    return { method: this.#refreshMethod, ...(region !== undefined && { region }), state: this.#state() };
  }

  [inspect.custom](_depth: number, options: object): string {
    return `${this.constructor.name} ${inspect(this.toJSON(), options)}`;
  }

  #state(): string {
    if (this.#closed) return "closed";
    const { expiration } = this.#credentials;
    return expiration === undefined ? "open" : `credentials until ${expiration.toISOString()}`;
  }
}
