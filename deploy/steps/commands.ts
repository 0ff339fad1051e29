/** The programs that a deployment runs: really, or only printed (`--dry-run`). The steps are the same code for both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Command {
  program: string;
  args: readonly string[];
  /** Added to the environment. Only the names are ever printed. */
  env?: Record<string, string>;
  /** The standard input, and its name. Only the name is ever printed. */
  input?: { name: string; text: string };
  /** True if the user sees the output while it runs. */
  shown?: boolean;
  /** The output from these words on is hidden. */
  shownUntil?: string;
  /** In a session of its own, a closed terminal does not end it: Terraform would lose track of its resources. */
  outlivesTerminal?: boolean;
  /** The answer in a dry run: that of a project where nothing was set up yet. */
  assume: string;
}

/** A request that no command makes. */
export interface Request {
  url: string;
  /** The body of a POST; undefined: a GET. */
  body?: object;
  accessToken: string;
  /** For a user's own token, where the API asks for it: https://docs.cloud.google.com/docs/quotas/set-quota-project */
  quotaProject?: string;
  assume: unknown;
}

export interface Commands {
  /** In a dry run nothing is asked, changed or waited for. */
  readonly isDry: boolean;
  /** @returns the standard output @throws {CommandError} */
  run(command: Command): Promise<string>;
  /** @returns the answer's JSON @throws {CommandError} */
  request(request: Request): Promise<unknown>;
}

/** A command that ended with an error. The message is its output. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly command: string;
  readonly code: number | undefined;

  /** @param code undefined: the program does not exist, or it was killed */
  constructor(command: string, code: number | undefined, output: string, cause?: unknown) {
    super(output.trim(), { cause });
    this.command = command;
    this.code = code;
  }
}

/** True if the output of a program names this HTTP status. A project or a bucket may be called `photos-404`. */
export function namesStatus(text: string, status: number): boolean {
  return new RegExp(`(?<![\\w./#-])${status}(?![\\w-])`).test(text);
}

/** The user has pressed Ctrl-C, or the machine shuts down. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Stops both programs from asking, and from advertising the next step. */
const AUTOMATIC = {
  CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
  TF_IN_AUTOMATION: '1',
  CHECKPOINT_DISABLE: '1',
};

/** Ctrl-C reaches this process twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 1_000;

export class RealCommands implements Commands {
  readonly isDry = false;
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #show: (text: string) => void;
  readonly #running = new Map<ChildProcess, Command>();
  readonly #stopping = new AbortController();
  #stoppedAt = Number.NEGATIVE_INFINITY;

  /** @param root the project's folder @param show receives the output of a command while it runs */
  constructor(root: string, env: NodeJS.ProcessEnv, show: (text: string) => void) {
    this.#root = root;
    this.#env = env;
    this.#show = show;
  }

  /** Aborted as soon as the user stops the run. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  run(command: Command): Promise<string> {
    if (this.stopping.aborted) throw new Stopped();
    const { program, args, env, input, shown = false, shownUntil } = command;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: this.#root,
        env: { ...this.#env, ...AUTOMATIC, ...env },
        detached: command.outlivesTerminal === true,
      });
      this.#running.set(child, command);
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const end = shownUntil === undefined ? -1 : (stdout + text).indexOf(shownUntil);
        if (shown) this.#show(end < 0 ? text : text.slice(0, Math.max(0, end - stdout.length)));
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      // A program that ends without reading: its exit code says why.
      child.stdin.on('error', () => undefined).end(input?.text ?? '');
      child.on('error', (cause) => {
        this.#running.delete(child);
        reject(new CommandError(asText(command), undefined, cause.message, cause));
      });
      child.on('close', (code) => {
        this.#running.delete(child);
        if (this.stopping.aborted) reject(new Stopped());
        else if (code === 0) resolve(stdout);
        else {
          // Terraform prints plans to standard output, and their words may look like errors.
          const said = shown || stderr.trim() !== '' ? stderr : stdout;
          // Some commands of Terraform colour their errors even in a file.
          const plain = stripVTControlCharacters(said);
          reject(new CommandError(asText(command), code ?? undefined, plain));
        }
      });
    });
  }

  async request({ url, body, accessToken, quotaProject }: Request): Promise<unknown> {
    const method = body ? 'POST' : 'GET';
    const command = `${method} ${url}`;
    const response = await fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${accessToken}`,
        ...(body && { 'Content-Type': 'application/json' }),
        ...(quotaProject !== undefined && { 'X-Goog-User-Project': quotaProject }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: this.stopping,
    }).catch((cause: unknown) => {
      if (this.stopping.aborted) throw new Stopped();
      throw new CommandError(command, undefined, `${url} cannot be reached.`, cause);
    });
    const text = await response.text();
    if (!response.ok) throw new CommandError(command, response.status, text);
    return JSON.parse(text);
  }

  /**
   * Lets running commands end, and starts no more. Terraform then records what it has made; a second Ctrl-C ends it at once.
   * Ctrl-C reaches our session by itself; any other signal is passed on.
   */
  stop(signal: NodeJS.Signals): void {
    const isSame = performance.now() - this.#stoppedAt < SAME_SIGNAL_MS;
    const isAgain = this.stopping.aborted && signal === 'SIGHUP';
    if (isSame || isAgain) return;
    this.#stoppedAt = performance.now();
    this.#stopping.abort();
    for (const [child, { outlivesTerminal }] of this.#running) {
      if (signal !== 'SIGINT') child.kill('SIGTERM');
      else if (outlivesTerminal) child.kill('SIGINT');
    }
  }
}

export class PrintedCommands implements Commands {
  readonly isDry = true;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  async run(command: Command): Promise<string> {
    this.#print(`$ ${asText(command)}`);
    return command.assume;
  }

  async request({ url, body, assume }: Request): Promise<unknown> {
    this.#print(body ? `$ POST ${url} ${JSON.stringify(body)}` : `$ GET ${url}`);
    return assume;
  }
}

/** As a user would type it in the project's folder, without secrets. */
function asText({ program, args, env = {}, input }: Command): string {
  const settings = Object.keys(env).map((name) => `${name}=… `);
  const line = `${settings.join('')}${[program, ...args].map(quoted).join(' ')}`;
  return input === undefined ? line : `${line} < ${input.name}`;
}

/** A word quoted for a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-][\w@%+=:,./#-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
