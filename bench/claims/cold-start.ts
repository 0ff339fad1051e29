/** From the start of a process to its first useful response: what is deployed, against the same sources unbundled. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Firestore } from '@google-cloud/firestore';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { UnitName } from '../../local/units.ts';
import { type RunningGemini, startGemini } from '../../test/support/gemini-server.ts';
import { form } from '../../test/support/stack.ts';
import { type Claim, row } from '../lib/claim.ts';
import { analyzingMedia, connectFirestore, createMedia } from '../lib/cloud.ts';
import { pin } from '../lib/machine.ts';
import { MODEL, pictures } from '../lib/slow-stack.ts';
import { ARTEFACTS, type Artefact, bundlesOf, unitCommand } from '../lib/units.ts';

const OWNER = 'alice';
const TARGETS: Record<UnitName, number> = { api: 0.55, stream: 0.55, worker: 0.5 };
const USEFUL: Record<UnitName, string> = {
  api: 'api, a photo accepted',
  stream: 'stream, first state sent',
  worker: 'worker, an upload task done',
};
const LOOPBACK = fileURLToPath(new URL('../lib/loopback.js', import.meta.url));

export const claim: Claim = {
  name: 'cold-start',
  title: 'Cold start: process start → first useful response',
  async run({ quick, say }) {
    const starts = quick ? 2 : 10;
    warmBundles();
    const bench = await ColdStarts.prepare();
    try {
      const rows = [];
      for (const unit of ['api', 'stream', 'worker'] as const) {
        const times: Record<Artefact, number[]> = { bundles: [], sources: [] };
        for (let n = 0; n < starts; n++) {
          for (const artefact of ARTEFACTS) times[artefact].push(await bench.time(unit, artefact));
        }
        say(`${unit}: ${JSON.stringify(times)}`);
        rows.push(
          row({
            what: USEFUL[unit],
            unit: 'ms',
            ours: times.bundles,
            baselines: [{ name: 'sources', values: times.sources }],
            targets: [{ of: 'ratio', atMost: TARGETS[unit] }],
          }),
        );
      }
      const genkit = await bench.genkitModules();
      rows.push(
        row({
          what: 'Genkit modules that an upload task loads',
          unit: '',
          ours: [genkit.upload],
          baselines: [{ name: 'an analyze task', values: [genkit.analyze] }],
          targets: [{ of: 'value', atMost: 0 }],
        }),
      );
      return { setup: `${starts} fresh processes of each, in turn`, rows };
    } finally {
      await bench.close();
    }
  },
};

/** As the platform does when it installs them. */
function warmBundles(): void {
  for (const unit of Object.keys(TARGETS)) {
    execFileSync(process.execPath, [join(bundlesOf('bundles') ?? '', unit, 'warm.js')]);
  }
}

interface Started {
  port: number;
  stop(): Promise<void>;
}

class ColdStarts {
  private readonly cloud: Cloud;
  private readonly gemini: RunningGemini;
  private readonly firestore: Firestore;
  private readonly photo: File;
  private count = 0;

  private constructor(cloud: Cloud, gemini: RunningGemini, firestore: Firestore, photo: File) {
    this.cloud = cloud;
    this.gemini = gemini;
    this.firestore = firestore;
    this.photo = photo;
  }

  static async prepare(): Promise<ColdStarts> {
    const cloud = await startCloud();
    const firestore = await connectFirestore(cloud.environment);
    const [photo] = await pictures(1);
    if (!photo) throw new Error('There is no picture.');
    return new ColdStarts(cloud, await startGemini(), firestore, photo);
  }

  async close(): Promise<void> {
    await this.firestore.terminate();
    await this.gemini.close();
    await this.cloud.close();
  }

  /** @returns milliseconds. */
  async time(unit: UnitName, artefact: Artefact): Promise<number> {
    const ask = await this.prepareRequest(unit);
    const started = performance.now();
    const running = await this.start(unit, artefact);
    await ask(running.port);
    const took = performance.now() - started;
    await running.stop();
    return took;
  }

  /** How many modules of Genkit a worker has loaded after each phase. */
  async genkitModules(): Promise<{ upload: number; analyze: number }> {
    const folder = mkdtempSync(join(tmpdir(), 'loaded-'));
    const log = join(folder, 'modules');
    writeFileSync(log, '');
    const count = () => readFileSync(log, 'utf8').match(/^.*genkit.*$/gm)?.length ?? 0;
    const worker = await this.start('worker', 'bundles', { LOADED_MODULES: log });
    try {
      const id = await this.stageMedia();
      await this.callWorker(worker.port, 'upload-media', id);
      const upload = count();
      await this.callWorker(worker.port, 'analyze-media', id);
      if (count() === 0) throw new Error('An analyze task loads no Genkit: it would not be seen.');
      return { upload, analyze: count() };
    } finally {
      await worker.stop();
      rmSync(folder, { recursive: true });
    }
  }

  /** Whatever can be made ready before the process starts. */
  private async prepareRequest(unit: UnitName): Promise<(port: number) => Promise<void>> {
    const { identity, environment } = this.cloud;
    const audience = environment.AUTH_AUDIENCE ?? '';
    const token = await identity.sign({ sub: OWNER, audience });
    const headers = { Authorization: `Bearer ${token}` };
    if (unit === 'worker') {
      const id = await this.stageMedia();
      return (port) => this.callWorker(port, 'upload-media', id);
    }
    if (unit === 'api') {
      const body = form([this.photo]);
      return async (port) => {
        const url = `http://127.0.0.1:${port}/api/agent/analyze-media`;
        await expect(202, await fetch(url, { method: 'POST', headers, body }));
      };
    }
    const record = analyzingMedia(this.newId(), OWNER);
    await createMedia(this.firestore, [record]);
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

  private newId(): string {
    return `cold${this.count++}`;
  }

  /** A media whose bytes wait in the staging bucket. */
  private async stageMedia(): Promise<string> {
    const id = this.newId();
    const { STORAGE_EMULATOR_HOST, STAGING_BUCKET } = this.cloud.environment;
    const query = new URLSearchParams({ uploadType: 'media', name: id });
    const url = `${STORAGE_EMULATOR_HOST}/upload/storage/v1/b/${STAGING_BUCKET}/o?${query}`;
    await expect(200, await fetch(url, { method: 'POST', body: await this.photo.bytes() }));
    const record = { ...analyzingMedia(id, OWNER), status: 'pending' as const, progress: 0 };
    await createMedia(this.firestore, [record]);
    return id;
  }

  private async callWorker(port: number, route: string, mediaId: string): Promise<void> {
    const { WORKER_URL = '', TASKS_SERVICE_ACCOUNT = '' } = this.cloud.environment;
    const token = await this.cloud.identity.sign({
      sub: TASKS_SERVICE_ACCOUNT,
      email: TASKS_SERVICE_ACCOUNT,
      audience: WORKER_URL,
    });
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ media_id: mediaId, attempt: 1 });
    const url = `http://127.0.0.1:${port}/tasks/${route}`;
    await expect(204, await fetch(url, { method: 'POST', headers, body }));
  }

  /** As deployed: the one flag that Terraform sets, and no preload that matters. */
  private async start(
    unit: UnitName,
    artefact: Artefact,
    own: Record<string, string> = {},
  ): Promise<Started> {
    const port = await freePort();
    const flags = ['--max-semi-space-size=2', '--import', LOOPBACK];
    const child = spawn(process.execPath, [...flags, ...unitCommand(unit, artefact)], {
      env: {
        ...process.env,
        ...this.cloud.environment,
        ANALYSIS_MODEL: `googleai/${MODEL}`,
        GEMINI_API_KEY: 'bench',
        GEMINI_BASE_URL: this.gemini.url,
        NODE_ENV: 'production',
        LOG_LEVEL: 'silent',
        PORT: String(port),
        ...own,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (child.pid !== undefined) pin(child.pid, 'server');
    while (!(await listens(port))) {
      if (child.exitCode !== null) throw new Error(`${unit} ended before it listened.`);
      await sleep(1);
    }
    return {
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
