/**
 * Measures a process from its start to its first useful response: the deployed bundles against the same code
 * unbundled, and against the same bundles without their compile cache.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Firestore } from '@google-cloud/firestore';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { NODE_OPTIONS, type UnitName } from '../../local/base/units.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { type RunningGemini, startGemini } from '../../test/support/gemini-server.ts';
import { form } from '../../test/support/stack.ts';
import { type Claim, row } from '../lib/claim.ts';
import { analyzingMedia, connectFirestore, createMedia } from '../lib/cloud.ts';
import { cpuMs, pin } from '../lib/machine.ts';
import { MODEL, pictures } from '../lib/slow-stack.ts';
import { median } from '../lib/stats.ts';
import { bundlesOf, unitCommand } from '../lib/units.ts';

const OWNER = 'alice';
const UNITS: readonly UnitName[] = ['api', 'stream', 'worker'];
const TARGETS: Record<UnitName, number> = { api: 0.55, stream: 0.55, worker: 0.5 };
const USEFUL: Record<UnitName, string> = {
  api: 'api, a photo accepted',
  stream: 'stream, first state sent',
  worker: 'worker, an upload task done',
};
const HELLO = fileURLToPath(new URL('../servers/hello.js', import.meta.url));
const LOOPBACK = new URL('../lib/loopback.js', import.meta.url);

export const claim: Claim = {
  name: 'cold-start',
  title: 'Cold start: process → first useful response',
  once: true,
  reasons: Object.fromEntries(
    Object.values(USEFUL).map((what) => [
      what,
      'both must start Node and functions-framework, fetch the public keys of the issuer, connect, and do the task.',
    ]),
  ),
  async run({ quick, say }) {
    const starts = quick ? 2 : 10;
    warmBundles();
    const bench = await ColdStarts.prepare();
    try {
      const rows = [];
      const bare: number[] = [];
      for (let n = 0; n < starts; n++) bare.push((await bench.timeBareNode()).ms);
      const limit = { name: 'bare node:http', value: median(bare) };
      for (const unit of UNITS) {
        const took: Record<Way, Took[]> = { bundles: [], 'no cache': [], sources: [] };
        for (let n = 0; n < starts; n++) {
          // Each goes first as often as the others: what runs beside a bench comes and goes.
          for (const way of turned(WAYS, n)) took[way].push(await bench.time(unit, way));
        }
        const ms = (way: Way) => took[way].map((each) => each.ms);
        for (const way of WAYS) {
          const cpu = median(took[way].map((each) => each.cpuMs));
          say(`${unit}, ${way}: ${Math.round(median(ms(way)))} ms, of CPU ${Math.round(cpu)} ms`);
        }
        rows.push(
          row({
            what: USEFUL[unit],
            unit: 'ms',
            ours: ms('bundles'),
            baselines: [
              { name: 'sources', values: ms('sources') },
              { name: 'no compile cache', values: ms('no cache') },
            ],
            limit,
            targets: [{ of: 'ratio', atMost: TARGETS[unit] }],
          }),
        );
      }
      const genkit = await bench.genkitModules();
      rows.push(
        row({
          what: 'Genkit modules in an upload task',
          unit: '',
          ours: [genkit.upload],
          baselines: [{ name: 'analyze task', values: [genkit.analyze] }],
          targets: [{ of: 'value', atMost: 0 }],
        }),
      );
      return { setup: `${starts} fresh processes of each, in turn`, rows };
    } finally {
      await bench.close();
    }
  },
};

/** Fills the compile cache, as the platform does when it installs the bundles. */
function warmBundles(): void {
  for (const unit of UNITS) {
    const command = [...NODE_OPTIONS, join(bundlesOf('bundles') ?? '', unit, 'warm.js')];
    execFileSync(process.execPath, command, { env: {} });
  }
}

const WAYS = ['bundles', 'no cache', 'sources'] as const;
type Way = (typeof WAYS)[number];

const turned = <T>(list: readonly T[], by: number): T[] => {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
};

/** Milliseconds that a person waits, and milliseconds of CPU time that the process used. */
interface Took {
  ms: number;
  cpuMs: number;
}

interface Started {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

class ColdStarts {
  readonly #cloud: Cloud;
  readonly #gemini: RunningGemini;
  readonly #firestore: Firestore;
  #count = 0;

  private constructor(cloud: Cloud, gemini: RunningGemini, firestore: Firestore) {
    this.#cloud = cloud;
    this.#gemini = gemini;
    this.#firestore = firestore;
  }

  static async prepare(): Promise<ColdStarts> {
    const cloud = await startCloud();
    const firestore = await connectFirestore(cloud.environment);
    return new ColdStarts(cloud, await startGemini(), firestore);
  }

  async close(): Promise<void> {
    await this.#firestore.terminate();
    await this.#gemini.close();
    await this.#cloud.close();
  }

  async time(unit: UnitName, way: Way): Promise<Took> {
    const ask = await this.#prepareRequest(unit);
    const command = unitCommand(unit, way === 'sources' ? 'sources' : 'bundles');
    // https://nodejs.org/api/cli.html#node_disable_compile_cache1
    const own: Record<string, string> =
      way === 'no cache' ? { NODE_DISABLE_COMPILE_CACHE: '1' } : {};
    const took = await this.#timeFirst(command, ask, own);
    if (unit === 'worker') await this.#requireStored(`cold${this.#count - 1}`);
    return took;
  }

  /** The time that any Node process takes to start and answer. */
  timeBareNode(): Promise<Took> {
    return this.#timeFirst([HELLO], async (port) =>
      expect(200, await fetch(`http://127.0.0.1:${port}/`)),
    );
  }

  async #timeFirst(
    command: string[],
    ask: (port: number) => Promise<void>,
    own: Record<string, string> = {},
  ): Promise<Took> {
    const started = performance.now();
    const running = await this.#start(command, own);
    await ask(running.port);
    const took = { ms: performance.now() - started, cpuMs: cpuMs(running.pid) };
    await running.stop();
    return took;
  }

  /** A failed task counts as done too. So this checks that the photo was stored. */
  async #requireStored(id: string): Promise<void> {
    const media = await this.#firestore.collection(MEDIA_COLLECTION).doc(id).get();
    if (!media.get('object'))
      throw new Error(`${id} was not stored: ${media.get('error_message')}`);
  }

  /** Counts the Genkit modules that a worker has loaded after each phase. */
  async genkitModules(): Promise<{ upload: number; analyze: number }> {
    const folder = mkdtempSync(join(tmpdir(), 'loaded-'));
    const log = join(folder, 'modules');
    writeFileSync(log, '');
    const count = () => readFileSync(log, 'utf8').match(/^.*genkit.*$/gm)?.length ?? 0;
    const worker = await this.#start(unitCommand('worker', 'bundles'), { LOADED_MODULES: log });
    try {
      const id = await this.#stageMedia();
      await this.#callWorker(worker.port, 'upload-media', id);
      await this.#requireStored(id);
      const upload = count();
      await this.#callWorker(worker.port, 'analyze-media', id);
      if (count() === 0)
        throw new Error(
          'An analyze task loaded no Genkit module, so this bench cannot see them any more.',
        );
      return { upload, analyze: count() };
    } finally {
      await worker.stop();
      rmSync(folder, { recursive: true });
    }
  }

  /** Prepares everything that does not need the process, before it starts. */
  async #prepareRequest(unit: UnitName): Promise<(port: number) => Promise<void>> {
    const { identity, environment } = this.#cloud;
    const audience = environment.AUTH_AUDIENCE ?? '';
    const token = await identity.sign({ sub: OWNER, audience });
    const headers = { Authorization: `Bearer ${token}` };
    if (unit === 'worker') {
      const id = await this.#stageMedia();
      return async (port) => {
        await this.#callWorker(port, 'upload-media', id);
      };
    }
    if (unit === 'api') {
      const body = form(await pictures(1));
      return async (port) => {
        const url = `http://127.0.0.1:${port}/api/agent/analyze-media`;
        await expect(202, await fetch(url, { method: 'POST', headers, body }));
      };
    }
    const record = analyzingMedia(this.#newId(), OWNER);
    await createMedia(this.#firestore, [record]);
    return async (port) => {
      const url = `http://127.0.0.1:${port}/api/media/${record.id}/stream`;
      const stop = new AbortController();
      const response = await fetch(url, { headers, signal: stop.signal });
      let text = '';
      for await (const part of response.body ?? []) {
        text += Buffer.from(part as Uint8Array).toString();
        if (text.includes('\ndata: ')) break;
      }
      stop.abort();
    };
  }

  #newId(): string {
    return `cold${this.#count++}`;
  }

  /** Creates a media whose bytes are in the staging bucket. */
  async #stageMedia(): Promise<string> {
    const id = this.#newId();
    const { STORAGE_EMULATOR_HOST, STAGING_BUCKET } = this.#cloud.environment;
    const query = new URLSearchParams({ uploadType: 'media', name: id });
    const url = `${STORAGE_EMULATOR_HOST}/upload/storage/v1/b/${STAGING_BUCKET}/o?${query}`;
    const [photo] = await pictures(1);
    await expect(200, await fetch(url, { method: 'POST', body: photo ?? '' }));
    const record = analyzingMedia(id, OWNER);
    const pending = { status: 'pending' as const, progress: 0, size: photo?.size ?? 0 };
    await createMedia(this.#firestore, [{ ...record, ...pending }]);
    return id;
  }

  async #callWorker(port: number, route: string, mediaId: string): Promise<void> {
    const { WORKER_URL = '', TASKS_SERVICE_ACCOUNT = '' } = this.#cloud.environment;
    const token = await this.#cloud.identity.sign({
      sub: TASKS_SERVICE_ACCOUNT,
      email: TASKS_SERVICE_ACCOUNT,
      audience: WORKER_URL,
    });
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ media_id: mediaId, attempt: 1 });
    const url = `http://127.0.0.1:${port}/tasks/${route}`;
    await expect(204, await fetch(url, { method: 'POST', headers, body }));
  }

  /** Starts a unit with the deployed flags, and with a preload that costs almost nothing. */
  async #start(command: string[], own: Record<string, string> = {}): Promise<Started> {
    const port = await freePort();
    const flags = [...NODE_OPTIONS, '--import', LOOPBACK.href];
    const child = spawn(process.execPath, [...flags, ...command], {
      env: {
        ...process.env,
        ...this.#cloud.environment,
        ANALYSIS_MODEL: `googleai/${MODEL}`,
        GEMINI_API_KEY: 'bench',
        GEMINI_BASE_URL: this.#gemini.url,
        NODE_ENV: 'production',
        LOG_LEVEL: 'silent',
        PORT: String(port),
        ...own,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`${command.at(-1)} could not be started.`);
    pin(pid, 'server');
    while (!(await listens(port))) {
      if (child.exitCode !== null) throw new Error(`${command.at(-1)} ended before it listened.`);
      await sleep(1);
    }
    return {
      pid,
      port,
      stop: async () => {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  }
}

async function expect(status: number, response: Response): Promise<void> {
  if (response.status !== status) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
