/** Credentials that a program of the user writes: `credential_process`. */

import { BRSCredentialError, shown } from "../errors.js";
import type { ProviderFunction } from "../refresh/credential-source.js";
import { REFRESH_DEFAULTS } from "../refresh/refresh-options.js";
import { readCredentialResult } from "../strategies/credential-result.js";
import { checkSeconds, checkText, isRecord, LONGEST_TIMER_SECONDS } from "../strategies/option-checks.js";
import type { RefreshContext, TemporaryCredentials } from "../strategies/strategy.js";
import { splitCommandLine } from "./command-line.js";
import { textOf } from "./profiles.js";
import { providerOf } from "./provider.js";
import { CommandFailure, programName, runCommand } from "./run-command.js";
import { checkSourceOptions, type SourceOptions } from "./source-options.js";
import type { Found, Nothing, Surroundings } from "./surroundings.js";

export interface FromProcessOptions extends Omit<SourceOptions, "region"> {
  /** The command; default: `credential_process` of the profile. */
  command?: string;
  /** Seconds until the program is killed; default 30. */
  timeout?: number;
}

/**
 * A provider function of the credentials that a program writes to stdout, as AWS's `credential_process` does:
 * `{ "Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken"?, "Expiration"?, "AccountId"? }`.
 *
 * The program is started anew at each call, without a shell: the command is split into words as `sh` (on Windows: as a C
 * program) would read it, and nothing in it is expanded. Its variables are `env`. It is killed when its time is up or when
 * the signal of the call aborts.
 *
 * @returns a function that rejects with BRSCredentialError (code ERR_CREDENTIAL_PROCESS) when the program fails or answers
 * something else, and with BRSConfigurationError when there is no command
 * @example
 * ```ts
 * import { fromProcess } from "aws-refresh-session/sources";
 *
 * const provider = fromProcess({ command: "/usr/local/bin/vend-credentials --role reports" });
 * ```
 */
export function fromProcess(options: FromProcessOptions = {}): ProviderFunction {
  checkSourceOptions(options, ["command", "timeout"], ["region"]);
  const { command, timeout } = options;
  if (command !== undefined) {
    checkText("command", command, { expected: "a program and its arguments", secret: true });
    splitCommandLine(command, { param: "command" });
  }
  if (timeout !== undefined) checkSeconds("timeout", timeout, { above: true, max: LONGEST_TIMER_SECONDS });
  const provider = providerOf(options, (place) => {
    if (command !== undefined) return processFound(place, { command, whose: "command", timeout });
    place.assertProfile();
    return findProcess(place, place.profile.name, timeout);
  });
  // So that whoever refreshes by it does not give up before the program is.
  if (timeout === undefined) return provider;
  return Object.assign(provider, { refreshTimeout: REFRESH_DEFAULTS.refreshTimeout + timeout });
}

/** Looks for `credential_process` in a profile. */
export function findProcess(place: Surroundings, name: string, timeout?: number): Found | Nothing {
  const section = place.section(name);
  const command = textOf(section, name, "credential_process");
  if (command === undefined) return `profile "${name}" has no credential_process`;
  const accountId = textOf(section, name, "aws_account_id");
  return processFound(place, { command, whose: `credential_process of profile "${name}"`, timeout, accountId });
}

interface Command {
  readonly command: string;
  /** The subject of errors. */
  readonly whose: string;
  readonly timeout: number | undefined;
  /** Where the program does not tell it. */
  readonly accountId?: string | undefined;
}

function processFound(place: Surroundings, { command, whose, timeout, accountId }: Command): Found {
  const words = splitCommandLine(command, { param: whose });
  return {
    said: `${whose} (${shown(programName(words))})`,
    fetch: async (context) => {
      const stdout = await run(words, whose, { ...context, env: place.env, timeout });
      const credentials = readAnswer(stdout, whose, place.clock());
      return accountId ? { accountId, ...credentials } : credentials;
    },
  };
}

type Running = RefreshContext & { readonly env: Surroundings["env"]; readonly timeout: number | undefined };

async function run(words: readonly string[], whose: string, running: Running): Promise<string> {
  try {
    return (await runCommand(words, running)).stdout;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const { message, reason, details, retryable } = error;
    throw failure(`${whose}: ${message}`, { reason, ...details }, retryable);
  }
}

const NAMES = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"] as const;

/** Nothing of an answer is quoted: the wrong place may hold the secret. */
function readAnswer(stdout: string, whose: string, now: number): TemporaryCredentials {
  const answer = parse(stdout);
  if (!isRecord(answer))
    throw failure(
      `${whose} wrote no JSON object to stdout; it has to print { "Version": 1, "AccessKeyId": "...", "SecretAccessKey": "..." }`,
    );
  if (answer.Version !== 1) {
    const found = typeof answer.Version === "number" ? answer.Version : typeof answer.Version;
    throw failure(`${whose} answered with Version ${found}, but only the number 1 is known`);
  }
  const missing = NAMES.slice(0, 2).filter((name) => answer[name] === undefined);
  if (missing.length > 0) throw failure(`${whose} answered without ${missing.join(" and ")}`, { missing });
  const given = Object.fromEntries(NAMES.map((name) => [name, answer[name]]));
  return readCredentialResult(given, { source: whose, complete: false, now });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(message: string, details: Record<string, unknown> = {}, retryable = true): BRSCredentialError {
  return new BRSCredentialError(message, { code: "ERR_CREDENTIAL_PROCESS", details, retryable });
}
