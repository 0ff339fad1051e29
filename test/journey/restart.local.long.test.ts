/** `npm start` as a person runs it: what takes one start more to see, and that it ends with npm. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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
