import { expect, test } from '@jest/globals';
import { downloadsOf, wholeOf } from './save-file.ts';

const sized = (...sizes: number[]) => sizes.map((size, n) => ({ id: `${n}`, size }));
const most = { bytes: 10, files: 3 };

test.each([
  [[], []],
  [[4, 6], [['0', '1']]],
  [
    [4, 6, 1],
    [['0', '1'], ['2']],
  ],
  [
    [1, 1, 1, 1],
    [['0', '1', '2'], ['3']],
  ],
  [
    [11, 1],
    [['0'], ['1']],
  ],
])('files of %j bytes', (sizes, parts) => {
  expect(downloadsOf(sized(...sizes), most)).toEqual(parts);
});

const answerOf = (begin: (stream: ReadableStreamDefaultController<Uint8Array>) => void) =>
  new Response(new ReadableStream({ start: begin }));
const part = new TextEncoder().encode('PK');

test('a file is whole, or its end is told as one of the connection', async () => {
  const whole = answerOf((stream) => {
    for (const each of [part, part]) stream.enqueue(each);
    stream.close();
  });
  expect(await (await wholeOf(whole)).text()).toBe('PKPK');
  const cut = answerOf((stream) => {
    stream.enqueue(part);
    stream.error(new TypeError('network error'));
  });
  await expect(wholeOf(cut)).rejects.toMatchObject({ code: 'unavailable', status: 0 });
  const silent = answerOf((stream) => stream.enqueue(part));
  await expect(wholeOf(silent, 1)).rejects.toMatchObject({ code: 'unavailable', status: 0 });
});
