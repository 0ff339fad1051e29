/** `npm start` as a person runs it: ready soon, told what is wrong, and nothing lost by a restart. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { needing } from '../support/needing.ts';
import { client, eventually } from '../support/stack.ts';
import {
  childrenOf,
  type Launched,
  launch as spawn,
  start as spawnReady,
  stop,
} from '../support/started.ts';
import { expectNothingLost } from './restart.ts';

const it = needing('ps');

let dataDir: string;
/** The one on `dataDir`, which the tests end and start again. */
let current: Awaited<ReturnType<typeof spawnReady>>;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'restart-'));
  current = await spawnReady(dataDir);
});
afterEach(async () => {
  for (const child of running) await stop(child, 'SIGKILL');
});
afterAll(async () => {
  if (current) await stop(current.child, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

function launch(port: string, directory: string): Launched {
  const launched = spawn(port, directory);
  running.add(launched.child);
  return launched;
}

test('after SIGKILL and a new start everything is still there, and unfinished work goes on', async () => {
  await expectNothingLost(current.stack, 'bob', async () => {
    await stop(current.child, 'SIGKILL');
    current = await spawnReady(dataDir);
    return current.stack;
  });
});

describe('one that runs', () => {
  afterAll(() => stop(current.child, 'SIGKILL'));

  test('is left alone by a second instance on the same data, which says so', async () => {
    const second = launch('0', dataDir);
    await once(second.child, 'exit');
    expect(second.child.exitCode).toBe(1);
    expect(second.output()).toMatch(/in use by another instance.*LOCAL_DATA_DIR/s);
    expect((await client(current.stack).call('/api/media')).status).toBe(200);
  });

  test('has a port: one that wants the same names it, with what to do', async () => {
    const port = new URL(current.stack.url).port;
    const other = mkdtempSync(join(tmpdir(), 'restart-'));
    try {
      const second = launch(port, other);
      await once(second.child, 'exit');
      expect(second.child.exitCode).toBe(1);
      expect(second.output()).toContain(`Port ${port} is in use`);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('takes its units with it when it ends, even by kill -9', async () => {
    const { child } = current;
    await client(current.stack).call('/api/media');
    const units = childrenOf(child.pid ?? 0).map(({ pid }) => pid);
    expect(units).toHaveLength(3);
    await stop(child, 'SIGKILL');
    await eventually(async () => (units.some(isAlive) ? undefined : true));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
