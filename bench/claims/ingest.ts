/** Sends files through the api into a storage that discards them: files per CPU second, and memory. */
import http, { Agent } from 'node:http';
import { type Child, startChild } from '../lib/child.ts';
import { type Claim, type Row, type RunOptions, row } from '../lib/claim.ts';
import { type BenchCloud, startBenchCloud } from '../lib/cloud.ts';
import { cpuMs, peakMb, resetPeak, residentMb } from '../lib/machine.ts';
import { median } from '../lib/stats.ts';
import { serverEntry } from '../lib/units.ts';

const CONTENDERS = ['ours', 'busboy', 'node:http'] as const;
type Contender = (typeof CONTENDERS)[number];
const ENTRIES = { busboy: 'ingest-busboy', 'node:http': 'ingest-node-http' };

const MEGABYTE = 1_000_000;

interface Load {
  name: string;
  requests: number;
  megabytes: number;
  rounds: number;
  /** Speed of the sink; absent: no limit. */
  bytesPerSecond?: number;
}

interface Measured {
  /** Megabytes for each second of CPU time. */
  speed: number;
  /** MiB at the peak above the server's memory before the load. */
  grown: number;
}

export const claim: Claim = {
  name: 'ingest',
  title: 'Ingest: files into storage',
  reasons: {
    'MB/CPU-s, 20 × 5 MB':
      'the api also authenticates each request, records it in Firestore and creates a task. The row of small files shows the cost, and in its profile no part is over 8 %. The ratio was 0.63 to 0.79 on three days.',
  },
  async run(options) {
    const rounds = options.quick ? 1 : 10;
    const many = { name: '20 × 5 MB', requests: 20, megabytes: 5, rounds };
    const large = { name: '1 × 30 MB', requests: 1, megabytes: 30, rounds: rounds * 2 };
    const small = { ...many, rounds: rounds * 2, megabytes: 0.01, name: '20 × 10 kB' };
    const slow = { ...many, rounds: 1, name: '20 × 5 MB, slow sink', bytesPerSecond: 500_000 };
    const cloud = await startBenchCloud();
    try {
      const rows: Row[] = [];
      for (const load of [many, large, small, slow])
        rows.push(...(await compare(load, cloud, options)));
      return {
        setup: `multipart to one core, ${rounds} rounds; the slow sink takes 0.5 MB/s a file`,
        rows,
      };
    } finally {
      await cloud.stop();
    }
  },
};

async function compare(load: Load, cloud: BenchCloud, options: RunOptions): Promise<Row[]> {
  const measured: Record<Contender, Measured[]> = { ours: [], busboy: [], 'node:http': [] };
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const contender of CONTENDERS) {
      const result = await measure(contender, load, cloud, options);
      measured[contender].push(result);
      options.say(
        `${load.name}, ${contender}: ${result.speed.toFixed(0)} MB/CPU-s, +${result.grown.toFixed(1)} MiB`,
      );
    }
  }
  const of = (contender: Contender, get: (one: Measured) => number) => measured[contender].map(get);
  const speed = (one: Measured) => one.speed;
  const grown = (one: Measured) => one.grown;
  const memory = row({
    what: `memory above idle, ${load.name}`,
    unit: 'MiB',
    ours: of('ours', grown),
    baselines: [{ name: 'busboy', values: of('busboy', grown) }],
    limit: { name: 'node:http', value: median(of('node:http', grown)) },
    targets: [{ of: 'value', atMost: 25 }],
  });
  if (load.bytesPerSecond !== undefined) return [memory];
  if (load.megabytes < 1) {
    const cpu = (one: Measured) => (load.megabytes / one.speed) * 1_000;
    return [
      row({
        what: `CPU/request, ${load.name}`,
        unit: 'ms',
        ours: of('ours', cpu),
        baselines: [{ name: 'busboy', values: of('busboy', cpu) }],
        limit: { name: 'node:http', value: median(of('node:http', cpu)) },
        targets: [],
      }),
    ];
  }
  return [
    row({
      what: `MB/CPU-s, ${load.name}`,
      unit: 'MB',
      ours: of('ours', speed),
      baselines: [{ name: 'busboy', values: of('busboy', speed) }],
      limit: { name: 'node:http', value: median(of('node:http', speed)) },
      targets: [{ of: 'ratio', atLeast: 0.9 }],
    }),
    memory,
  ];
}

async function measure(
  contender: Contender,
  load: Load,
  cloud: BenchCloud,
  { artefact }: RunOptions,
): Promise<Measured> {
  const { bytesPerSecond } = load;
  const sink = await startChild({
    command: [serverEntry('discard-storage')],
    environment: bytesPerSecond === undefined ? {} : { BYTES_PER_SECOND: String(bytesPerSecond) },
    core: 'load',
  });
  // All requests are of one owner.
  const environment = {
    STORAGE_EMULATOR_HOST: sink.url,
    MAX_BYTES_PER_DAY: String(1e15),
    MAX_FILES_PER_DAY: String(1e9),
    MAX_UPLOADS_IN_FLIGHT: '100',
    MAX_UPLOADS_PER_INSTANCE: '100',
  };
  const server =
    contender === 'ours'
      ? await cloud.startUnit('api', { artefact, environment })
      : await startChild({
          command: [serverEntry(ENTRIES[contender])],
          environment,
          core: 'server',
        });
  const agent = new Agent({ keepAlive: true });
  try {
    const token = await cloud.token('alice');
    const send = (megabytes: number) => upload(server, megabytes, token, agent);
    // The first requests load code and allocate memory for parallel requests, so they are not measured.
    for (let n = 0; n < 5; n++) await sideBySide(load.requests, () => send(0.1));
    const before = residentMb(server.pid);
    resetPeak(server.pid);
    const started = cpuMs(server.pid);
    for (let round = 0; round < load.rounds; round++) {
      await sideBySide(load.requests, () => send(load.megabytes));
    }
    const seconds = (cpuMs(server.pid) - started) / 1_000;
    return {
      speed: (load.rounds * load.requests * load.megabytes) / seconds,
      grown: peakMb(server.pid) - before,
    };
  } finally {
    agent.destroy();
    await server.stop();
    await sink.stop();
  }
}

const sideBySide = (count: number, work: () => Promise<void>) =>
  Promise.all(Array.from({ length: count }, work));

const PIECE = Buffer.alloc(64 * 1_024, 0x5a);
const BOUNDARY = 'bench-boundary';

/** Sends one request with one file. Each piece of the file is made only when it can be sent. */
async function upload(
  server: Child,
  megabytes: number,
  token: string,
  agent: Agent,
): Promise<void> {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const tail = `\r\n--${BOUNDARY}--\r\n`;
  const size = Math.round(megabytes * MEGABYTE);
  const request = http.request(`${server.url}/api/agent/analyze-media`, {
    method: 'POST',
    agent,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
      'Content-Length': head.length + size + tail.length,
    },
  });
  const answered = new Promise<void>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      response.once('end', resolve);
      if (response.statusCode !== 202)
        reject(new Error(`The api answered ${response.statusCode}.`));
    });
  });
  request.write(head);
  for (let sent = 0; sent < size; sent += PIECE.length) {
    const ready = request.write(PIECE.subarray(0, Math.min(PIECE.length, size - sent)));
    if (!ready) await new Promise((resolve) => request.once('drain', resolve));
  }
  request.end(tail);
  await answered;
}
