/** The api streams: what passes through it does not stay in it. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, file, form, type Stack, startStack } from '../support/stack.ts';

const MEGABYTE = 1_000_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 30_000);
afterAll(() => stack.close());

/** Bytes of memory that a process holds. */
function residentSize(pid: number): number {
  return (
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024
  );
}

test('memory stays flat while 20 uploads of 30 MB run side by side', async () => {
  const pid = stack.units.api.pid ?? 0;
  // Loads what any first request loads.
  await client(stack).analyze([await file('02-cat.png')]);
  const before = residentSize(pid);

  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentSize(pid));
  }, 100);
  // Random would cost this process more than it tells: what is in it does not matter here.
  const bytes = new Uint8Array(30 * MEGABYTE);
  const large = new File([bytes], 'large.jpg', { type: 'image/jpeg' });
  const uploads = Array.from({ length: 20 }, async () => {
    const response = await client(stack).call('/api/media', {
      method: 'POST',
      body: form([large]),
    });
    expect(response.status).toBe(202);
  });
  await Promise.all(uploads);
  clearInterval(sampling);

  expect(peak).toBeGreaterThan(0);
  expect((peak - before) / MEGABYTE).toBeLessThanOrEqual(40);
}, 120_000);
