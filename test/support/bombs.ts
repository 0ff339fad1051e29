/**
 * Files that are made to stop the program that opens them: small ones that claim to be large inside. Each is
 * built here from the formats' own descriptions; none was taken from anywhere.
 */
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const u16 = (value: number) => Buffer.from([value >>> 8, value & 255]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const MANY = 0xffffffff;
const repeat = (bytes: Buffer, times: number) => Buffer.alloc(bytes.length * times, bytes);

// ISO base media (MP4, MOV): https://www.iso.org/standard/83102.html

export function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

/** A box with a version and flags before its content. */
export const full = (type: string, flags: number, ...parts: Buffer[]) =>
  box(type, u32(flags), ...parts);

const FTYP = box('ftyp', Buffer.from('isom'), u32(512), Buffer.from('isomiso2avc1mp41'));

/** The sample tables of a video track of one frame, of which some can be replaced. */
function sampleTables(replaced: Record<string, Buffer> = {}, side = 16): Buffer {
  const avcC = box(
    'avcC',
    Buffer.from('0142c00affe1000467 42c00a0100046 8ce3c80'.replaceAll(' ', ''), 'hex'),
  );
  const entry = box(
    'avc1',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(side),
    u16(side),
    u32(0x480000),
    u32(0x480000),
    u32(0),
    u16(1),
    Buffer.alloc(32),
    u16(24),
    u16(0xffff),
    avcC,
  );
  const tables: Record<string, Buffer> = {
    stsd: full('stsd', 0, u32(1), entry),
    stts: full('stts', 0, u32(1), u32(1), u32(1000)),
    stsc: full('stsc', 0, u32(1), u32(1), u32(1), u32(1)),
    stsz: full('stsz', 0, u32(4), u32(1)),
    stco: full('stco', 0, u32(1), u32(40)),
    ...replaced,
  };
  return box('stbl', ...Object.values(tables));
}

function track(stbl: Buffer, size = 16, id = 1, edits: Buffer = Buffer.alloc(0)): Buffer {
  const tkhd = full(
    'tkhd',
    3,
    u32(0),
    u32(0),
    u32(id),
    u32(0),
    u32(1000),
    Buffer.alloc(8),
    u16(0),
    u16(0),
    u16(0),
    u16(0),
    ...[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32),
    u32(size << 16),
    u32(size << 16),
  );
  const mdhd = full('mdhd', 0, u32(0), u32(0), u32(1000), u32(1000), u16(0x55c4), u16(0));
  const hdlr = full('hdlr', 0, u32(0), Buffer.from('vide'), Buffer.alloc(12), Buffer.from('v\0'));
  const dinf = box('dinf', full('dref', 0, u32(1), full('url ', 1)));
  const minf = box('minf', full('vmhd', 1, Buffer.alloc(8)), dinf, stbl);
  return box('trak', tkhd, edits, box('mdia', mdhd, hdlr, minf));
}

function mvhd(): Buffer {
  const matrix = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32);
  return full(
    'mvhd',
    0,
    u32(0),
    u32(0),
    u32(1000),
    u32(1000),
    u32(0x10000),
    u16(0x100),
    Buffer.alloc(10),
    ...matrix,
    Buffer.alloc(24),
    u32(2),
  );
}

function mp4(...tracks: Buffer[]): Buffer {
  const mdat = box('mdat', Buffer.from('0000000165', 'hex'));
  return Buffer.concat([FTYP, mdat, box('moov', mvhd(), ...tracks)]);
}

/** A fragment that claims `samples` samples and has bytes for none. */
export function fragmentedMp4(samples: number): Buffer {
  const empty = {
    stts: full('stts', 0, u32(0)),
    stsc: full('stsc', 0, u32(0)),
    stsz: full('stsz', 0, u32(0), u32(0)),
    stco: full('stco', 0, u32(0)),
  };
  const trex = full('trex', 0, u32(1), u32(1), u32(1), u32(1), u32(0));
  const moov = box('moov', mvhd(), track(sampleTables(empty)), box('mvex', trex));
  const traf = box(
    'traf',
    full('tfhd', 0x20000, u32(1)),
    full('tfdt', 0, u32(0)),
    full('trun', 0, u32(samples)),
  );
  const moof = box('moof', full('mfhd', 0, u32(1)), traf);
  return Buffer.concat([FTYP, moov, moof, box('mdat', Buffer.from([0]))]);
}

/** A video of so many seconds, of which an edit list shows only the last one. */
export function mostlyHidden(seconds: number): Buffer {
  const tables = sampleTables({
    stts: full('stts', 0, u32(1), u32(seconds), u32(1000)),
    stss: full('stss', 0, u32(1), u32(1)),
    stsz: full('stsz', 0, u32(5), u32(seconds)),
    // All frames are the same five bytes.
    stco: full('stco', 0, u32(seconds), repeat(u32(40), seconds)),
  });
  const shown = [u32(1000), u32((seconds - 1) * 1000), u32(0x10000)];
  return mp4(track(tables, 16, 1, box('edts', full('elst', 0, u32(1), ...shown))));
}

const withTable = (name: string, table: Buffer, without: string[] = []) =>
  mp4(
    track(
      sampleTables({
        [name]: table,
        ...Object.fromEntries(without.map((each) => [each, Buffer.alloc(0)])),
      }),
    ),
  );

// HEIF (HEIC, AVIF): ISO/IEC 23008-12, section 6

interface Tile {
  brand: 'heic' | 'avif';
  /** `hvc1` or `av01`. */
  type: string;
  config: Buffer;
  coded: Buffer;
  width: number;
  height: number;
}

/** A grey picture of 1,024 × 1,024, coded as AV1. */
const AV1_TILE: Tile = {
  brand: 'avif',
  type: 'av01',
  config: box('av1C', Buffer.from('81250200', 'hex')),
  coded: Buffer.from(
    'EgAKCjlmf//9pAQ0GkAychP8mKE7///8WfgQz8oq9wUHMB5L2OTygd6cXvEV7oi4oaUS9WTuV6cc82vQkFZTfEPp' +
      'rp5NrjZaTpwmw52Zc3o5FUPk74Uudv4hJvywLbIm/7pdPbnLbSOnEU2jwRfQB9RZsZ6yLMItNWW7t1n2FLxhFw==',
    'base64',
  ),
  width: 1_024,
  height: 1_024,
};

/** The only picture of a photo of an iPhone, at the places that its index names. */
function hevcTile(): Tile {
  const photo = readFileSync(new URL('../photos/21-cat-iphone.heic', import.meta.url));
  return {
    brand: 'heic',
    type: 'hvc1',
    config: photo.subarray(207, 326),
    coded: photo.subarray(3_616, 3_616 + 8_827),
    width: 452,
    height: 300,
  };
}

/** A crop to 64 × 64 in the middle. */
const CROP = box('clap', ...[64, 1, 64, 1, 0, 1, 0, 1].map(u32));

export interface HeifItem {
  kind: string;
  data: Buffer;
  /** Places of its properties in the list of all, from 1. */
  properties: number[];
  /** Numbers of the items, from 1, that it is made of. */
  madeOf?: number[];
}

/** The first item is the picture that is shown. Equal data is in the file once. */
export function heif(brand: string, properties: Buffer[], items: HeifItem[]): Buffer {
  const data = [...new Set(items.map((item) => item.data))];
  const startOf = (piece: Buffer) => Buffer.concat(data.slice(0, data.indexOf(piece))).length;
  const count = u16(items.length);
  const ids = items.map((_, i) => u16(i + 1));
  const idOf = (i: number) => ids[i] ?? u16(0);
  const infos = items.map(({ kind }, i) =>
    full('infe', 2 << 24, idOf(i), u16(0), Buffer.from(`${kind}\0`)),
  );
  const places = items.map((item, i) =>
    Buffer.concat([
      idOf(i),
      u16(1),
      u16(0),
      u16(1),
      u32(startOf(item.data)),
      u32(item.data.length),
    ]),
  );
  const parts = items.map(({ madeOf = [] }, i) =>
    madeOf.length > 0
      ? box('dimg', idOf(i), u16(madeOf.length), ...madeOf.map(u16))
      : Buffer.alloc(0),
  );
  const uses = items.map((item, i) =>
    Buffer.concat([idOf(i), Buffer.from([item.properties.length, ...item.properties])]),
  );
  const meta = full(
    'meta',
    0,
    full('hdlr', 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
    full('pitm', 0, u16(1)),
    full('iinf', 0, count, ...infos),
    full('iloc', 1 << 24, Buffer.from([0x44, 0]), count, ...places),
    full('iref', 0, ...parts),
    box('iprp', box('ipco', ...properties), full('ipma', 0, u32(items.length), ...uses)),
    box('idat', ...data),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from(brand), u32(0), Buffer.from(`mif1${brand}`)),
    meta,
  ]);
}

/** A grid of 16 grids of `side` × `side` tiles, all at the same bytes, of which 64 × 64 pixels are shown. */
function croppedGrids({ brand, type, config, coded, ...tile }: Tile, side: number): Buffer {
  const sizes = [1, side, 4 * side].map(
    (times) => [tile.width * times, tile.height * times] as const,
  );
  const gridOf = (columns: number, [width, height] = [0, 0] as readonly [number, number]) =>
    Buffer.concat([Buffer.from([0, 1, columns - 1, columns - 1]), u32(width), u32(height)]);
  const numbers = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);
  const inner = {
    kind: 'grid',
    data: gridOf(side, sizes[1]),
    properties: [3],
    madeOf: numbers(18, side * side),
  };
  return heif(
    brand,
    [config, ...sizes.map(([width, height]) => full('ispe', 0, u32(width), u32(height))), CROP],
    [
      { kind: 'grid', data: gridOf(4, sizes[2]), properties: [4, 5], madeOf: numbers(2, 16) },
      ...Array<HeifItem>(16).fill(inner),
      ...Array<HeifItem>(side * side).fill({ kind: type, data: coded, properties: [1, 2] }),
    ],
  );
}

// TIFF and EXIF: https://www.awaresystems.be/imaging/tiff/specification/TIFF6.pdf

/** A TIFF of one pixel whose EXIF directory has `entries` entries of `count` SHORTs at one place. */
function tiff(entries: number, count: number, tagOf: (index: number) => number): Buffer {
  const entry = (tag: number, type: number, values: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(values, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const exifAt = 512;
  const shortsAt = exifAt + 2 + entries * 12 + 4;
  const main = [
    entry(256, 3, 1, 1),
    entry(257, 3, 1, 1),
    entry(258, 3, 1, 8),
    entry(259, 3, 1, 1),
    entry(262, 3, 1, 1),
    entry(273, 4, 1, 500),
    entry(277, 3, 1, 1),
    entry(278, 3, 1, 1),
    entry(279, 4, 1, 1),
    entry(34665, 4, 1, exifAt),
  ];
  const head = Buffer.alloc(exifAt);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(main.length, 8);
  Buffer.concat(main).copy(head, 10);
  const count16 = Buffer.alloc(2);
  count16.writeUInt16LE(entries);
  const directory = Array.from({ length: entries }, (_, i) => entry(tagOf(i), 3, count, shortsAt));
  return Buffer.concat([head, count16, ...directory, Buffer.alloc(4), Buffer.alloc(count * 2)]);
}

// PNG: https://www.w3.org/TR/png-3/

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
function crc32(bytes: Buffer): number {
  let crc = MANY;
  for (const byte of bytes) crc = (CRC[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return ~crc;
}
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
}

function png(width: number, height: number, more: Buffer[] = []): Buffer {
  const header = Buffer.concat([u32(width), u32(height), Buffer.from([8, 2, 0, 0, 0])]);
  const pixels = deflateSync(Buffer.alloc((width * 3 + 1) * height), { level: 9 });
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

// JPEG: ITU-T T.81

/** A grey progressive JPEG of `side` × `side` pixels in `scans` scans, each of them empty. */
export function progressiveJpeg(side: number, scans: number): Buffer {
  const segment = (marker: number, data: Buffer) =>
    Buffer.concat([Buffer.from([0xff, marker]), u16(data.length + 2), data]);
  // Two codes of one bit: category 0, and an end-of-band run of 2^14 and more blocks.
  const dcTable = segment(0xc4, Buffer.from([0x00, 1, ...Array(15).fill(0), 0]));
  const acTable = segment(0xc4, Buffer.from([0x10, 1, ...Array(15).fill(0), 0xe0]));
  const blocks = Math.ceil(side / 8) ** 2;
  const dcBits = '0'.repeat(blocks);
  const runs = Math.ceil(blocks / 32_767);
  // The code, and 14 bits of ones: a run of 32,767 blocks.
  const acBits = `0${'1'.repeat(14)}`.repeat(runs);
  const scan = (from: number, to: number, bits: string) =>
    Buffer.concat([segment(0xda, Buffer.from([1, 1, 0x00, from, to, 0])), entropy(bits)]);
  const acScans = Array.from({ length: scans - 1 }, () => scan(1, 63, acBits));
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
    segment(
      0xc2,
      Buffer.concat([Buffer.from([8]), u16(side), u16(side), Buffer.from([1, 1, 0x11, 0])]),
    ),
    dcTable,
    acTable,
    scan(0, 0, dcBits),
    ...acScans,
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Bits as bytes, filled up with ones, a zero after each 0xff. */
function entropy(bits: string): Buffer {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const bytes: number[] = [];
  for (let at = 0; at < padded.length; at += 8) {
    const byte = Number.parseInt(padded.slice(at, at + 8), 2);
    bytes.push(byte);
    if (byte === 0xff) bytes.push(0);
  }
  return Buffer.from(bytes);
}

// WebP: https://developers.google.com/speed/webp/docs/riff_container

/** A lossless WebP of one pixel. */
const PIXEL = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');

/** An animation of `frames` frames of one pixel. */
export function animatedWebp(frames: number): Buffer {
  const u24 = (value: number) => Buffer.from([value & 255, (value >>> 8) & 255, value >>> 16]);
  const riff = (type: string, data: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(data.length);
    const pad = Buffer.alloc(data.length % 2);
    return Buffer.concat([Buffer.from(type, 'latin1'), size, data, pad]);
  };
  const image = PIXEL.subarray(12);
  const frame = riff(
    'ANMF',
    Buffer.concat([u24(0), u24(0), u24(0), u24(0), u24(1), Buffer.from([0]), image]),
  );
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    riff('VP8X', Buffer.concat([Buffer.from([2, 0, 0, 0]), u24(0), u24(0)])),
    riff('ANIM', Buffer.alloc(6)),
    repeat(frame, frames),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
}

// Matroska and WebM: RFC 8794, RFC 9559

/** An EBML element; its id as hexadecimal digits. */
function element(id: string, ...parts: Buffer[]): Buffer {
  const data = Buffer.concat(parts);
  const size = Buffer.alloc(8);
  size.writeUIntBE(data.length, 2, 6);
  size[0] = 0x01;
  return Buffer.concat([Buffer.from(id, 'hex'), size, data]);
}
const uint = (value: number) => u32(value);

function webm(...parts: Buffer[]): Buffer {
  const head = element(
    '1a45dfa3',
    element('4282', Buffer.from('webm')),
    element('4287', Buffer.from([4])),
    element('4285', Buffer.from([2])),
  );
  const info = element('1549a966', element('2ad7b1', uint(1_000_000)));
  const video = element('e0', element('b0', uint(16)), element('ba', uint(16)));
  const entry = element(
    'ae',
    element('d7', Buffer.from([1])),
    element('73c5', Buffer.from([1])),
    element('83', Buffer.from([1])),
    element('86', Buffer.from('V_VP8')),
    video,
  );
  return Buffer.concat([head, element('18538067', info, element('1654ae6b', entry), ...parts)]);
}

/** A block of `frames` empty frames, laced. */
function lacedCluster(blocks: number): Buffer {
  const lace = Buffer.concat([Buffer.from([0x81, 0, 0, 0x82, 255]), Buffer.alloc(255)]);
  const block = element('a3', lace);
  return element('1f43b675', element('e7', Buffer.from([0])), repeat(block, blocks));
}

function cues(points: number): Buffer {
  const positions = element('b7', element('f7', Buffer.from([1])), element('f1', Buffer.from([1])));
  const point = element('bb', element('b3', Buffer.from([0])), positions);
  return element('1c53bb6b', repeat(point, points));
}

function seeks(entries: number): Buffer {
  const seek = element(
    '4dbb',
    element('53ab', Buffer.from('1c53bb6b', 'hex')),
    element('53ac', uint(1)),
  );
  return element('114d9b74', repeat(seek, entries));
}

export interface Bomb {
  name: string;
  bytes: () => Buffer;
}

/** Each with what it does to a program that believes it. */
export const BOMBS: readonly Bomb[] = [
  { name: 'a fragment of 4,294,967,295 samples.mp4', bytes: () => fragmentedMp4(MANY) },
  { name: 'a fragment of 5,000,000 samples.mp4', bytes: () => fragmentedMp4(5_000_000) },
  {
    name: 'one time for 4,294,967,295 frames.mp4',
    bytes: () => withTable('stts', full('stts', 0, u32(1), u32(MANY), u32(1))),
  },
  {
    name: '4,294,967,295 times.mp4',
    bytes: () => withTable('stts', full('stts', 0, u32(MANY), u32(1), u32(1))),
  },
  {
    name: 'one offset for 4,294,967,295 frames.mp4',
    bytes: () => withTable('ctts', full('ctts', 0, u32(1), u32(MANY), u32(1))),
  },
  {
    name: '4,294,967,295 sizes.mp4',
    bytes: () => withTable('stsz', full('stsz', 0, u32(0), u32(MANY))),
  },
  {
    name: '4,294,967,295 small sizes.mov',
    bytes: () => withTable('stz2', full('stz2', 0, u32(4), u32(MANY)), ['stsz']),
  },
  {
    name: 'a chunk of 4,294,967,295 frames.mp4',
    bytes: () => withTable('stsc', full('stsc', 0, u32(1), u32(1), u32(MANY), u32(1))),
  },
  {
    name: '4,294,967,295 chunks.mp4',
    bytes: () => withTable('stco', full('stco', 0, u32(MANY), u32(40))),
  },
  {
    name: '8,000 tracks.mp4',
    bytes: () => mp4(...Array.from({ length: 8_000 }, (_, i) => track(sampleTables(), 16, i + 1))),
  },
  { name: 'blocks of 256 frames.webm', bytes: () => webm(lacedCluster(8_000)) },
  { name: '100,000 cue points.webm', bytes: () => webm(cues(100_000)) },
  { name: '100,000 seek entries.webm', bytes: () => webm(seeks(100_000)) },
  { name: 'a video of no size.mp4', bytes: () => mp4(track(sampleTables({}, 0), 0)) },
  {
    name: '1,000 tags of a million values.tif',
    bytes: () => tiff(1_000, 524_288, (i) => 40_000 + i),
  },
  { name: 'one tag 4,000 times.tif', bytes: () => tiff(4_000, 1_048_576, () => 37_500) },
  {
    name: '2,700,000 empty texts.png',
    bytes: () => png(1, 1, [repeat(chunk('zTXt', Buffer.alloc(0)), 2_700_000)]),
  },
  { name: 'one line of 90,000,000 pixels.png', bytes: () => png(90_000_000, 1) },
  { name: '200,000 frames.webp', bytes: () => animatedWebp(200_000) },
  { name: '880 scans.jpg', bytes: () => progressiveJpeg(8_000, 880) },
  { name: '78 megapixels cut to 64 × 64.heic', bytes: () => croppedGrids(hevcTile(), 6) },
  { name: '268 megapixels cut to 64 × 64.avif', bytes: () => croppedGrids(AV1_TILE, 4) },
];
