/**
 * Logs once a minute how old changes were when they were pushed. Cloud Monitoring's metric, alert and
 * objective use this line (`terraform/metrics.tf`). A line for each push would cost more than the push.
 */
import { createHistogram } from 'node:perf_hooks';
import type { Logger } from '../../process/log.ts';

const REPORT_MS = 60_000;

export class PushAge {
  readonly #ages = createHistogram();
  readonly #logger: Logger;
  readonly #now: () => number;

  constructor(logger: Logger, now: () => number = Date.now) {
    this.#logger = logger;
    this.#now = now;
    setInterval(() => this.report(), REPORT_MS).unref();
  }

  /** @param writtenAtMs By the clock of the writer, which may be a little ahead of ours. */
  record(writtenAtMs: number): void {
    this.#ages.record(Math.max(1, Math.round(this.#now() - writtenAtMs)));
  }

  /** Logs the ages since the last report, if there are any. */
  report(): void {
    const { count: pushes } = this.#ages;
    if (pushes === 0) return;
    const [age_p50_ms, age_p99_ms] = [this.#ages.percentile(50), this.#ages.percentile(99)];
    this.#logger.info({ pushes, age_p50_ms, age_p99_ms, age_max_ms: this.#ages.max }, 'pushed');
    this.#ages.reset();
  }
}
