/** `npm start` as a person runs it: what it takes one start more to see. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, file } from '../support/stack.ts';
import { start, stop } from '../support/started.ts';
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
