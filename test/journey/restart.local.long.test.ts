/** `npm start` as a person runs it: what takes one start more to see, and that it ends with npm. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, eventually, file } from '../support/stack.ts';
import { childrenOf, start, stop } from '../support/started.ts';
import { expectNothingLost } from './restart.ts';

let dataDir: string;
let current: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'restart-'));
  current = await start(dataDir);
});
afterAll(async () => {
  if (current) await stop(current.child, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

test('after SIGTERM and a new start everything is still there, and unfinished work goes on', async () => {
  await expectNothingLost(current.stack, 'alice', async () => {
    await stop(current.child, 'SIGTERM');
    current = await start(dataDir);
    return current.stack;
  });
});

test('with GENKIT_ENV=dev the units run as deployed, and one photo after another is analysed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'restart-'));
  const genkit = await start(folder, '0', { environment: { GENKIT_ENV: 'dev' } });
  try {
    const user = client(genkit.stack);
    for (const name of ['02-cat.png', '03-coffee.webp', '05-dogs.jpg']) {
      const { media_ids } = await user.analyze([await file(name)]);
      expect(await user.results(media_ids)).toMatchObject([{ status: 'completed' }]);
    }
  } finally {
    await stop(genkit.child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

test('two instances run side by side, each with its own data', async () => {
  const other = mkdtempSync(join(tmpdir(), 'restart-'));
  const second = await start(other);
  try {
    const { media_ids } = await client(current.stack).analyze([await file('02-cat.png')]);
    expect((await client(current.stack).results(media_ids))[0]?.status).toBe('completed');
    expect((await client(second.stack).call(`/api/media/${media_ids[0]}`)).status).toBe(404);
  } finally {
    await stop(second.child, 'SIGTERM');
    rmSync(other, { recursive: true, force: true });
  }
});

test('a page that is refused, and how a bucket is filled from which is imported, are said', async () => {
  const other = mkdtempSync(join(tmpdir(), 'restart-'));
  const environment = { IMPORT_BUCKETS: 'shop-photos', DEV_ORIGINS: 'http://localhost:5173' };
  const second = await start(other, '0', { environment });
  try {
    const address = await eventually(
      async () => / '(http:\S+\/b\/shop-photos\/o\S+)'/.exec(second.output())?.[1],
    );
    const answer = await fetch(address, { method: 'POST', body: await file('02-cat.png') });
    expect(await answer.json()).toMatchObject({ bucket: 'shop-photos', name: 'photo.jpg' });
    await fetch(`${second.stack.url}/api/media`, { headers: { Origin: 'http://localhost:4000' } });
    const mended =
      'To let it in: DEV_ORIGINS=http://localhost:5173,http://localhost:4000 npm start\n';
    await eventually(async () => second.output().includes(mended) || undefined);
  } finally {
    await stop(second.child, 'SIGTERM');
    rmSync(other, { recursive: true, force: true });
  }
});

test('they end with npm too, which tells only its shell that it was told to end', async () => {
  const other = mkdtempSync(join(tmpdir(), 'restart-'));
  const env = { ...process.env, PORT: '0', LOCAL_DATA_DIR: other, ANALYSIS_MODEL: 'local/facts' };
  const npm = spawn('npm', ['start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let output = '';
    npm.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await eventually(async () => output.includes('Ready on ') || undefined);
    const started = descendantsOf(npm.pid ?? 0);
    // A shell, the start, and its units.
    expect(started.length).toBeGreaterThanOrEqual(4);
    await stop(npm, 'SIGTERM');
    await eventually(async () => (started.some(isAlive) ? undefined : true));
  } finally {
    await stop(npm, 'SIGKILL');
    rmSync(other, { recursive: true, force: true });
  }
});

test('told all at once, as by Ctrl-C, they end once and without an error, also while a request is being answered', async () => {
  const other = mkdtempSync(join(tmpdir(), 'restart-'));
  const env = { ...process.env, PORT: '0', LOCAL_DATA_DIR: other, ANALYSIS_MODEL: 'local/facts' };
  const npm = spawn('npm', ['start'], { env, detached: true });
  let [output, errors] = ['', ''];
  npm.stdout.on('data', (chunk) => {
    output += chunk;
  });
  npm.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  try {
    const url = await eventually(async () => /Ready on (\S+)/.exec(output)?.[1]);
    const upload = request(`${url}/api/media`, {
      method: 'POST',
      headers: { 'content-length': 9 },
    });
    // The service may end the connection before it has the rest.
    upload.on('error', () => undefined);
    upload.write('half');
    await once(upload, 'socket');
    const started = descendantsOf(npm.pid ?? 0);
    process.kill(-(npm.pid ?? 0), 'SIGTERM');
    await eventually(async () => (started.some(isAlive) ? undefined : true));
    expect(errors).toBe('');
  } finally {
    await stop(npm, 'SIGKILL');
    rmSync(other, { recursive: true, force: true });
  }
});

function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid).map((child) => child.pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
