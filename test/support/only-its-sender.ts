import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import { ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { Inspector } from '../../functions/inspect/inspector.ts';
import { BOMBS } from './bombs.ts';
import { cpuYardstick } from './cpu-yardstick.ts';

/** As deployed, but for how long a file may take: the same verdict comes twenty times sooner. */
export const startInspector = () => new Inspector({ cpuMs: 1_000, memoryBytes: 400e6, heapMb: 96 });

export const photo = (name: string) => readFile(new URL(`../photos/${name}`, import.meta.url));

function bombOf(name: string): Buffer {
  const bomb = BOMBS.find((each) => each.name === name);
  if (!bomb) throw new Error(`There is no bomb “${name}”.`);
  return bomb.bytes();
}

/** Inspects the bomb of one owner, and beside it the photo of another owner. */
export async function expectThatOnlyItsSenderPays(
  inspector: Inspector,
  name: string,
): Promise<void> {
  const bomb = bombOf(name);
  const cpu = process.cpuUsage();
  const rss = process.memoryUsage.rss();
  const [verdict, other] = await Promise.all([
    inspector.inspect(bomb, name, 'mallory').then(
      () => 'accepted' as const,
      ({ code }: { code?: ErrorCode }) => code,
    ),
    inspector.inspect(await photo('08-lake.jpg'), 'lake.jpg', 'alice'),
  ]);
  expect(other.contentType).toBe('image/jpeg');
  // A code that is worth another attempt would bring the file back.
  if (verdict !== 'accepted') expect(ERRORS[verdict ?? 'internal'].retryable).toBe(false);
  // This process, which handles requests, hands over the bytes, 30 MB at most, and opens nothing. In CPU time: a busy
  // machine takes longer, and does not work more.
  const { user, system } = process.cpuUsage(cpu);
  const residentBytes = process.memoryUsage.rss();
  expect((user + system) / 1e6).toBeLessThan(40 * cpuYardstick());
  expect(residentBytes - rss).toBeLessThan(64e6 + 2 * bomb.length);
}
