/**
 * Simulates the pipeline as queues, without the work itself: arrivals, two queues with their limits, a
 * model with faults and a quota, and the retries within and between deliveries. All times are
 * milliseconds.
 */
import { RETRY_DEFAULTS } from '@media-analysis/shared/retry';
import { Heap } from './heap.ts';
import { mean, percentile } from './stats.ts';

export interface Simulated {
  /** When each item is accepted, in ascending order. */
  arrivals: readonly number[];
  upload: Stage;
  analyze: Stage;
  model: {
    /** Fraction of the calls that fail with a transient fault. */
    faultRate: number;
    /** Calls that the quota allows in a minute; absent: no limit. */
    callsPerMinute?: number;
  };
  /** Deliveries of one phase before an item fails. */
  maxDeliveries: number;
  /** Jitter of the backoff, 0 to 1. */
  random: () => number;
  /** One number for each call of the model, 0 to 1. Below the rate, the call fails. */
  faults: () => number;
}

interface Stage {
  atATime: number;
  dispatchesPerSecond: number;
  /** Duration of the work itself: once for an upload, for each call for an analysis. */
  workMs: () => number;
  /** Additional time of each delivery: the claim, the writes, the network. */
  overheadMs: number;
}

export interface Outcome {
  completed: number;
  failed: number;
  callsPerItem: number;
  /** Mean time from the acceptance of an item to its end. */
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  /** From the first acceptance to the last end. */
  makespanMs: number;
  /** Highest number of items that waited in one of the queues. */
  longestQueue: number;
}

type Item = { arrival: number; deliveries: number };
type Phase = 'upload' | 'analyze';
type Step =
  | { phase: Phase; kind: 'ready'; item: Item }
  | { phase: Phase; kind: 'over'; item: Item; ok: boolean }
  /** The queue may dispatch again: its rate allows it. */
  | { phase: Phase; kind: 'due' };

export function simulate(options: Simulated): Outcome {
  const { arrivals, maxDeliveries } = options;
  const steps = new Heap<Step>();
  const queues = {
    upload: new Queue(options.upload),
    analyze: new Queue(options.analyze),
  };
  const model = new Model(options);
  const times: number[] = [];
  let [failed, lastEnd] = [0, 0];

  const begin = (phase: Phase, now: number) => {
    const queue = queues[phase];
    for (let item = queue.take(now); item; item = queue.take(now)) {
      const { workMs, overheadMs } = options[phase];
      const { took, ok } =
        phase === 'upload' ? { took: workMs(), ok: true } : model.analyze(now, workMs);
      steps.push(now + overheadMs + took, { phase, kind: 'over', item, ok });
    }
    const due = queue.nextDue(now);
    if (due !== undefined) steps.push(due, { phase, kind: 'due' });
  };
  const end = (item: Item, now: number, ok: boolean) => {
    lastEnd = now;
    if (ok) times.push(now - item.arrival);
    else failed++;
  };

  for (const arrival of arrivals) {
    const item = { arrival, deliveries: 0 };
    steps.push(arrival, { phase: 'upload', kind: 'ready', item });
  }
  for (let step = steps.pop(); step; step = steps.pop()) {
    const { at: now, value } = step;
    const { phase } = value;
    if (value.kind === 'ready') queues[phase].add(value.item);
    if (value.kind === 'over') {
      const { item, ok } = value;
      queues[phase].release();
      if (phase === 'upload') steps.push(now, { phase: 'analyze', kind: 'ready', item });
      else if (ok) end(item, now, true);
      else if (++item.deliveries >= maxDeliveries) end(item, now, false);
      else steps.push(now + backoff(item.deliveries), { phase, kind: 'ready', item });
    }
    begin(phase, now);
  }
  return {
    completed: times.length,
    failed,
    callsPerItem: model.calls / arrivals.length,
    meanMs: mean(times),
    p50Ms: times.length > 0 ? percentile(times, 0.5) : Number.NaN,
    p99Ms: times.length > 0 ? percentile(times, 0.99) : Number.NaN,
    makespanMs: lastEnd - (arrivals[0] ?? 0),
    longestQueue: Math.max(queues.upload.longest, queues.analyze.longest),
  };
}

/** Backoff of the queues between deliveries: 1 s, doubled up to 10 s. */
function backoff(deliveries: number): number {
  return Math.min(10_000, 1_000 * 2 ** (deliveries - 1));
}

/** Hands out items first come first served, limited in number at a time and in rate. */
class Queue {
  longest = 0;
  readonly #stage: Stage;
  readonly #waiting: Item[] = [];
  #head = 0;
  #underWay = 0;
  #nextDispatchAt = 0;
  #toldDue = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    this.longest = Math.max(this.longest, this.#waiting.length - this.#head);
  }

  release(): void {
    this.#underWay--;
  }

  /** @returns The next item whose delivery may start now. */
  take(now: number): Item | undefined {
    const item = this.#waiting[this.#head];
    if (!item || this.#underWay >= this.#stage.atATime || now < this.#nextDispatchAt)
      return undefined;
    this.#head++;
    this.#underWay++;
    this.#nextDispatchAt =
      Math.max(now, this.#nextDispatchAt) + 1_000 / this.#stage.dispatchesPerSecond;
    return item;
  }

  /** When the queue may dispatch again, if only its rate holds it back. Returns each such time once. */
  nextDue(now: number): number | undefined {
    const { atATime } = this.#stage;
    const isHeld = this.#head < this.#waiting.length && this.#underWay < atATime;
    if (!isHeld || this.#nextDispatchAt <= now || this.#toldDue === this.#nextDispatchAt)
      return undefined;
    this.#toldDue = this.#nextDispatchAt;
    return this.#nextDispatchAt;
  }
}

const MINUTE_MS = 60_000;

/** The model calls of one delivery, with the retries of `shared/retry.ts`. */
class Model {
  calls = 0;
  readonly #options: Simulated;
  readonly #usedInMinute = new Map<number, number>();

  constructor(options: Simulated) {
    this.#options = options;
  }

  analyze(start: number, workMs: () => number): { took: number; ok: boolean } {
    const { model, random, faults } = this.#options;
    const { retries, initialDelayMs, maxDelayMs } = RETRY_DEFAULTS;
    let now = start;
    for (let call = 1; ; call++) {
      this.calls++;
      const isFaulty = faults() < model.faultRate;
      const waitForQuota = this.#useQuota(now);
      // A fault and a used-up quota are both answered at once.
      if (!isFaulty && waitForQuota === 0) return { took: now - start + workMs(), ok: true };
      if (call > retries) return { took: now - start, ok: false };
      const delay = Math.min(maxDelayMs, initialDelayMs * 2 ** (call - 1)) * (0.5 + random() / 2);
      now += Math.max(delay, waitForQuota);
    }
  }

  /** @returns The wait in milliseconds that the quota asks for; 0 if calls are left. */
  #useQuota(now: number): number {
    const { callsPerMinute = Number.POSITIVE_INFINITY } = this.#options.model;
    const minute = Math.floor(now / MINUTE_MS);
    const used = this.#usedInMinute.get(minute) ?? 0;
    if (used >= callsPerMinute) return (minute + 1) * MINUTE_MS - now;
    this.#usedInMinute.set(minute, used + 1);
    return 0;
  }
}

/** Arrival times of a Poisson process, in milliseconds. */
export function poisson(count: number, perSecond: number, random: () => number): number[] {
  let at = 0;
  return Array.from({ length: count }, () => {
    at += (-Math.log(1 - random()) / perSecond) * 1_000;
    return at;
  });
}
