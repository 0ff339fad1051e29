import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from '@jest/globals';
import {
  expectThatOnlyItsSenderPays,
  photo,
  startInspector,
} from '../../test/support/only-its-sender.ts';
import { inspectMedia } from './index.ts';
import { withPlaceName } from './place-names.ts';

const inspector = startInspector();
afterAll(() => inspector.close());

const video = (name: string) => readFile(new URL(`../../test/videos/${name}`, import.meta.url));

/** One file kills its process, and the other one gives facts that cannot be. The others are in `inspector.long.test.ts`. */
test.each(['a fragment of 5,000,000 samples.mp4', 'a video of no size.mp4'])(
  '%s costs nobody but its sender',
  (name) => expectThatOnlyItsSenderPays(inspector, name),
);

test.each([
  ['08-lake.jpg', photo],
  ['21-cat-iphone.heic', photo],
  ['22-located.tiff', photo],
  ['portrait.mov', video],
])(
  'of %s it tells what is told without a process, and the name of the place',
  async (name, read) => {
    const bytes = await read(name);
    const options = { previewMaxSide: 1_600, withSmall: true, captureLocation: true };
    const inspected = await inspectMedia(bytes, name, options);
    const { facts } = inspected;
    const named = { ...facts, capture: await withPlaceName(facts.capture) };
    const plain = { ...inspected, facts: named };
    expect(await inspector.inspect(bytes, name, 'alice', options)).toEqual(plain);
    const content = {
      size: bytes.length,
      read: async (start: number, end: number) => bytes.subarray(start, end),
    };
    expect(await inspector.inspect(content, name, 'alice', options)).toEqual(plain);
  },
);

test('files of one owner are opened one after the other, and those of another beside them', async () => {
  const bytes = await photo('08-lake.jpg');
  const gate = Promise.withResolvers<void>();
  /** A file whose bytes come only when the gate opens. */
  const held = (onRead: () => void = () => undefined) => ({
    size: bytes.length,
    read: async (start: number, end: number) => {
      onRead();
      await gate.promise;
      return bytes.subarray(start, end);
    },
  });
  const opened = Promise.withResolvers<string>();
  const first = inspector.inspect(held(), 'a.jpg', 'alice');
  const second = inspector.inspect(
    held(() => opened.resolve('the second of alice')),
    'b.jpg',
    'alice',
  );
  const other = inspector.inspect(bytes, 'c.jpg', 'bob').then(() => 'the one of bob');
  try {
    expect(await Promise.race([other, opened.promise])).toBe('the one of bob');
  } finally {
    gate.resolve();
    await Promise.all([first, second, other]);
  }
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
