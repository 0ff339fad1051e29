/**
 * Whether this instance can take one more stream. What a stream costs depends on how many media it watches
 * and how often they change, so what is left is measured instead of streams counted. Those that are open go on;
 * the caller comes back in a moment, by when the platform may have started another instance.
 */

import { getHeapStatistics } from 'node:v8';
import { AppError } from '@media-analysis/shared/errors';

/** Above this share of what there is, garbage collection takes the time that pushes need; then the process dies. */
const FULL = 0.9;
/** The event loop is never busy for so long unless it has more to do than it can. */
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
  private readonly gauges: Gauges;
  private readonly random: () => number;
  /** How many samples in a row found the event loop busy. */
  private busySamples = 0;

  constructor(gauges: Gauges = processGauges(), random: () => number = Math.random) {
    this.gauges = gauges;
    this.random = random;
    setInterval(() => this.sample(), SAMPLE_MS).unref();
  }

  /** @throws {AppError} `unavailable` when those who are here would suffer by one more. */
  admit(): void {
    if (this.busySamples < SAMPLES && this.gauges.memory() < FULL) return;
    // Spread out, or all that were refused together would come back together.
    const retryAfterMs = 1_000 + Math.floor(this.random() * 4_000);
    throw new AppError('unavailable', 'This server has all it can do. Try again in a moment.', {
      retryAfterMs,
    });
  }

  private sample(): void {
    this.busySamples = this.gauges.busy() >= BUSY ? this.busySamples + 1 : 0;
  }
}

function processGauges(): Gauges {
  // Without a limit of its own, the process may have what the machine has.
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
