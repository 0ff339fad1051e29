/** The stream's container, as its Dockerfile says that it is made and started. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyPage } from '../../deploy/page.ts';
import { NODE_OPTIONS } from '../../local/base/units.ts';
import { PAGE_DIR } from '../../local/page.ts';
import { buildBundles } from '../support/bundles.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { orHang } from '../support/hang-limit.ts';
import { mediaRecord } from '../support/media.ts';
import { needing } from '../support/needing.ts';
import { currentPage } from '../support/page.ts';
import {
  client,
  eventually,
  readEvents,
  type Stack,
  type StreamEvent,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const it = needing('signals');

const PAGE_CONFIG = { api_url: 'https://api.example' };

let folder: string;
let dockerfile: { instruction: string; argument: string }[];
let stack: Stack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-analysis-container-'));
  // Whoever runs it need not be who has built it.
  await chmod(folder, 0o755);
  [stack] = await Promise.all([startStack(), buildBundles(folder, ['stream']), currentPage()]);
  await copyPage(PAGE_DIR, join(folder, 'stream/page'));
  const text = await readFile(join(folder, 'stream/Dockerfile'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  dockerfile = lines.map((line) => {
    const [instruction = '', ...words] = line.split(' ');
    return { instruction, argument: words.join(' ') };
  });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

const argumentsOf = (wanted: string) =>
  dockerfile.filter(({ instruction }) => instruction === wanted).map(({ argument }) => argument);

test('its recipe has the Node that the tests run with, installs nothing, and is not run as root', () => {
  expect(argumentsOf('FROM')).toEqual([`node:${process.versions.node.split('.')[0]}-slim`]);
  expect(argumentsOf('RUN').filter((run) => /\b(npm|npx|yarn|apt\S*|curl)\b/.test(run))).toEqual(
    [],
  );
  // Node takes what was compiled by the same user and with the flags that Terraform starts it with, and nothing else.
  expect(argumentsOf('RUN').map((run) => JSON.parse(run))).toEqual([
    ['install', '--directory', '--owner=node', 'compile-cache'],
    ['node', ...NODE_OPTIONS, 'warm.js'],
  ]);
  expect(argumentsOf('USER')).toEqual(['node']);
  // Nothing comes after it that could need to be root.
  const after = dockerfile.slice(dockerfile.findIndex(({ instruction }) => instruction === 'USER'));
  expect(after.map(({ instruction }) => instruction)).toEqual(['USER', 'RUN', 'CMD']);
  expect(argumentsOf('ENTRYPOINT')).toEqual([]);
});

describe('started by its own command', () => {
  let child: ChildProcess;
  let stream: Response;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = startContainer(port);
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
      const health = await fetch(`${url}/health`).catch(() => undefined);
      return health?.status === 200 ? true : undefined;
    });
    const id = 'unfinishedMedia00001';
    await storeUnfinished(id);
    const token = await tokenOf(stack, 'alice');
    stream = await client({ url }, token).call(`/api/media/${id}/stream`);
  });
  afterAll(() => {
    child.kill('SIGKILL');
  });

  test('it answers on $PORT and holds a stream open', async () => {
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  });

  test('it serves the page that is in the image, compressed, and the settings that it is given', async () => {
    const html = await (await fetch(url)).text();
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
    const answer = await fetch(url + script, { headers: { 'Accept-Encoding': 'br' } });
    expect(answer.headers.get('content-encoding')).toBe('br');
    expect(await answer.text()).toBe(await readFile(join(PAGE_DIR, script), 'utf8'));
    expect(await (await fetch(`${url}/config.json`)).json()).toEqual(PAGE_CONFIG);
  });

  it('SIGTERM ends it in time, and the stream in good order', async () => {
    const events = readAll(stream);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    // By itself, and not by the limit that its shutdown has for what does not end: that would cut the stream off.
    expect(await orHang(exited, 'the end of the process')).toEqual([0, null]);
    expect((await events).map(({ id }) => id)).toEqual(['1']);
  });
});

/** Fails if the stream is cut off instead of ended. */
async function readAll(response: Response): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEvents(response)) events.push(event);
  return events;
}

/** What the image sets, but for the folder of the unit. */
function imageEnvironment(): Record<string, string> {
  const settings = argumentsOf('ENV').flatMap((line) => line.split(' '));
  const [workDir = ''] = argumentsOf('WORKDIR');
  return Object.fromEntries(
    settings.map((each) => each.replace(workDir, join(folder, 'stream')).split('=')),
  );
}

/** As another user than root, where this user may choose. */
function startContainer(port: number): ChildProcess {
  const command: string[] = JSON.parse(argumentsOf('CMD')[0] ?? '[]');
  const { FIRESTORE_EMULATOR_HOST, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = stack.environment;
  const other = { uid: 1000, gid: 1000 };
  const mayChoose = spawnSync(process.execPath, ['--version'], other).status === 0;
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: join(folder, 'stream'),
    stdio: ['ignore', 'ignore', 'inherit'],
    ...(mayChoose && other),
    env: {
      ...imageEnvironment(),
      PATH: dirname(process.execPath),
      PAGE_CONFIG: JSON.stringify(PAGE_CONFIG),
      PORT: String(port),
      LOG_LEVEL: 'silent',
      METADATA_SERVER_DETECTION: 'none',
      GOOGLE_CLOUD_PROJECT: stack.environment.GOOGLE_CLOUD_PROJECT,
      FIRESTORE_EMULATOR_HOST,
      AUTH_ISSUER,
      AUTH_AUDIENCE,
      AUTH_JWKS_URL,
    },
  });
  return endWithUs(child);
}

/** Nobody works on it, so a stream of it stays open. */
async function storeUnfinished(id: string): Promise<void> {
  const { FIRESTORE_EMULATOR_HOST = '', GOOGLE_CLOUD_PROJECT = '' } = stack.environment;
  const firestore = new Firestore({
    projectId: GOOGLE_CLOUD_PROJECT,
    host: FIRESTORE_EMULATOR_HOST,
    ssl: false,
  });
  await firestore
    .collection('media')
    .doc(id)
    .create(mediaRecord({ id, owner_id: 'alice' }));
  await firestore.terminate();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
