/** Pictures made to fill a memory or to hold a worker: refused for what they are, at no cost. */
import { execFileSync } from 'node:child_process';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, file, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let user: ReturnType<typeof client>;
beforeAll(async () => {
  stack = await startStack();
  user = client(stack);
  // Loads what the first picture loads.
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  await user.results(media_ids);
}, 60_000);
afterAll(() => stack.close());

function residentMegabytes(pid: number | undefined): number {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return (Number(kilobytes) * 1_024) / 1_000_000;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of one colour, one bit a pixel. https://www.w3.org/TR/png-3/#5DataRep */
function png(width: number, height: number, ...extra: Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(1, 8);
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Text that is a thousand times as long once it is unpacked. */
const packedText = chunk(
  'zTXt',
  Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(200_000_000))]),
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

test.each<[string, Buffer, string, number]>([
  ['a PNG of 20000×20000 pixels in 50 KB', png(20_000, 20_000), 'image/png', 60_000],
  ['a PNG whose header lies', png(1, 1).fill(0x7f, 16, 24), 'image/png', 1_000],
  ['a GIF of 65535×65535 pixels', gif(65_535, 65_535), 'image/gif', 100],
])(
  '%s is refused, and memory stays flat',
  async (_title, bytes, type, maxBytes) => {
    expect(bytes.length).toBeLessThan(maxBytes);
    const { pid } = stack.units.worker;
    const before = residentMegabytes(pid);
    let peak = 0;
    const sampling = setInterval(() => {
      peak = Math.max(peak, residentMegabytes(pid));
    }, 20);
    const name = `bomb.${type.split('/')[1]}`;
    const { media_ids } = await user.analyze([new File([new Uint8Array(bytes)], name, { type })]);
    const [media] = await user.results(media_ids);
    clearInterval(sampling);
    expect(media).toMatchObject({ status: 'failed', url: null });
    expect(['media_too_complex', 'media_corrupt']).toContain(media?.error_code);
    if (bytes.length > 10_000) expect(media?.error_code).toBe('media_too_complex');
    expect(Math.max(peak, before) - before).toBeLessThan(40);
    expect(stack.units.worker.pid).toBe(pid);
  },
  20_000,
);

test('text packed into a picture is not unpacked', async () => {
  const { pid } = stack.units.worker;
  const before = residentMegabytes(pid);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(pid));
  }, 20);
  const bytes = new Uint8Array(png(64, 64, packedText));
  const { media_ids } = await user.analyze([new File([bytes], 'a.png', { type: 'image/png' })]);
  const [media] = await user.results(media_ids);
  clearInterval(sampling);
  expect(media?.status).toMatch(/^(completed|failed)$/);
  expect(peak - before).toBeLessThan(60);
  expect(stack.units.worker.pid).toBe(pid);
}, 20_000);

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
