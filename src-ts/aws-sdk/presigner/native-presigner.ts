/** Presigns commands of an S3 client: from templates that were learned of the client, or else through the client itself. */
import { BRSValidationError, masked } from "../../errors.js";
import { checkNames } from "../../signing/option-names.js";
import { checkWatching } from "../../signing/presign-many.js";
import type { SdkCredentials, SdkIdentity, SdkPresigningOptions } from "../sdk-types.js";
import { type Signatory, signatoryOf, tripleOf } from "../signatory.js";
import { signingMillis } from "../signing-date.js";
import { requestOf } from "./client-request.js";
import { ClientSetting, pinned, readSetting, type SettingReading, type SettingValues } from "./client-setting.js";
import { observed } from "./endpoint-rules.js";
import { InputShape, shapeOf } from "./input-shape.js";
import { holdsKnownOnly } from "./middleware-stack.js";
import { hoistingOf, lifetimeOf, OPTION_NAMES } from "./options.js";
import { type ListSigner, MANY_NAMES, type PresignCommandsOptions, presignCommands } from "./presign-commands.js";
import type { ClientParts, CommandParts, PresigningClient, PresigningCommand } from "./sdk-client.js";
import { signRequest } from "./sign-request.js";
import { type Scope, type SigningMoment, signFilled } from "./template-signature.js";
import { canBeTold, type FilledTemplate, UrlTemplate } from "./url-template.js";

/** Null for a shape that only the client can tell the request of. */
type Learned = UrlTemplate | null;

/** Configurations whose templates are kept: enough for a client whose region follows what it is asked for. */
const MAX_SETTINGS = 8;
/** Templates of one configuration: one for each command class, bucket and set of members. */
const MAX_TEMPLATES = 500;

/** What a client has said about itself. */
interface ClientWord {
  readonly reading: SettingReading;
  readonly signatory: Signatory;
}

/** What something is learned under, and where it is kept. */
interface Lesson extends ClientWord {
  readonly setting: ClientSetting<Learned>;
  readonly key: string;
  readonly moment: SigningMoment;
}

const NO_OPTIONS: SdkPresigningOptions = {};

/**
 * Presigns commands of an AWS SDK client for S3: the URLs of `getSignedUrl` of `@aws-sdk/s3-request-presigner`, byte for byte.
 *
 * The first URL of each command class, bucket and set of members is made by the client's own middleware; the next ones are
 * made from what was learned of it, which takes microseconds. What cannot be told from members alone (a body, a key of SSE-C,
 * directory buckets, multi-region access points, middlewares of the user) is always made by the client. The
 * configuration is read and the credentials are asked for in each call, so functions in the place of values, and refreshed
 * credentials, count at once. Made by {@link nativePresigner}; may be shared, and keeps at most 4000 templates.
 */
export class NativePresigner {
  readonly #client: ClientParts;
  #settings: ClientSetting<Learned>[] = [];

  /** @internal */
  constructor(client: PresigningClient) {
    this.#client = client as ClientParts;
  }

  /**
   * The presigned URL of a command; a secret until it expires. The command stays as it is.
   *
   * @throws SigningError for an `expiresIn` that is not 1 to 604 800 whole seconds; BRSValidationError for unknown options; whatever
   * the client throws for this command, and whatever its providers reject with
   */
  async presign(command: PresigningCommand, options: SdkPresigningOptions = NO_OPTIONS): Promise<string> {
    if (options !== NO_OPTIONS) checkNames(options, "presign", OPTION_NAMES);
    const parts = partsOf(command);
    const expiresIn = lifetimeOf(options);
    const { config } = this.#client;
    const hoisting = hoistingOf(options);
    if (hoisting === undefined) return this.#throughClient(parts, options);
    const reading = await readSetting(config);
    const signatory = await signatoryOf(config.credentials as SdkCredentials);
    // From here to the signature nothing is awaited, unless the client has to be asked.
    const setting = this.#settingFor(reading.values);
    const template = templateFor(setting, parts, hoisting);
    if (template === null) return this.#throughClient(parts, options);
    const triple = tripleOf(signatory);
    const moment = { triple, millis: signingMillis(options.signingDate, triple.now), expiresIn };
    if (typeof template === "string") {
      const lesson = setting.lessons.get(template);
      if (lesson === undefined)
        return this.#learn(parts, options, { setting, reading, key: template, signatory, moment });
      // Of many calls at once the first one learns for all.
      await lesson;
      // Where nothing came of it they do not wait for each other's failures one by one.
      return setting.learned.has(template) ? this.presign(command, options) : this.#throughClient(parts, options);
    }
    const scope = scopeOf(template, options);
    const filled = scope === undefined ? undefined : filledOf(template, parts);
    if (scope === undefined || filled === undefined) return this.#throughClient(parts, options);
    return signFilled(template, filled, scope, moment);
  }

  /**
   * The presigned URLs of many commands, in their order, with one reading of the configuration, one set of credentials and one
   * date. GET requests are signed off the main thread when there are more than a few hundred.
   *
   * @throws as {@link presign}, for the first command that fails; the signal's reason
   */
  async presignMany(
    commands: Iterable<PresigningCommand>,
    options: PresignCommandsOptions = NO_OPTIONS,
  ): Promise<string[]> {
    checkNames(options, "presignMany", MANY_NAMES);
    const { signal, onProgress, ...signing } = options;
    checkWatching(options);
    const expiresIn = lifetimeOf(signing);
    const { config } = this.#client;
    const hoisting = hoistingOf(signing);
    const reading = await readSetting(config);
    const found = await signatoryOf(config.credentials as SdkCredentials);
    // Whoever rotates the keys in place changes nothing in this list.
    const { identity } = found;
    const signatory = identity === undefined ? found : { ...found, identity: keysOf(identity) };
    const setting = this.#settingFor(reading.values);
    const millis = signingMillis(signing.signingDate, tripleOf(signatory).now);
    const momentNow = (): SigningMoment => ({ triple: tripleOf(signatory), millis, expiresIn });
    const dated = { ...signing, signingDate: new Date(millis) };
    const signer: ListSigner = {
      momentNow,
      prepare: (command) => {
        const parts = partsOf(command);
        const template = hoisting === undefined ? null : templateFor(setting, parts, hoisting);
        if (typeof template === "string") {
          const lesson = { setting, reading, key: template, signatory, moment: momentNow() };
          return () => this.#learn(parts, dated, lesson);
        }
        const scope = template === null ? undefined : scopeOf(template, signing);
        const filled = template === null || scope === undefined ? undefined : filledOf(template, parts);
        if (template === null || scope === undefined || filled === undefined) {
          return () => this.#throughClient(parts, dated, { reading, signatory });
        }
        return { template, scope, filled };
      },
    };
    return presignCommands(commands, { signal, onProgress }, signer);
  }

  /** Makes the request through the client and signs it, by what the client says then, or by what it has said before. */
  async #throughClient(command: CommandParts, options: SdkPresigningOptions, said?: ClientWord): Promise<string> {
    const { config } = this.#client;
    const made = await requestOf(this.#client, command, said === undefined ? config : pinned(config, said.reading));
    const credentials = said === undefined ? (config.credentials as SdkCredentials) : frozen(said.signatory);
    return signRequest(made, options, config, credentials);
  }

  /** Makes one URL through the client and keeps what the next ones of its shape can be made from. */
  #learn(command: CommandParts, options: SdkPresigningOptions, lesson: Lesson): Promise<string> {
    const { key, setting } = lesson;
    const url = this.#learnNow(command, options, lesson);
    const end = () => void setting.lessons.delete(key);
    setting.lessons.set(key, url.then(end, end));
    return url;
  }

  async #learnNow(command: CommandParts, options: SdkPresigningOptions, lesson: Lesson): Promise<string> {
    const { setting, reading, key, signatory, moment } = lesson;
    const { millis, expiresIn } = moment;
    const { config } = this.#client;
    const input = { ...command.input };
    const rules = observed(pinned(config, reading));
    // In a list a middleware may have come in between: then nothing is kept.
    const isCurrent = setting.isOf(reading.values, this.#client.middlewareStack);
    const made = await requestOf(this.#client, command, rules.config);
    const url = await signRequest(made, { ...options, signingDate: new Date(millis) }, config, frozen(signatory));
    if (!isCurrent) return url;
    const template = rules.goesByBucketAlone() ? UrlTemplate.learn(made, input, options) : undefined;
    const scope = template === undefined ? undefined : scopeOf(template, options);
    const filled = template?.fill(input);
    const isRight =
      template !== undefined &&
      scope !== undefined &&
      filled !== undefined &&
      signFilled(template, filled, scope, { triple: tripleOf(signatory), millis, expiresIn }) === url;
    if (setting.learned.size >= MAX_TEMPLATES) setting.learned.delete(setting.learned.keys().next().value as string);
    setting.learned.set(key, isRight ? template : null);
    return url;
  }

  /** What was learned under these values and the middlewares of now; the newest setting comes first. */
  #settingFor(values: SettingValues): ClientSetting<Learned> {
    const { config, middlewareStack } = this.#client;
    const newest = this.#settings[0];
    if (newest?.isOf(values, middlewareStack) === true) return newest;
    const isCurrent = (setting: ClientSetting<Learned>) => setting.isOf(values, middlewareStack);
    const setting = this.#settings.find(isCurrent) ?? new ClientSetting<Learned>(values, config, middlewareStack);
    this.#settings = [setting, ...this.#settings.filter((other) => other !== setting)].slice(0, MAX_SETTINGS);
    return setting;
  }
}

/**
 * A presigner for an S3 client of the AWS SDK for JavaScript v3; it makes the URLs of `getSignedUrl` in a hundredth of the time.
 *
 * @example
 * ```ts
 * import { nativePresigner } from "aws-refresh-session/aws-sdk";
 * import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
 *
 * const presigner = nativePresigner(new S3Client({ region: "eu-west-1" }));
 *
 * export const link = (Key: string) =>
 *   presigner.presign(new GetObjectCommand({ Bucket: "photos", Key }), { expiresIn: 3600 });
 * export const links = (keys: string[]) =>
 *   presigner.presignMany(keys.map((Key) => new GetObjectCommand({ Bucket: "photos", Key })), { expiresIn: 3600 });
 * ```
 */
export function nativePresigner(client: PresigningClient): NativePresigner {
  const { config, middlewareStack } = Object(client) as Partial<PresigningClient>;
  if (typeof config === "object" && config !== null && typeof middlewareStack?.clone === "function") {
    return new NativePresigner(client);
  }
  throw new BRSValidationError(
    `"client" must be a client of the AWS SDK for JavaScript v3, such as an S3Client, found ${masked(client)}`,
    { param: "client" },
  );
}

/** What signing goes by, at this moment: the keys may be accessors, which a spread leaves out. */
const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }: SdkIdentity): SdkIdentity => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
});

/** The credentials that were read, for a signer that asks for them. */
const frozen = ({ identity, credentials }: Signatory) => (identity === undefined ? credentials : async () => identity);

/** Numbers of command classes; undefined for one that decides by itself what becomes of its inputs. */
const classes = new WeakMap<object, number | undefined>();
let classCount = 0;

function numberOf(commandClass: object & { readonly prototype?: object }): number | undefined {
  if (!classes.has(commandClass))
    classes.set(commandClass, isOverriding(commandClass.prototype) ? undefined : ++classCount);
  return classes.get(commandClass);
}

/** Whether a class resolves its middlewares in another way than the SDK's, which has one implementation in the chain. */
function isOverriding(prototype: object | undefined): boolean {
  let count = 0;
  for (let each: object | null = prototype ?? null; each !== null; each = Object.getPrototypeOf(each)) {
    if (Object.hasOwn(each, "resolveMiddleware")) count++;
  }
  return count !== 1;
}

/** The template for a command; where it is to be kept when it is not learned yet; null when the client has to be asked. */
function templateFor(setting: ClientSetting<Learned>, command: CommandParts, hoisting: string): Learned | string {
  if (!setting.isPlain || !holdsKnownOnly(command.middlewareStack)) return null;
  if (Object.hasOwn(command, "resolveMiddleware")) return null;
  const { input } = command;
  const { recent } = setting;
  if (recent?.commandClass === command.constructor && recent.hoisting === hoisting && recent.shape.isOf(input)) {
    return recent.learned;
  }
  const shape = shapeOf(input);
  if (shape === undefined) return null;
  const commandClass = command.constructor;
  const id = numberOf(commandClass);
  if (id === undefined) return null;
  const key = `${id}${hoisting}${shape}`;
  const learned = setting.learned.get(key);
  // An input that needs the client for its values says nothing about others of its shape.
  if (learned === undefined) return canBeTold(input) ? key : null;
  setting.recent = { commandClass, hoisting, shape: new InputShape(input), learned };
  return learned;
}

/** The scope of a signature; undefined for one that the native signer is asked for through the client. */
function scopeOf(template: UrlTemplate, { signingRegion, signingService }: SdkPresigningOptions): Scope | undefined {
  if (signingRegion === undefined && signingService === undefined) return template;
  const region = signingRegion ?? template.region;
  const service = signingService ?? template.service;
  const isName = (name: unknown) => typeof name === "string" && /^[\w-]+$/.test(name);
  return isName(region) && isName(service) ? { region, service } : undefined;
}

function filledOf(template: UrlTemplate, { input }: CommandParts): FilledTemplate | undefined {
  try {
    return template.fill(input);
  } catch {
    // Half of a surrogate pair: the client says what it thinks of it.
    return undefined;
  }
}

function partsOf(command: PresigningCommand): CommandParts {
  const { input, middlewareStack, resolveMiddleware } = Object(command) as Partial<PresigningCommand>;
  if (typeof input === "object" && middlewareStack !== undefined && typeof resolveMiddleware === "function") {
    return command as unknown as CommandParts;
  }
  throw new BRSValidationError(
    `"command" must be a command of the AWS SDK, such as new GetObjectCommand({ ... }), found ${masked(command)}`,
    { param: "command" },
  );
}
