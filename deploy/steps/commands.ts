/** The programs that a deployment runs: really, or only printed (`--dry-run`). The steps are the same code for both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Command {
  program: string;
  args: readonly string[];
  /** Added to the environment. Only the names are ever printed. */
  env?: Record<string, string>;
  /** What it reads on its standard input, and how that is called. Only the name is ever printed. */
  input?: { name: string; text: string };
  /** Whether the person sees what it says while it runs. */
  shown?: boolean;
  /** From these words on it is not shown. */
  shownUntil?: string;
  /** In a session of its own, a closed terminal does not end it: Terraform would lose what it has made. */
  outlivesTerminal?: boolean;
  /** What a dry run takes for its answer: that of a project where nothing was set up yet. */
  assume: string;
}

/** A request that no command makes. */
export interface Request {
  url: string;
  /** What is posted; absent: a GET. */
  body?: object;
  accessToken: string;
  /** The project that a person's own token is counted for, where the API asks: https://docs.cloud.google.com/docs/quotas/set-quota-project */
  quotaProject?: string;
  assume: unknown;
}

export interface Commands {
  /** A dry run: nothing is asked, changed or waited for. */
  readonly isDry: boolean;
  /** @returns Its standard output. @throws {CommandError} */
  run(command: Command): Promise<string>;
  /** @returns The answer's JSON. @throws {CommandError} */
  request(request: Request): Promise<unknown>;
}

/** A command that ended with an error. The message is what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly command: string;
  readonly code: number | undefined;

  /** @param code Undefined: the program is not there, or it was killed. */
  constructor(command: string, code: number | undefined, output: string, cause?: unknown) {
    super(output.trim(), { cause });
    this.command = command;
    this.code = code;
  }
}

/** Whether what a program said names this status of HTTP. A project or a bucket may be called `photos-404`. */
export function namesStatus(text: string, status: number): boolean {
  return new RegExp(`(?<![\\w./#-])${status}(?![\\w-])`).test(text);
}

/** The person has pressed Ctrl-C, or the machine goes down. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Neither program asks by itself, or advertises what to do next. */
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

  /** @param root The project's folder. @param show Gets what a command says while it runs. */
  constructor(root: string, env: NodeJS.ProcessEnv, show: (text: string) => void) {
    this.#root = root;
    this.#env = env;
    this.#show = show;
  }

  /** Aborted as soon as the person stops the run. */
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
          // A plan of Terraform's, on its standard output, has words in it that look like errors.
          const said = shown || stderr.trim() !== '' ? stderr : stdout;
          // Some commands of Terraform colour their errors wherever these go.
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
   * Lets what runs come to its end, and starts nothing more. Terraform then writes down what it has made; a second Ctrl-C ends
   * it at once. Ctrl-C reaches what is in our session by itself; any other signal is passed on.
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

/** As a person would type it in the project's folder; what is secret is left out. */
function asText({ program, args, env = {}, input }: Command): string {
  const settings = Object.keys(env).map((name) => `${name}=… `);
  const line = `${settings.join('')}${[program, ...args].map(quoted).join(' ')}`;
  return input === undefined ? line : `${line} < ${input.name}`;
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-][\w@%+=:,./#-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
