/**
 * Decides whether this instance can take one more stream. The cost of a stream depends on how many media it
 * watches and how often they change. So free memory and time are measured, and streams are not counted. Open
 * streams go on. A refused caller comes back a little later; by then the platform may have started another
 * instance.
 */

import { getHeapStatistics } from 'node:v8';
import { AppError } from '@media-analysis/shared/errors';

/** Above this share of memory, garbage collection takes the time that pushes need, and then the process dies. */
const FULL = 0.9;
/** An event loop that works for this share of the time has more work than it can do. */
const BUSY = 0.98;
const SAMPLE_MS = 1_000;
const SAMPLES = 3;

export interface Gauges {
  /** Shares of the heap and of the container's memory that are used, 0 to 1. */
  memory(): number;
  /** Share of the time since the last call in which the event loop worked, 0 to 1. */
  busy(): number;
}

export class Admission {
  readonly #gauges: Gauges;
  readonly #random: () => number;
  /** How many samples in a row showed a busy event loop. */
  #busySamples = 0;

  constructor(gauges: Gauges = processGauges(), random: () => number = Math.random) {
    this.#gauges = gauges;
    this.#random = random;
    setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** @throws {AppError} `unavailable` if one more stream would slow the open ones down */
  admit(): void {
    if (this.#busySamples < SAMPLES && this.#gauges.memory() < FULL) return;
    // A random part, so that callers that were refused together do not come back together.
    const retryAfterMs = 1_000 + Math.floor(this.#random() * 4_000);
    throw new AppError('unavailable', 'This server is busy. Try again in a moment.', {
      retryAfterMs,
    });
  }

  #sample(): void {
    this.#busySamples = this.#gauges.busy() >= BUSY ? this.#busySamples + 1 : 0;
  }
}

function processGauges(): Gauges {
  // Without a container limit the process may use the machine's memory.
  const container = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  let last = performance.eventLoopUtilization();
  return {
    memory: () => {
      const { used_heap_size, heap_size_limit } = getHeapStatistics();
      return Math.max(used_heap_size / heap_size_limit, process.memoryUsage.rss() / container);
    },
    busy: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
  };
}
