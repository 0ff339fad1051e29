/** One instance of a service: a process that listens on a port of its own, and ends once and for all. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { NODE_OPTIONS } from '../units.ts';

/**
 * SIGTERM, and SIGKILL for what is still there 10 s later:
 * https://cloud.google.com/run/docs/container-contract#instance-shutdown
 */
const GRACE_MS = 10_000;

/** Tells where the process listens, and ends it with its parent. */
const PRELOAD = fileURLToPath(new URL('../unit.ts', import.meta.url));

export interface Program {
  /** What Node runs, with its arguments. */
  command: readonly string[];
  environment: Record<string, string>;
}

export class Instance {
  /** Requests that are under way. */
  requests = 0;
  private readonly child: ChildProcess;
  private readonly graceMs: number;
  private readonly ready = Promise.withResolvers<number>();
  private readonly exit = Promise.withResolvers<string>();
  private portHeard: number | undefined;
  private isFrozen = false;
  private waker: ChildProcess | undefined;
  private hasEnded = false;
  private wasToldToEnd = false;

  constructor({ command, environment }: Program, graceMs = GRACE_MS) {
    this.graceMs = graceMs;
    this.child = spawn(process.execPath, [...NODE_OPTIONS, '--import', PRELOAD, ...command], {
      env: { ...process.env, PORT: '0', ...environment, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.ready.promise.catch(() => undefined);
    this.child.on('message', (message) => {
      const { listening } = message as { listening?: number };
      if (listening === undefined) return;
      this.portHeard = listening;
      this.ready.resolve(listening);
    });
    this.child.once('exit', (code, signal) => {
      const how = String(signal ?? code);
      this.hasEnded = true;
      this.waker?.stdin?.end();
      this.ready.reject(new Error(`The process ended (${how}) before it listened.`));
      this.exit.resolve(how);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The port, once it listens. */
  get port(): number | undefined {
    return this.portHeard;
  }

  get isStarting(): boolean {
    return this.portHeard === undefined && !this.hasEnded && !this.wasToldToEnd;
  }

  /** Whether it may be sent requests. */
  get isServing(): boolean {
    return this.portHeard !== undefined && !this.hasEnded && !this.wasToldToEnd;
  }

  /** Whether its end is our doing. */
  get isTakenAway(): boolean {
    return this.wasToldToEnd;
  }

  /** Resolves to the port; rejects if the process ends before it listens. */
  listening(): Promise<number> {
    return this.ready.promise;
  }

  /** Resolves to the signal or the exit code by which it ended. */
  ended(): Promise<string> {
    return this.exit.promise;
  }

  /** Takes its CPU away. Its connections stay open, and nobody answers on them. */
  freeze(): void {
    this.waker ??= startWaker(this.child.pid ?? 0);
    this.isFrozen = this.child.kill('SIGSTOP');
  }

  thaw(): void {
    if (this.isFrozen) this.child.kill('SIGCONT');
    this.isFrozen = false;
  }

  /** SIGTERM, and SIGKILL for what is still there after the grace period. */
  async stop(): Promise<void> {
    this.wasToldToEnd = true;
    if (this.hasEnded) return;
    this.child.kill('SIGTERM');
    this.thaw();
    const force = setTimeout(() => this.child.kill('SIGKILL'), this.graceMs);
    await this.exit.promise;
    clearTimeout(force);
  }

  /** Takes it away without a word. */
  vanish(): void {
    this.wasToldToEnd = true;
    this.child.kill('SIGKILL');
  }
}

/**
 * Wakes a stopped process once we are gone, however that was: it would not see it, and stay for ever. Awake, it ends by
 * itself. A group of its own keeps the waker from what a terminal sends to ours.
 */
function startWaker(pid: number): ChildProcess {
  const waker = spawn('sh', ['-c', 'read -r _; kill -CONT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  waker.on('error', () => undefined);
  waker.unref();
  (waker.stdin as Socket | null)?.unref();
  return waker;
}
