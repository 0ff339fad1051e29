/**
 * One media and thousands of watchers: the CPU time of one delivery and the memory of one connection. All
 * contenders learn about a change in the same way, from a Firestore listener.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { type Child, startChild } from '../lib/child.ts';
import { type Claim, type Row, type RunOptions, row } from '../lib/claim.ts';
import { analyzingMedia, type BenchCloud, createMedia, startBenchCloud } from '../lib/cloud.ts';
import { cpuMs, residentMb } from '../lib/machine.ts';
import { median } from '../lib/stats.ts';
import { serverEntry } from '../lib/units.ts';
import { openWatchers, type Watcher } from '../lib/watchers.ts';

const OWNER = 'alice';
const CONTENDERS = ['ours', 'node:http', 'better-sse', 'bare sockets'] as const;
type Contender = (typeof CONTENDERS)[number];
const ENTRIES: Record<Exclude<Contender, 'ours'>, string> = {
  'node:http': 'sse-node-http',
  'better-sse': 'sse-better-sse',
  'bare sockets': 'sse-socket',
};

const UPDATES = 100;

interface Cost {
  microsPerDelivery: number;
  kbPerConnection: number;
}

export const claim: Claim = {
  name: 'fan-out',
  title: 'Fan-out: one media, all watch it',
  reasons: {
    'CPU/delivery, 1000 watchers':
      'the ratio was 0.64 to 0.83 in the runs of five days. At five thousand it is 0.55 to 0.66.',
    'memory/connection, 1000 watchers':
      'a thousand connections fit into memory that each process holds anyway. The difference shows at five thousand.',
  },
  async run(options) {
    const sizes = options.quick ? [200] : [1_000, 5_000];
    const rows: Row[] = [];
    for (const watchers of sizes) rows.push(...(await measure(watchers, options)));
    return { setup: `${UPDATES} changes in turn, each to every watcher`, rows };
  },
};

async function measure(watchers: number, options: RunOptions): Promise<Row[]> {
  const costs: Record<Contender, Cost[]> = {
    ours: [],
    'node:http': [],
    'better-sse': [],
    'bare sockets': [],
  };
  const cloud = await startBenchCloud();
  try {
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const contender of CONTENDERS) {
        const cost = await costOf(contender, watchers, cloud, options);
        costs[contender].push(cost);
        const { microsPerDelivery: micros, kbPerConnection: kb } = cost;
        options.say(
          `${watchers} × ${contender}: ${micros.toFixed(1)} µs a delivery, ${kb.toFixed(1)} kB a connection`,
        );
      }
    }
  } finally {
    await cloud.stop();
  }
  const others = (get: (cost: Cost) => number, ...names: Contender[]) =>
    names.map((name) => ({ name, values: costs[name].map(get) }));
  const limit = (get: (cost: Cost) => number) => ({
    name: 'bare sockets',
    value: median(costs['bare sockets'].map(get)),
  });
  const cpu = (cost: Cost) => cost.microsPerDelivery;
  const memory = (cost: Cost) => cost.kbPerConnection;
  return [
    row({
      what: `CPU/delivery, ${watchers} watchers`,
      unit: 'µs',
      ours: costs.ours.map(cpu),
      baselines: others(cpu, 'node:http', 'better-sse'),
      limit: limit(cpu),
      targets: [{ of: 'ratio', atMost: 0.8 }],
    }),
    row({
      what: `memory/connection, ${watchers} watchers`,
      unit: 'kB',
      ours: costs.ours.map(memory),
      baselines: others(memory, 'better-sse', 'node:http'),
      limit: limit(memory),
      targets: [{ of: 'ratio', atMost: 0.6 }],
    }),
  ];
}

async function costOf(
  contender: Contender,
  watchers: number,
  cloud: BenchCloud,
  options: RunOptions,
): Promise<Cost> {
  const record = analyzingMedia(cloud.firestore.collection(MEDIA_COLLECTION).doc().id, OWNER);
  await createMedia(cloud.firestore, [record]);
  const server = await start(contender, record.id, cloud, options);
  try {
    return await runAgainst(server, record.id, watchers, cloud);
  } finally {
    await server.stop();
  }
}

function start(
  contender: Contender,
  mediaId: string,
  cloud: BenchCloud,
  { artefact }: RunOptions,
): Promise<Child> {
  if (contender === 'ours') {
    const environment = {
      MAX_STREAMS: '100000',
      MAX_STREAMS_PER_INSTANCE: '100000',
      HEARTBEAT_S: '3600',
    };
    return cloud.startUnit('stream', { artefact, environment });
  }
  return startChild({
    command: [serverEntry(ENTRIES[contender])],
    environment: { ...cloud.environment, MEDIA_ID: mediaId },
    core: 'server',
  });
}

async function runAgainst(
  server: Child,
  mediaId: string,
  count: number,
  cloud: BenchCloud,
): Promise<Cost> {
  const ref = cloud.firestore.collection(MEDIA_COLLECTION).doc(mediaId);
  const token = await cloud.token(OWNER);
  const watchers: Watcher[] = [];
  let revision = 1;
  let arrived = 0;
  let onAll: () => void = () => undefined;
  const onEvent = (event: { revision: number }) => {
    if (event.revision === revision && ++arrived === watchers.length) onAll();
  };
  const update = async () => {
    const all = Promise.withResolvers<void>();
    [onAll, arrived] = [all.resolve, 0];
    revision++;
    await ref.update({ revision });
    await all.promise;
  };
  const path = `/api/media/${mediaId}/stream`;
  const open = async (n: number) => {
    const target = { port: server.port, path, token, onEvent };
    watchers.push(...(await openWatchers(n, () => target)));
    await sleep(300);
  };
  // The first connections also pay for code and memory that the server loads once, so they are not
  // measured.
  await open(100);
  for (let i = 0; i < 10; i++) await update();
  const [before, early] = [residentMb(server.pid), watchers.length];
  await open(count - early);
  await update();
  const started = cpuMs(server.pid);
  for (let i = 0; i < UPDATES; i++) await update();
  const used = cpuMs(server.pid) - started;
  const grown = residentMb(server.pid) - before;
  for (const watcher of watchers) watcher.close();
  return {
    microsPerDelivery: (used * 1_000) / (UPDATES * count),
    kbPerConnection: (grown * 1_024) / (count - early),
  };
}
