/**
 * From the commit in Firestore to the event in the client, with many streams open. Compared with polling,
 * which this design replaces, and with a bare listener, which is the fastest way to learn about a change
 * in Firestore.
 */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionReference, Firestore } from '@google-cloud/firestore';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { type Claim, type RunOptions, row } from '../lib/claim.ts';
import { analyzingMedia, type BenchCloud, createMedia, startBenchCloud } from '../lib/cloud.ts';
import { Commits } from '../lib/commits.ts';
import { mean, median, percentile } from '../lib/stats.ts';
import { openWatchers } from '../lib/watchers.ts';

const POLL_MS = 2_000;
/** A pause after the streams were opened, so that the work of opening them is not measured. */
const SETTLE_MS = 3_000;
/** Updates of these first seconds are not counted, because code runs slowly the first time. */
const WARM_UP_S = 2;

interface Sizes {
  streams: number;
  seconds: number;
  updatesPerSecond: number;
}

export const claim: Claim = {
  name: 'push-latency',
  title: 'Push: Firestore commit → event in the client',
  async run(options) {
    const sizes = options.quick
      ? { streams: 50, seconds: 3, updatesPerSecond: 50 }
      : { streams: 1_000, seconds: 20, updatesPerSecond: 100 };
    const [pushed, polled, listened]: [number[][], number[][], number[][]] = [[], [], []];
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      const cloud = await startBenchCloud();
      try {
        const bench = await Bench.prepare(cloud, sizes, options);
        pushed.push(await bench.push());
        polled.push(await bench.poll());
        listened.push(await bench.listen());
      } finally {
        await cloud.stop();
      }
      const [p50, p99] = [0.5, 0.99].map((share) => percentile(pushed.at(-1) ?? [], share));
      options.say(`push p50 ${p50?.toFixed(2)} ms, p99 ${p99?.toFixed(2)} ms`);
      options.say(`polling mean ${mean(polled.at(-1) ?? []).toFixed(0)} ms`);
    }
    const at = (share: number) => (values: number[]) => percentile(values, share);
    const rowAt = (what: string, share: number, atMost: number) =>
      row({
        what,
        unit: 'ms',
        ours: pushed.map(at(share)),
        baselines: [{ name: '2 s polling', values: polled.map(at(share)) }],
        limit: { name: 'bare onSnapshot', value: median(listened.map(at(share))) },
        targets: [{ of: 'value', atMost }],
      });
    return {
      setup: `${sizes.streams} streams of as many owners, ${sizes.updatesPerSecond} updates/s for ${sizes.seconds} s`,
      rows: [
        rowAt('p50', 0.5, 5),
        rowAt('p99', 0.99, 25),
        row({
          what: 'mean',
          unit: 'ms',
          ours: pushed.map(mean),
          baselines: [{ name: '2 s polling', values: polled.map(mean) }],
          limit: { name: 'bare onSnapshot', value: median(listened.map(mean)) },
          targets: [],
        }),
      ],
    };
  },
};

class Bench {
  readonly #cloud: BenchCloud;
  readonly #sizes: Sizes;
  readonly #options: RunOptions;
  readonly #watched: { id: string; token: string }[];
  readonly #media: CollectionReference;

  private constructor(
    cloud: BenchCloud,
    sizes: Sizes,
    options: RunOptions,
    watched: { id: string; token: string }[],
  ) {
    this.#cloud = cloud;
    this.#sizes = sizes;
    this.#options = options;
    this.#watched = watched;
    this.#media = mediaOf(cloud.firestore);
  }

  static async prepare(cloud: BenchCloud, sizes: Sizes, options: RunOptions): Promise<Bench> {
    const watched: { id: string; token: string }[] = [];
    for (let i = 0; i < sizes.streams; i++) {
      watched.push({ id: `media${i}`, token: await cloud.token(`owner${i}`) });
    }
    const records = watched.map(({ id }, i) => analyzingMedia(id, `owner${i}`));
    await createMedia(cloud.firestore, records);
    return new Bench(cloud, sizes, options, watched);
  }

  /** Opens one stream for each media. @returns The latency of each event in milliseconds. */
  async push(): Promise<number[]> {
    const { artefact } = this.#options;
    const stream = await this.#cloud.startUnit('stream', {
      artefact,
      environment: { MAX_STREAMS_PER_INSTANCE: '100000' },
    });
    const commits = new Commits(this.#media);
    const watchers = await openWatchers(this.#watched.length, (index) => ({
      port: stream.port,
      path: `/api/media/${this.#watched[index]?.id}/stream`,
      token: this.#watched[index]?.token ?? '',
      onEvent: ({ mediaId, revision }) => commits.seen(mediaId, revision),
    }));
    try {
      await sleep(SETTLE_MS);
      return await this.#write(commits);
    } finally {
      for (const watcher of watchers) watcher.close();
      await stream.stop();
    }
  }

  /** Polls the api every 2 s with one client for each media, each starting at a random time. */
  async poll(): Promise<number[]> {
    const api = await this.#cloud.startUnit('api', { artefact: this.#options.artefact });
    const commits = new Commits(this.#media);
    const agent = new Agent({ keepAlive: true });
    const stop = new AbortController();
    const pollers = this.#watched.map(async ({ id, token }) => {
      await sleep(Math.random() * POLL_MS);
      while (!stop.signal.aborted) {
        const started = performance.now();
        const revision = await readRevision(api.port, id, token, agent).catch(() => undefined);
        if (revision !== undefined) commits.seen(id, revision);
        await sleep(Math.max(0, POLL_MS - (performance.now() - started)));
      }
    });
    try {
      return await this.#write(commits);
    } finally {
      stop.abort();
      await Promise.all(pollers);
      agent.destroy();
      await api.stop();
    }
  }

  /** Opens one listener for each media in this process, without a server. */
  async listen(): Promise<number[]> {
    const commits = new Commits(this.#media);
    const stops = this.#watched.map(({ id }) =>
      this.#media.doc(id).onSnapshot((doc) => commits.seen(id, doc.get('revision'))),
    );
    try {
      await sleep(SETTLE_MS);
      return await this.#write(commits);
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #write(commits: Commits): Promise<number[]> {
    const { seconds, updatesPerSecond } = this.#sizes;
    const write = async (count: number) => {
      const started = performance.now();
      for (let n = 0; n < count; n++) {
        await sleep(Math.max(0, started + (n * 1_000) / updatesPerSecond - performance.now()));
        commits.write(this.#watched[(n * 7) % this.#watched.length]?.id ?? '');
      }
    };
    await write(WARM_UP_S * updatesPerSecond);
    await commits.forget();
    await write(seconds * updatesPerSecond);
    return commits.latencies();
  }
}

function mediaOf(firestore: Firestore): CollectionReference {
  return firestore.collection(MEDIA_COLLECTION);
}

function readRevision(port: number, id: string, token: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = `/api/media?ids=${id}`;
    const headers = { Authorization: `Bearer ${token}` };
    const request = get({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(Number(/"revision":(\d+)/.exec(text)?.[1])));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
