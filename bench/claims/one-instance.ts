/**
 * As many streams as Cloud Run sends to one instance. Each stream has its own media, and all media
 * change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { type Child, startChild } from '../lib/child.ts';
import { type Claim, type RunOptions, row } from '../lib/claim.ts';
import { analyzingMedia, type BenchCloud, createMedia, startBenchCloud } from '../lib/cloud.ts';
import { connectionsTo, cpuMs, peakMb } from '../lib/machine.ts';
import { serverEntry } from '../lib/units.ts';
import { openWatchers } from '../lib/watchers.ts';

const MEDIA_A_STREAM = 10;
/** Several updates in one commit, because the load generator itself is not measured. */
const WRITES_A_COMMIT = 20;

interface Sizes {
  streams: number;
  updatesPerSecond: number;
  seconds: number;
}

interface Measured {
  /** Fraction of the final states that reached their reader. */
  delivered: number;
  peak: number;
  connections: number;
  updatesPerSecond: number;
  cpu: number;
}

export const claim: Claim = {
  name: 'one-instance',
  title: 'One instance: 1,000 streams × 10 media',
  reasons: {
    'peak memory':
      'older code took 248 to 264 MiB beside it: the limit lies within what the machine varies.',
  },
  async run(options) {
    const sizes = options.quick
      ? { streams: 50, updatesPerSecond: 100, seconds: 3 }
      : { streams: 1_000, updatesPerSecond: 1_000, seconds: 60 };
    const [ours, baseline]: [Measured[], Measured[]] = [[], []];
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      ours.push(await measure('ours', sizes, options));
      baseline.push(await measure('baseline', sizes, options));
    }
    const beside = (get: (one: Measured) => number) => [
      { name: 'listener/document', values: baseline.map(get) },
    ];
    const compare = (
      what: string,
      unit: string,
      get: (one: Measured) => number,
      targets: Parameters<typeof row>[0]['targets'],
    ) => row({ what, unit, ours: ours.map(get), baselines: beside(get), targets });
    return {
      setup: `${sizes.streams} streams of as many owners, ${sizes.updatesPerSecond} updates/s wanted for ${sizes.seconds} s`,
      rows: [
        compare('final states delivered', '%', ({ delivered }) => delivered * 100, [
          { of: 'value', atLeast: 100 },
        ]),
        compare('peak memory', 'MiB', ({ peak }) => peak, [
          { of: 'value', atMost: 256 },
          { of: 'ratio', atMost: 0.45 },
        ]),
        compare('connections to Firestore', '', ({ connections }) => connections, [
          { of: 'value', atMost: 12 },
        ]),
        compare('updates/s', '', (one) => one.updatesPerSecond, []),
        compare('CPU of one core', '%', ({ cpu }) => cpu * 100, []),
      ],
    };
  },
};

async function measure(
  who: 'ours' | 'baseline',
  sizes: Sizes,
  options: RunOptions,
): Promise<Measured> {
  const cloud = await startBenchCloud();
  try {
    const server = await (who === 'ours'
      ? cloud.startUnit('stream', {
          artefact: options.artefact,
          environment: { MAX_STREAMS_PER_INSTANCE: '100000' },
        })
      : startChild({
          command: [serverEntry('stream-per-document')],
          environment: cloud.environment,
          core: 'server',
        }));
    const measured = await drive(server, cloud, sizes).finally(() => server.stop());
    options.say(`${who}: ${JSON.stringify(measured)}`);
    return measured;
  } finally {
    await cloud.stop();
  }
}

async function drive(server: Child, cloud: BenchCloud, sizes: Sizes): Promise<Measured> {
  const { streams } = sizes;
  const idsOf = (stream: number) =>
    Array.from({ length: MEDIA_A_STREAM }, (_, n) => `s${stream}m${n}`);
  const owners = Array.from({ length: streams }, (_, stream) => `owner${stream}`);
  await createMedia(
    cloud.firestore,
    owners.flatMap((owner, stream) => idsOf(stream).map((id) => analyzingMedia(id, owner))),
  );
  const tokens: string[] = [];
  for (const owner of owners) tokens.push(await cloud.token(owner));
  const seen = new Map<string, number>();
  const watchers = await openWatchers(streams, (stream) => ({
    port: server.port,
    path: `/api/agent/analyze-media/stream?ids=${idsOf(stream)}`,
    token: tokens[stream] ?? '',
    onEvent: ({ mediaId, revision }) => seen.set(mediaId, revision),
  }));
  const ids = owners.flatMap((_, stream) => idsOf(stream));
  await until(() => seen.size === ids.length, 60_000);
  const [started, cpuBefore] = [performance.now(), cpuMs(server.pid)];
  const { revisions, perSecond } = await update(ids, cloud, sizes);
  const isDelivered = (id: string) => seen.get(id) === revisions.get(id);
  await until(() => [...revisions.keys()].every(isDelivered), 30_000);
  const cpu = (cpuMs(server.pid) - cpuBefore) / (performance.now() - started);
  const delivered = [...revisions.keys()].filter(isDelivered).length / revisions.size;
  const connections = connectionsTo(server.pid, cloud.firestorePort);
  for (const watcher of watchers) watcher.close();
  return { delivered, peak: peakMb(server.pid), connections, updatesPerSecond: perSecond, cpu };
}

/** @returns The last written revision of each media, and the number of updates a second. */
async function update(
  ids: readonly string[],
  { firestore }: BenchCloud,
  { updatesPerSecond, seconds }: Sizes,
): Promise<{ revisions: Map<string, number>; perSecond: number }> {
  const revisions = new Map<string, number>();
  const commits = (updatesPerSecond * seconds) / WRITES_A_COMMIT;
  const interval = (1_000 * WRITES_A_COMMIT) / updatesPerSecond;
  const media = firestore.collection(MEDIA_COLLECTION);
  const started = performance.now();
  const pending = new Set<Promise<unknown>>();
  for (let n = 0; n < commits; n++) {
    await sleep(Math.max(0, started + n * interval - performance.now()));
    const batch = firestore.batch();
    for (let i = 0; i < WRITES_A_COMMIT; i++) {
      // The stride is prime, so updates that follow each other go to different streams.
      const id = ids[((n * WRITES_A_COMMIT + i) * 7_919) % ids.length] ?? '';
      const revision = (revisions.get(id) ?? 1) + 1;
      revisions.set(id, revision);
      batch.update(media.doc(id), { revision, progress: 0.5 + (revision % 50) / 100 });
    }
    const committed = batch.commit();
    pending.add(committed);
    void committed.finally(() => pending.delete(committed));
    // Two commits that change the same document must not overtake each other. The commits in flight
    // change different documents.
    while (pending.size > 20) await Promise.race(pending);
  }
  await Promise.all(pending);
  const took = (performance.now() - started) / 1_000;
  return { revisions, perSecond: (commits * WRITES_A_COMMIT) / took };
}

/** Waits until `holds`, but at most `ms` milliseconds. The measured numbers show what is missing then. */
async function until(holds: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while (!holds() && performance.now() < deadline) await sleep(100);
}
