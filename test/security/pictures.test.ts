/** Pictures made to fill a memory or to hold a worker: refused for what they are, at no cost. */
import { execFileSync } from 'node:child_process';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needing } from '../support/needing.ts';
import { client, file, type Stack, startStack } from '../support/stack.ts';

const it = needing('ps');

let stack: Stack;
let user: ReturnType<typeof client>;
beforeAll(async () => {
  stack = await startStack();
  user = client(stack);
  // Loads what the first picture loads.
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  await user.results(media_ids);
});
afterAll(() => stack.close());

/** Of a process and of those that it has started: the worker lets another one open what strangers send. */
function residentMegabytes(pid: number | undefined): number {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const ofTree = (root: number): number =>
    all.reduce((sum, [id = 0, parent, kilobytes = 0]) => {
      return sum + (id === root ? kilobytes : 0) + (parent === root ? ofTree(id) : 0);
    }, 0);
  return (ofTree(pid ?? 0) * 1_024) / 1_000_000;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/**
 * A PNG of one colour, one bit a pixel. https://www.w3.org/TR/png-3/#5DataRep
 * @param options.claimed What its header says of its size.
 * @param options.form Bits, colour type and the methods, the last of which is interlacing.
 */
function png(
  [width, height]: readonly [number, number],
  {
    claimed = [width, height],
    form = [1, 0, 0, 0, 0],
    extra = [],
  }: { claimed?: number[]; form?: number[]; extra?: Buffer[] } = {},
): Buffer {
  const header = Buffer.alloc(13);
  for (const [i, side] of claimed.entries()) header.writeUInt32BE(side, 4 * i);
  header.set(form, 8);
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Texts that are a thousand times as long once they are unpacked; larger ones libpng refuses itself. */
const packed = deflateSync(Buffer.alloc(20_000_000, 'a'));
const PACKED_TEXTS = [
  ['zTXt', 'Comment\0\0'],
  ['iTXt', 'Comment\0\x01\0\0\0'],
].map(([type = '', head = '']) =>
  chunk(type, Buffer.concat([Buffer.from(head, 'latin1'), packed])),
);

/** https://www.w3.org/Graphics/GIF/spec-gif89a.txt: a screen of this size, and almost nothing in it. */
function gif(width: number, height: number): Buffer {
  const bytes = Buffer.from(
    'GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\0\0\0\0\0\x02\x02D\x01\0;',
    'latin1',
  );
  for (const at of [6, 24]) {
    bytes.writeUInt16LE(width, at);
    bytes.writeUInt16LE(height, at + 2);
  }
  return bytes;
}

it.each<[string, Buffer, string, number]>([
  ['a PNG of 20000×20000 pixels in 50 KB', png([20_000, 20_000]), 'image/png', 60_000],
  ['a PNG whose header lies', png([1, 1], { claimed: [30_000, 30_000] }), 'image/png', 1_000],
  [
    'a PNG of 100 megapixels, interlaced and with 16 bits for each of four channels',
    png([1, 1], { claimed: [10_000, 10_000], form: [16, 6, 0, 0, 1] }),
    'image/png',
    1_000,
  ],
  ['a GIF of 65535×65535 pixels', gif(65_535, 65_535), 'image/gif', 100],
])('%s is refused, and memory stays flat', async (_title, bytes, type, maxBytes) => {
  expect(bytes.length).toBeLessThan(maxBytes);
  const { pid } = stack.units.worker;
  const before = residentMegabytes(pid);
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(pid));
  }, 50);
  const name = `bomb.${type.split('/')[1]}`;
  const { media_ids } = await user.analyze([new File([new Uint8Array(bytes)], name, { type })]);
  const [media] = await user.results(media_ids);
  clearInterval(sampling);
  // By what they claim, before anything else of them is believed, and not because a process died of them.
  expect(media).toMatchObject({
    status: 'failed',
    url: null,
    error_code: 'media_too_complex',
    error_message: expect.stringContaining('too many pixels'),
  });
  expect(Math.max(peak, before) - before).toBeLessThan(40);
  expect(stack.units.worker.pid).toBe(pid);
});

it('text packed into a picture is not unpacked', async () => {
  const { pid } = stack.units.worker;
  const before = residentMegabytes(pid);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(pid));
  }, 50);
  const extra = PACKED_TEXTS.flatMap((text) => [text, text, text]);
  const bytes = new Uint8Array(png([64, 64], { extra }));
  expect(bytes.length).toBeLessThan(150_000);
  const { media_ids } = await user.analyze([new File([bytes], 'a.png', { type: 'image/png' })]);
  const [media] = await user.results(media_ids);
  clearInterval(sampling);
  expect(media).toMatchObject({ status: 'completed' });
  expect(peak - before).toBeLessThan(60);
  expect(stack.units.worker.pid).toBe(pid);
});

test('an archive is no picture, whatever it is called', async () => {
  const zip = Buffer.concat([
    Buffer.from('504b0304', 'hex'),
    deflateRawSync(Buffer.alloc(1_000_000)),
  ]);
  const { media_ids } = await user.analyze([
    new File([new Uint8Array(zip)], 'a.jpg', { type: 'image/jpeg' }),
  ]);
  expect(await user.results(media_ids)).toMatchObject([{ error_code: 'unsupported_media_type' }]);
});
