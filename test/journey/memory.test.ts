/** The api streams: what passes through it does not stay in it. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { client, file } from '../support/stack.ts';
import { childrenOf, start, stop } from '../support/started.ts';

const MEGABYTE = 1_000_000;
const SEND = fileURLToPath(new URL('../support/send-large.ts', import.meta.url));

/** Bytes of memory that a process holds. */
function residentSize(pid: number): number {
  return (
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024
  );
}

test('memory stays flat while 20 uploads of 30 MB run side by side', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'memory-'));
  const { child, stack } = await start(dataDir);
  try {
    const api = childrenOf(child.pid ?? 0).find(({ command }) => command.includes('--target=api'));
    const pid = api?.pid ?? 0;
    // Loads what any first request loads.
    await client(stack).analyze([await file('02-cat.png')]);
    const before = residentSize(pid);

    let peak = 0;
    const sampling = setInterval(() => {
      peak = Math.max(peak, residentSize(pid));
    }, 100);
    const { stdout } = await promisify(execFile)(process.execPath, [SEND, stack.url, '20', '30']);
    clearInterval(sampling);

    expect(new Set(stdout.trim().split(' '))).toEqual(new Set(['202']));
    expect(peak).toBeGreaterThan(before);
    expect((peak - before) / MEGABYTE).toBeLessThanOrEqual(40);
  } finally {
    await stop(child, 'SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 120_000);
