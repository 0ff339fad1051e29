/**
 * A service of Cloud Run: starts and ends its instances, and decides which instance gets the next
 * request.
 */
import { backoff } from '@media-analysis/shared/retry';
import { toStderr } from '../base/to-stderr.ts';
import type { ServiceSettings } from './deployed.ts';
import { Instance, type Program } from './instance.ts';
import type { Conduct } from './modes.ts';
import { Refusal } from './refusal.ts';

/**
 * A request waits this long if no instance has a free slot and no further instance may start:
 * https://cloud.google.com/run/docs/about-instance-autoscaling#exceeding-max-instances While an instance is starting, requests
 * wait without this limit.
 */
const PENDING_MS = 10_000;

/** Delay after a failed start. It grows, as the platform backs off from a container that crashes. */
const RESTARTING = { initialDelayMs: 50, maxDelayMs: 5_000 };
/** A process that lived this long was healthy, so its crash does not delay the next start. */
const HEALTHY_MS = 10_000;

export interface ServiceOptions {
  /** For messages. */
  name: string;
  program: Program;
  settings: ServiceSettings;
  conduct: Conduct;
  /** How long a request waits if no instance is starting, in milliseconds. */
  pendingMs?: number;
  /** Time from SIGTERM to SIGKILL, in milliseconds. */
  graceMs?: number;
  /** Makes an instance; by default a process that starts when it is needed. */
  launch?: () => Instance;
  /** Called with a line when an instance ended by itself. By default the line goes to stderr. */
  report?: ((line: string) => void) | undefined;
}

/** The right to send one request to an instance. */
export interface Slot {
  instance: Instance;
  port: number;
  /** Call this once, when the request has ended. */
  release(): void;
}

interface Waiter {
  resolve(slot: Slot): void;
  reject(refusal: Refusal): void;
  timer: NodeJS.Timeout;
}

export class Service {
  readonly name: string;
  readonly settings: ServiceSettings;
  readonly #options: ServiceOptions;
  /** Instances that start, serve or end. The one that was idle longest comes first. */
  #instances: Instance[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #idle = new Map<Instance, NodeJS.Timeout>();
  /** Number of short lives in a row. */
  #failures = 0;
  /** Number of starts in a row that ended before the process listened. */
  #failedStarts = 0;
  #retrying: NodeJS.Timeout | undefined;
  #endedIdle = 0;
  #isClosed = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.name = options.name;
    this.settings = options.settings;
    this.#startWhatIsNeeded();
  }

  /** Id of the busiest process. */
  get pid(): number | undefined {
    return this.#busiest()?.pid;
  }

  get pids(): number[] {
    return this.#instances.flatMap(({ pid }) => pid ?? []);
  }

  /** Number of requests that wait for a slot. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * The port of an instance, to call it without the front. Waits for an instance, and starts one if there
   * is none.
   */
  async listening(): Promise<number> {
    for (;;) {
      if (this.#instances.length === 0 && this.#retrying === undefined) this.#start();
      const port = await this.#busiest()
        ?.listening()
        .catch(() => undefined);
      if (port !== undefined) return port;
      await new Promise((resolve) => setTimeout(resolve, RESTARTING.initialDelayMs));
    }
  }

  /**
   * Waits for a free slot. Starts a further instance if that is allowed.
   * @param signal ends the wait; its reason is a `Refusal`
   * @throws {Refusal} 429 if all allowed instances are full, 503 if none starts
   */
  acquire(signal: AbortSignal): Promise<Slot> {
    if (this.#isClosed) return Promise.reject(new Refusal(503));
    if (signal.aborted) return Promise.reject(signal.reason);
    const free = this.#findFree();
    if (free && this.#waiters.size === 0) return Promise.resolve(this.#take(free));
    const { pendingMs = PENDING_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(waiter.timer);
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', giveUp);
      };
      const waiter: Waiter = {
        resolve: (slot) => {
          leave();
          resolve(slot);
        },
        reject: (refusal) => {
          leave();
          reject(refusal);
        },
        timer: setTimeout(() => {
          if (this.#isStarting) waiter.timer.refresh();
          else waiter.reject(this.#refusal());
        }, pendingMs),
      };
      const giveUp = () => waiter.reject(signal.reason as Refusal);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.add(waiter);
      this.#startWhatIsNeeded();
    });
  }

  /**
   * Replaces all instances by a new one, for a program that has changed. The old ones finish their requests.
   * @returns true if the new instance listens; otherwise its process has said why and has ended
   */
  async restart(): Promise<boolean> {
    clearTimeout(this.#retrying);
    this.#retrying = undefined;
    this.#failures = 0;
    this.#failedStarts = 0;
    for (const instance of this.#instances) void instance.stop();
    return this.#start()
      .listening()
      .then(
        () => true,
        () => false,
      );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retrying);
    for (const timer of this.#idle.values()) clearTimeout(timer);
    for (const waiter of this.#waiters) waiter.reject(new Refusal(503));
    await Promise.all(this.#instances.map((instance) => instance.stop()));
  }

  /** True if an instance is starting, and the last start did not fail. */
  get #isStarting(): boolean {
    return this.#failedStarts === 0 && this.#instances.some((instance) => instance.isStarting);
  }

  #refusal(): Refusal {
    return new Refusal(this.#instances.some(({ isServing }) => isServing) ? 429 : 503);
  }

  #busiest(): Instance | undefined {
    const there = this.#instances.filter(({ isServing }) => isServing);
    return [...there].sort((a, b) => b.requests - a.requests)[0] ?? this.#instances[0];
  }

  #findFree(): Instance | undefined {
    const { concurrency } = this.settings;
    return this.#instances.find(({ isServing, requests }) => isServing && requests < concurrency);
  }

  #take(instance: Instance): Slot {
    clearTimeout(this.#idle.get(instance));
    this.#idle.delete(instance);
    instance.requests++;
    if (this.#options.conduct.spreads) this.#moveToEnd(instance);
    instance.thaw();
    return { instance, port: instance.port ?? 0, release: () => this.#release(instance) };
  }

  #release(instance: Instance): void {
    instance.requests--;
    this.#serveWaiters();
    if (instance.requests === 0) this.#becomeIdle(instance);
  }

  #moveToEnd(instance: Instance): void {
    this.#instances = [...this.#instances.filter((each) => each !== instance), instance];
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const free = this.#findFree();
      if (!free) break;
      waiter.resolve(this.#take(free));
    }
    this.#startWhatIsNeeded();
  }

  /** The instance has no requests: it freezes now, and ends some time later. */
  #becomeIdle(instance: Instance): void {
    if (!instance.isServing || this.#isClosed) return;
    const { freezes, idleMs } = this.#options.conduct;
    if (freezes) instance.freeze();
    const timer = setTimeout(() => this.#endIdle(instance), idleMs);
    timer.unref();
    this.#idle.set(instance, timer);
  }

  #endIdle(instance: Instance): void {
    const serving = this.#instances.filter(({ isServing }) => isServing).length;
    if (serving <= this.settings.minInstances) return;
    this.#endedIdle++;
    if (this.#options.conduct.vanishes && this.#endedIdle % 2 === 0) instance.vanish();
    else void instance.stop();
  }

  /** Starts the permanent instances, and one for every `concurrency` waiting requests. */
  #startWhatIsNeeded(): void {
    if (this.#isClosed || this.#retrying !== undefined) return;
    const { concurrency, minInstances, maxInstances } = this.settings;
    const coming = this.#instances.filter(({ isStarting }) => isStarting).length;
    const serving = this.#instances.filter(({ isServing }) => isServing).length;
    const forWaiting = Math.ceil(this.#waiters.size / concurrency);
    const wanted = Math.max(forWaiting, minInstances - serving);
    const allowed = maxInstances - serving;
    for (let count = coming; count < Math.min(wanted, allowed); count++) this.#start();
  }

  #start(): Instance {
    const { program, graceMs, name, report = toStderr } = this.#options;
    const { launch = () => new Instance(program, graceMs) } = this.#options;
    const started = performance.now();
    const instance = launch();
    this.#instances.push(instance);
    instance.listening().then(
      () => {
        this.#failedStarts = 0;
        this.#serveWaiters();
        if (instance.requests === 0) this.#becomeIdle(instance);
      },
      () => {
        if (!instance.isEndedByFront) this.#failedStarts++;
      },
    );
    instance.ended().then(
      (how) => {
        this.#instances = this.#instances.filter((each) => each !== instance);
        clearTimeout(this.#idle.get(instance));
        this.#idle.delete(instance);
        if (this.#isClosed) return;
        if (instance.isEndedByFront) return this.#startWhatIsNeeded();
        report(`${name} ended (${how})${this.#isNeeded ? '; starting it again' : ''}`);
        this.#startLater(performance.now() - started);
      },
      () => undefined,
    );
    return instance;
  }

  /** True if an instance must always be there, or a request waits for one. */
  get #isNeeded(): boolean {
    return this.settings.minInstances > 0 || this.#waiters.size > 0;
  }

  #startLater(livedMs: number): void {
    this.#failures = livedMs > HEALTHY_MS ? 0 : this.#failures + 1;
    const delay = backoff(this.#failures, RESTARTING);
    this.#retrying ??= setTimeout(() => {
      this.#retrying = undefined;
      this.#startWhatIsNeeded();
    }, delay);
  }
}
