/**
 * Some readers stop reading: measures the cost for the server and the other readers, and what the slow
 * ones get later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { type Claim, type RunOptions, row } from '../lib/claim.ts';
import { analyzingMedia, type BenchCloud, createMedia, startBenchCloud } from '../lib/cloud.ts';
import { residentMb } from '../lib/machine.ts';
import { percentile } from '../lib/stats.ts';
import { openWatchers, type Watcher } from '../lib/watchers.ts';

const OWNER = 'alice';
const MEDIA = Array.from({ length: 10 }, (_, n) => `slow${n}`);
/** As large as an analysis may be, to fill the buffers between server and reader. */
const SUMMARY = 'A harbour in the morning. '.repeat(1_000);
const INTERVAL_MS = 250;

const now = () => performance.timeOrigin + performance.now();

interface Measured {
  p99: number;
  grownEarly: number;
  grownLate: number;
  caughtUp: number;
  skipped: number;
}

export const claim: Claim = {
  name: 'slow-readers',
  title: 'Slow readers: 200 of 1,000 streams stop reading',
  reasons: {
    "others' p99":
      'two or three of 240 updates decide it. With all reading it was 37 to 103 ms in runs of one day.',
  },
  async run(options) {
    const measured: Measured[] = [];
    const allReading: Measured[] = [];
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      measured.push(await measureAlone(options, options.quick ? 10 : 200));
      allReading.push(await measureAlone(options, 0));
    }
    const all = (get: (one: Measured) => number) => measured.map(get);
    return {
      setup: `events of ${Math.round(SUMMARY.length / 1_000)} kB, every ${INTERVAL_MS} ms to every stream`,
      rows: [
        row({
          what: 'memory growth while stopped',
          unit: 'MiB',
          ours: all(({ grownLate }) => grownLate),
          targets: [{ of: 'value', atMost: 5 }],
        }),
        row({
          what: 'memory in flight',
          unit: 'MiB',
          ours: all(({ grownEarly }) => grownEarly),
          targets: [],
        }),
        row({
          what: "others' p99",
          unit: 'ms',
          ours: all(({ p99 }) => p99),
          baselines: [{ name: 'all reading', values: allReading.map(({ p99 }) => p99) }],
          targets: [{ of: 'ratio', atMost: 1.1 }],
        }),
        row({
          what: 'slow ones up to date after resuming',
          unit: '%',
          ours: all(({ caughtUp }) => caughtUp * 100),
          targets: [{ of: 'value', atLeast: 100 }],
        }),
        row({
          what: 'events skipped for slow ones',
          unit: '%',
          ours: all(({ skipped }) => skipped * 100),
          targets: [],
        }),
      ],
    };
  },
};

async function measureAlone(options: RunOptions, slowCount: number): Promise<Measured> {
  const cloud = await startBenchCloud();
  try {
    const measured = await measure(cloud, options, slowCount);
    options.say(`${slowCount} stop reading: ${JSON.stringify(measured)}`);
    return measured;
  } finally {
    await cloud.stop();
  }
}

async function measure(
  cloud: BenchCloud,
  options: RunOptions,
  slowCount: number,
): Promise<Measured> {
  const streams = options.quick ? 50 : 1_000;
  const updates = options.quick ? 40 : 120;
  await createMedia(
    cloud.firestore,
    MEDIA.map((id) => ({ ...analyzingMedia(id, OWNER), error_message: SUMMARY })),
  );
  const server = await cloud.startUnit('stream', {
    artefact: options.artefact,
    environment: { MAX_STREAMS: '10000', MAX_STREAMS_PER_INSTANCE: '10000' },
  });
  const run = new Run(cloud);
  const token = await cloud.token(OWNER);
  const path = `/api/agent/analyze-media/stream?ids=${MEDIA}`;
  const target = { port: server.port, path, token };
  const watchers = await openWatchers(streams, () => ({
    ...target,
    onEvent: (event, watcher) => run.seen(event.mediaId, event.revision, watcher),
  }));
  try {
    await run.update(10);
    const slow = watchers.slice(0, slowCount);
    for (const watcher of slow) watcher.pause();
    run.paused = new Set(slow);
    run.latencies = [];
    const atPause = residentMb(server.pid);
    await run.update(updates);
    const middle = residentMb(server.pid);
    await run.update(updates);
    const end = residentMb(server.pid);
    const p99 = percentile(run.latencies, 0.99);
    const before = run.events(slow);
    for (const watcher of slow) watcher.resume();
    await sleep(2_000);
    const caughtUp = slow.filter((watcher) => run.isUpToDate(watcher)).length / slowCount;
    const got = run.events(slow) - before;
    const skipped = 1 - got / (slowCount * 2 * updates);
    return {
      p99,
      grownEarly: middle - atPause,
      grownLate: end - middle,
      caughtUp,
      skipped,
    };
  } finally {
    for (const watcher of watchers) watcher.close();
    await server.stop();
  }
}

class Run {
  latencies: number[] = [];
  paused = new Set<Watcher>();
  readonly #cloud: BenchCloud;
  readonly #committedAt = new Map<number, number>();
  readonly #seenAt: { revision: number; at: number; watcher: Watcher }[] = [];
  readonly #newest = new Map<Watcher, Map<string, number>>();
  readonly #counts = new Map<Watcher, number>();
  readonly #last = new Map<string, number>();
  #revision = 1;

  constructor(cloud: BenchCloud) {
    this.#cloud = cloud;
  }

  seen(mediaId: string, revision: number, watcher: Watcher): void {
    this.#seenAt.push({ revision, at: now(), watcher });
    this.#counts.set(watcher, (this.#counts.get(watcher) ?? 0) + 1);
    const known = this.#newest.get(watcher) ?? new Map<string, number>();
    known.set(mediaId, revision);
    this.#newest.set(watcher, known);
  }

  events(watchers: readonly Watcher[]): number {
    return watchers.reduce((sum, watcher) => sum + (this.#counts.get(watcher) ?? 0), 0);
  }

  isUpToDate(watcher: Watcher): boolean {
    const known = this.#newest.get(watcher);
    return [...this.#last].every(([id, revision]) => known?.get(id) === revision);
  }

  /** Updates one media after another and measures how long the readers wait. */
  async update(count: number): Promise<void> {
    this.#seenAt.length = 0;
    for (let n = 0; n < count; n++) {
      const id = MEDIA[n % MEDIA.length] ?? '';
      const revision = ++this.#revision;
      const ref = this.#cloud.firestore.collection(MEDIA_COLLECTION).doc(id);
      const { writeTime } = await ref.update({ revision });
      this.#committedAt.set(revision, writeTime.seconds * 1_000 + writeTime.nanoseconds / 1e6);
      this.#last.set(id, revision);
      await sleep(INTERVAL_MS);
    }
    await sleep(500);
    for (const { revision, at, watcher } of this.#seenAt) {
      const committed = this.#committedAt.get(revision);
      if (committed !== undefined && !this.paused.has(watcher)) this.latencies.push(at - committed);
    }
  }
}
