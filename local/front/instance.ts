/** One instance of a service: a process with its own port. An ended instance is never started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { NODE_OPTIONS } from '../base/units.ts';

/**
 * After SIGTERM, an instance has this time until SIGKILL:
 * https://cloud.google.com/run/docs/container-contract#instance-shutdown
 */
const GRACE_MS = 10_000;

/** Reports the port on which the process listens, and ends the process with its parent. */
const PRELOAD = new URL('../base/unit.ts', import.meta.url);

export interface Program {
  /** Arguments for Node: the program and its arguments. */
  command: readonly string[];
  environment: Record<string, string>;
  /** Addresses of further modules, which Node loads first. */
  preload?: readonly URL[];
  /** Called with each message of the process, except the report of its port. */
  onMessage?: (message: unknown) => void;
  /** The target of its log; by default stdout. */
  logsTo?: 'stdout' | 'stderr';
}

export class Instance {
  /** Number of running requests. */
  requests = 0;
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  readonly #ready = Promise.withResolvers<number>();
  readonly #exit = Promise.withResolvers<string>();
  #portHeard: number | undefined;
  #isFrozen = false;
  #waker: ChildProcess | undefined;
  #hasEnded = false;
  #isStopping = false;

  constructor(program: Program, graceMs = GRACE_MS) {
    const { command, environment, preload = [], onMessage, logsTo = 'stdout' } = program;
    this.#graceMs = graceMs;
    // Otherwise Genkit would open a port for its developer UI. A unit runs as deployed, and the UI has its own process
    // (local/dev/).
    const deployed = { ...process.env, PORT: '0', GENKIT_ENV: undefined };
    const imports = [...preload, PRELOAD].flatMap((module) => ['--import', module.href]);
    this.#child = spawn(process.execPath, [...NODE_OPTIONS, ...imports, ...command], {
      env: { ...deployed, ...environment, NODE_ENV: 'production' },
      stdio: ['ignore', logsTo === 'stdout' ? 1 : 2, 2, 'ipc'],
    });
    this.#ready.promise.catch(() => undefined);
    this.#child.on('message', (message) => {
      const { listening } = message as { listening?: number };
      if (listening === undefined) return onMessage?.(message);
      this.#portHeard ??= listening;
      this.#ready.resolve(listening);
    });
    this.#child.once('exit', (code, signal) => {
      const how = String(signal ?? code);
      this.#hasEnded = true;
      this.#waker?.stdin?.end();
      this.#ready.reject(new Error(`The process ended (${how}) before it listened.`));
      this.#exit.resolve(how);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Undefined until the process listens. */
  get port(): number | undefined {
    return this.#portHeard;
  }

  get isStarting(): boolean {
    return this.#portHeard === undefined && !this.#hasEnded && !this.#isStopping;
  }

  /** True if the instance may get requests. */
  get isServing(): boolean {
    return this.#portHeard !== undefined && !this.#hasEnded && !this.#isStopping;
  }

  get isOver(): boolean {
    return this.#hasEnded;
  }

  /** True if the front has ended the instance, false after a crash. */
  get isEndedByFront(): boolean {
    return this.#isStopping;
  }

  /** Resolves to the port. Rejects if the process ends before it listens. */
  listening(): Promise<number> {
    return this.#ready.promise;
  }

  /** Resolves to the signal or the exit code with which the process ended. */
  ended(): Promise<string> {
    return this.#exit.promise;
  }

  send(message: object): void {
    this.#child.send(message, () => undefined);
  }

  /** Takes the CPU away. Connections stay open, but the process cannot answer. */
  freeze(): void {
    this.#waker ??= startWaker(this.#child.pid ?? 0);
    // biome-ignore lint/plugin: the strict mode of tests alone does this, and not on Windows (modes.ts)
    this.#isFrozen = this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    // biome-ignore lint/plugin: only what was stopped
    if (this.#isFrozen) this.#child.kill('SIGCONT');
    this.#isFrozen = false;
  }

  /** Sends SIGTERM, and SIGKILL after the grace period if the process still runs. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#hasEnded) return;
    this.#child.kill('SIGTERM');
    this.thaw();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), this.#graceMs);
    await this.#exit.promise;
    clearTimeout(force);
  }

  /** Kills the process without a warning. */
  vanish(): void {
    this.#isStopping = true;
    this.#child.kill('SIGKILL');
  }
}

/**
 * Wakes a stopped process when this process is gone, even if it was killed. A stopped process would not
 * notice and would stay for ever. When it wakes, it ends by itself. The waker has its own process group,
 * so that signals of the terminal do not reach it.
 */
function startWaker(pid: number): ChildProcess {
  // biome-ignore lint/plugin: where a process can be stopped, there is sh
  const waker = spawn('sh', ['-c', 'read -r _; kill -CONT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  waker.on('error', () => undefined);
  waker.unref();
  (waker.stdin as Socket | null)?.unref();
  return waker;
}
