/** The state that all steps share, and the handling of Google's refusals. */
import type { z } from 'zod';
import { type Command, CommandError, type Commands } from './commands.ts';
import { decideFailure, type Place } from './failures.ts';
import type { Options } from './options.ts';
import type { Terminal } from './terminal.ts';

export interface Deployment {
  options: Options;
  commands: Commands;
  terminal: Terminal;
  env: NodeJS.ProcessEnv;
  /** The project's folder. */
  root: string;
  sleep(ms: number): Promise<void>;
  /** Becomes complete in the first steps. */
  place: Place;
  /** The advice if this run breaks off now; by default the same command again. */
  goOn?: string;
  /** The last token, and when it was given. */
  token?: { text: string; since: number };
}

/** The message says why the deployment cannot go on, and the remedy lists the commands for it. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly remedy: readonly string[];

  constructor(message: string, remedy: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** Prints a title and the result. A step that is already done says so itself. */
export async function step<T>(
  { terminal }: Deployment,
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  terminal.say(`\n${title}`);
  return work();
}

export function tell({ terminal }: Deployment, text: string): void {
  for (const line of text.trimEnd().split('\n')) terminal.say(`  ${line}`.trimEnd());
}

/** Seconds between tries: about six minutes in all. Google's own documentation says "a few minutes" for most. */
const WAITS_S = [10, 20, 40, 60, 90, 120];

/**
 * Repeats work as long as Google refuses it for a temporary reason.
 * @throws {DeployError} for a lasting reason, with its remedy @throws {CommandError} for an unknown one
 */
export async function retryTemporary<T>(
  deployment: Deployment,
  work: () => Promise<T>,
): Promise<T> {
  for (const seconds of [...WAITS_S, undefined]) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const failure = decideFailure(error.message, deployment.place);
      if (failure?.kind === 'stop') {
        throw new DeployError(failure.what, failure.remedy, { cause: error });
      }
      if (!failure || seconds === undefined) throw error;
      tell(deployment, `${failure.why} Trying again in ${seconds} s.`);
      await deployment.sleep(seconds * 1_000);
    }
  }
  throw new Error('unreachable');
}

type GcloudOptions = Omit<Command, 'program' | 'args'> & { anyProject?: boolean };

/** Runs gcloud in the project, without questions. */
export function gcloud(
  { commands, options }: Deployment,
  args: readonly string[],
  { anyProject = false, ...rest }: GcloudOptions,
): Promise<string> {
  const project = anyProject ? [] : [`--project=${options.project}`];
  return commands.run({ program: 'gcloud', args: [...args, ...project, '--quiet'], ...rest });
}

/**
 * @param answer the standard output of that command
 * @throws {DeployError} if it is not the expected JSON: a wrapper of the program may write its warnings there
 */
export function readAnswer<T>(command: string, schema: z.ZodType<T>, answer: string): T {
  try {
    return schema.parse(JSON.parse(answer));
  } catch (cause) {
    throw new DeployError(
      `"${command}" has not answered with the JSON that was asked for: ${(cause as Error).message}`,
      [`${command}   shows its answer, in which nothing else may stand`],
      { cause },
    );
  }
}

/** An apply takes up to half an hour. */
const TOKEN_LIFE_MS = 10 * 60_000;

/**
 * A token of the user who is signed in, which works for at least 45 minutes. It is passed in the environment, where no list of
 * processes shows it. `gcloud auth print-access-token` gives the same one as long as it has five minutes left: Terraform cannot
 * get another one, and would end in the middle, unable to write its state.
 */
export async function accessToken(deployment: Deployment): Promise<string> {
  const known = deployment.token;
  if (known && performance.now() - known.since < TOKEN_LIFE_MS) return known.text;
  const args = ['config', 'config-helper', '--min-expiry=55m'];
  const format = '--format=value(credential.access_token)';
  const answer = await gcloud(deployment, [...args, format], {
    anyProject: true,
    assume: 'TOKEN',
  });
  deployment.token = { text: answer.trim(), since: performance.now() };
  return deployment.token.text;
}

/** Google's messages about a token that is invalid or has expired. */
const REFUSED_TOKEN = /Error 401|UNAUTHENTICATED|Invalid Credentials/;

/**
 * An apply of more than 45 minutes may outlive its token.
 * @returns true if that is why the command failed, and gcloud has another token
 */
export async function renewToken(
  deployment: Deployment,
  { message }: CommandError,
): Promise<boolean> {
  const { token } = deployment;
  if (!token || !REFUSED_TOKEN.test(message)) return false;
  delete deployment.token;
  return (await retryTemporary(deployment, () => accessToken(deployment))) !== token.text;
}

/** The address of one of Google's APIs; gcloud's own variable may name another one. */
export function apiUrl({ env }: Deployment, api: string): string {
  const override = env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`];
  return (override ?? `https://${api}.googleapis.com/`).replace(/\/+$/, '');
}
