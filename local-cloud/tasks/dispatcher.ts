/** Dispatches the tasks of one queue: as soon as they are due and as fast as the queue allows. */
import { status } from '@grpc/grpc-js';
import { beginAttempt, decideRetry, type PushResult } from './attempt.ts';
import type { Authorizer } from './authorization.ts';
import { nextShare, throttled } from './congestion.ts';
import { dispatchHeaders } from './headers.ts';
import type { Queue, Task } from './model.ts';
import type { Pusher } from './push.ts';
import type { Store } from './store.ts';
import { TokenBucket } from './token-bucket.ts';

/** The longest time for `setTimeout`; a task may be scheduled 30 days ahead. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Delay before a failed write is repeated when the disk is full. */
const DISK_RETRY_MS = 1_000;

export interface DispatcherDeps {
  store: Store;
  pusher: Pick<Pusher, 'push'>;
  authorize: Authorizer;
  /** Milliseconds. */
  now: () => number;
  /** How long the name of an ended task stays reserved. */
  tombstoneMs: number;
}

export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #bucket: TokenBucket;
  #queue: Queue;
  /** The part of the queue's rate that it may use while its target is overloaded; see congestion.ts. */
  #share = 1;
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(queue: Queue, deps: DispatcherDeps) {
    this.#deps = deps;
    this.#queue = queue;
    const { maxDispatchesPerSecond, maxBurstSize } = queue.rateLimits;
    this.#bucket = new TokenBucket(maxDispatchesPerSecond, maxBurstSize, deps.now());
  }

  /** Continues with the queue's new settings or state. */
  update(queue: Queue): void {
    this.#queue = queue;
    this.#setRate(this.#share);
    this.kick();
  }

  /**
   * Dispatches all tasks that may go now and sets a timer for the next one. Called after every event that
   * can make a task ready, so there is no polling.
   */
  kick(): void {
    clearTimeout(this.#timer);
    const { store, now } = this.#deps;
    while (this.#mayDispatch()) {
      const next = store.next(this.#queue.name);
      if (!next) return;
      const waitMs = Math.max(next.scheduleUs / 1e3 - now(), this.#bucket.waitMs(now()));
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.kick(), Math.min(Math.ceil(waitMs), MAX_TIMER_MS));
        return;
      }
      const task = store.taskById(next.id);
      if (!task) return;
      try {
        this.#begin(task);
      } catch (error) {
        this.#complain(error);
        this.#timer = setTimeout(() => this.kick(), DISK_RETRY_MS);
        return;
      }
      this.#bucket.take();
    }
  }

  /**
   * Dispatches a task at once, ignoring its schedule and the queue's limits and state.
   * @returns the task at the start of the attempt
   */
  run(task: Task): Task {
    return this.#begin(task, this.#nowUs());
  }

  /**
   * Starts no more attempts. The results of running ones are dropped, and their tasks are dispatched
   * again after a restart.
   */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #mayDispatch(): boolean {
    const { state, rateLimits } = this.#queue;
    return (
      !this.#closed && state === 'RUNNING' && this.#inFlight < rateLimits.maxConcurrentDispatches
    );
  }

  #begin(task: Task, retryFromUs?: number): Task {
    const progress = beginAttempt(task, this.#nowUs());
    this.#deps.store.attemptBegan(task.id, progress);
    this.#inFlight++;
    void this.#push(task).then((result) => {
      this.#inFlight--;
      this.#finish(task.id, result, retryFromUs);
    });
    return { ...task, progress };
  }

  async #push(task: Task): Promise<PushResult> {
    const { pusher, authorize } = this.#deps;
    const { url, method, authorization, deadlineMs } = task.request;
    try {
      const token = authorization && (await authorize(authorization));
      const headers = dispatchHeaders(task, token);
      return await pusher.push({ url, method, headers, body: task.body, deadlineMs });
    } catch (error) {
      // If a request cannot even be built, the attempt fails; the process goes on.
      const message = `INTERNAL(13): ${String(error)}`;
      return { kind: 'no_response', status: { code: status.INTERNAL, message } };
    }
  }

  #finish(taskId: number, result: PushResult, retryFromUs: number | undefined): void {
    if (this.#closed) return;
    const httpStatus = result.kind === 'response' ? result.httpStatus : undefined;
    this.#setRate(nextShare(this.#share, httpStatus, this.#queue.rateLimits));

    try {
      this.#record(taskId, result, retryFromUs);
    } catch (error) {
      this.#complain(error);
      setTimeout(() => this.#finish(taskId, result, retryFromUs), DISK_RETRY_MS).unref();
    }
    this.kick();
  }

  #record(taskId: number, result: PushResult, retryFromUs: number | undefined): void {
    const { store, tombstoneMs } = this.#deps;
    const nowUs = this.#nowUs();
    const task = store.taskById(taskId);
    // The task was deleted, purged or finished by another attempt meanwhile, so there is nothing to
    // decide.
    if (!task) return;
    const { retryConfig } = this.#queue;
    const decision = decideRetry(task, result, retryConfig, nowUs, retryFromUs ?? nowUs);
    if (decision.kind === 'end') store.endTask(task, nowUs, nowUs + tombstoneMs * 1e3);
    else store.attemptFailed(task.id, decision.progress, decision.scheduleUs);
  }

  #complain(error: unknown): void {
    console.error(
      `Cloud Tasks: ${this.#queue.name} could not write a result and will try again:`,
      error,
    );
  }

  #setRate(share: number): void {
    this.#share = share;
    const { rate, burst } = throttled(this.#queue.rateLimits, share);
    this.#bucket.configure(rate, burst, this.#deps.now());
  }

  #nowUs(): number {
    return Math.round(this.#deps.now() * 1e3);
  }
}
