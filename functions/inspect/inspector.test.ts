import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from '@jest/globals';
import { ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { BOMBS } from '../../test/support/bombs.ts';
import { cpuYardstick } from '../../test/support/cpu-yardstick.ts';
import { inspectMedia } from './index.ts';
import { Inspector } from './inspector.ts';

/** As deployed, but for how long a file may take: the same verdict comes twenty times sooner. */
const inspector = new Inspector({ cpuMs: 1_000, memoryBytes: 400e6, heapMb: 96 });
afterAll(() => inspector.close());

const photo = (name: string) => readFile(new URL(`../../test/photos/${name}`, import.meta.url));
const video = (name: string) => readFile(new URL(`../../test/videos/${name}`, import.meta.url));

test.each(BOMBS.map(({ name, bytes }) => [name, bytes] as const))(
  '%s costs nobody but its sender',
  async (name, bytes) => {
    const bomb = bytes();
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
  },
);

test.each([
  ['08-lake.jpg', photo],
  ['21-cat-iphone.heic', photo],
  ['22-located.tiff', photo],
  ['portrait.mov', video],
])('of %s it tells what is told without a process', async (name, read) => {
  const bytes = await read(name);
  const options = { previewMaxSide: 200, captureLocation: true };
  const plain = await inspectMedia(bytes, name, options);
  expect(await inspector.inspect(bytes, name, 'alice', options)).toEqual(plain);
  const content = {
    size: bytes.length,
    read: async (start: number, end: number) => bytes.subarray(start, end),
  };
  expect(await inspector.inspect(content, name, 'alice', options)).toEqual(plain);
});

test('a file that cannot be opened says so by its name, and is final', async () => {
  const broken = (await photo('05-dogs.jpg')).subarray(0, 3_000);
  const refused = inspector.inspect(broken, 'dogs.jpg', 'alice');
  await expect(refused).rejects.toMatchObject({
    name: 'AppError',
    code: 'media_corrupt',
    message: expect.stringContaining('dogs.jpg'),
  });
});
