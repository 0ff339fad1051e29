/** How each container's pieces are read and written, as far as a fuzzer needs it: the files to read are sound. */
import { crc32 } from 'node:zlib';
import { type Format, leaf, type Piece, uint } from './tree.ts';

/** Boxes that contain boxes, with the number of bytes before these. ISO/IEC 14496-12 and 14496-15. */
const BOX_FIELDS: Partial<Record<string, number>> = {
  ...Object.fromEntries(
    [
      'moov',
      'trak',
      'mdia',
      'minf',
      'stbl',
      'dinf',
      'edts',
      'udta',
      'mvex',
      'moof',
      'traf',
      'iprp',
      'ipco',
      'wave',
    ].map((type) => [type, 0]),
  ),
  meta: 4,
  iref: 4,
  iinf: 6,
  stsd: 8,
  dref: 8,
  avc1: 78,
  hvc1: 78,
  mp4a: 28,
};

/** MP4, MOV, HEIC, AVIF. */
export const BOXES: Format = {
  isLittleEndian: false,
  read(bytes) {
    const pieces: Piece[] = [];
    for (let at = 0; at + 8 <= bytes.length; ) {
      const claimed = bytes.readUInt32BE(at);
      const type = bytes.toString('latin1', at + 4, at + 8);
      const isLong = claimed === 1;
      const size = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : claimed || bytes.length - at;
      if (size < 8) break;
      const content = bytes.subarray(at + (isLong ? 16 : 8), at + size);
      const fields = BOX_FIELDS[type];
      // QuickTime's `meta` has no version.
      const before = type === 'meta' && content.toString('latin1', 4, 8) === 'hdlr' ? 0 : fields;
      pieces.push(
        before === undefined
          ? leaf(type, content)
          : {
              type,
              data: content.subarray(0, before),
              children: BOXES.read(content.subarray(before)),
            },
      );
      at += size;
    }
    return pieces;
  },
  write: (pieces) =>
    Buffer.concat(
      pieces.map(({ type, data, children, claimed }) => {
        const content = Buffer.concat([data, BOXES.write(children)]);
        return Buffer.concat([
          uint(claimed ?? content.length + 8, 4),
          Buffer.from(type, 'latin1'),
          content,
        ]);
      }),
    ),
};

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

export const PNG: Format = {
  isLittleEndian: false,
  read(bytes) {
    const pieces: Piece[] = [];
    for (let at = PNG_SIGNATURE.length; at + 12 <= bytes.length; ) {
      const length = bytes.readUInt32BE(at);
      pieces.push(
        leaf(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length)),
      );
      at += 12 + length;
    }
    return pieces;
  },
  write: (pieces) =>
    Buffer.concat([
      PNG_SIGNATURE,
      ...pieces.map(({ type, data, children, claimed }) => {
        const content = Buffer.concat([
          Buffer.from(type, 'latin1'),
          data,
          ...children.map((each) => each.data),
        ]);
        return Buffer.concat([
          uint(claimed ?? content.length - 4, 4),
          content,
          uint(crc32(content), 4),
        ]);
      }),
    ]),
};

/** Markers without a length: ITU-T T.81, table B.1. */
const BARE_MARKERS = new Set(['d8', 'd9', '01']);

/** A segment of coded data, which follows `da`, has the type `data`. */
export const JPEG: Format = {
  isLittleEndian: false,
  read(bytes) {
    const pieces: Piece[] = [];
    for (let at = 0; at + 2 <= bytes.length; ) {
      const type = bytes.toString('hex', at + 1, at + 2);
      at += 2;
      if (!BARE_MARKERS.has(type)) {
        const length = bytes.readUInt16BE(at);
        pieces.push(leaf(type, bytes.subarray(at + 2, at + length)));
        at += length;
      } else pieces.push(leaf(type, Buffer.alloc(0)));
      if (type !== 'da') continue;
      let end = at;
      while (end < bytes.length && !(bytes[end] === 0xff && isMarker(bytes[end + 1] ?? 0))) end++;
      pieces.push(leaf('data', bytes.subarray(at, end)));
      at = end;
    }
    return pieces;
  },
  write: (pieces) =>
    Buffer.concat(
      pieces.map(({ type, data, claimed }) => {
        if (type === 'data') return data;
        const marker = Buffer.from(`ff${type}`, 'hex');
        if (BARE_MARKERS.has(type)) return marker;
        return Buffer.concat([marker, uint(claimed ?? data.length + 2, 2), data]);
      }),
    ),
};

/** Zero is a byte 0xff of the data, and d0 to d7 are restarts within it. */
function isMarker(byte: number): boolean {
  return byte !== 0 && !(byte >= 0xd0 && byte <= 0xd7);
}

export const WEBP: Format = {
  isLittleEndian: true,
  read: (bytes) => readRiff(bytes.subarray(12)),
  write(pieces) {
    const content = Buffer.concat([Buffer.from('WEBP'), ...pieces.map(riffChunk)]);
    return Buffer.concat([Buffer.from('RIFF'), uint(content.length, 4, true), content]);
  },
};

function readRiff(bytes: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const data = bytes.subarray(at + 8, at + 8 + length);
    // A frame of an animation has chunks of its own.
    const fields = type === 'ANMF' ? 16 : data.length;
    pieces.push({
      type,
      data: data.subarray(0, fields),
      children: readRiff(data.subarray(fields)),
    });
    at += 8 + length + (length % 2);
  }
  return pieces;
}

function riffChunk({ type, data, children, claimed }: Piece): Buffer {
  const content = Buffer.concat([data, ...children.map(riffChunk)]);
  const pad = Buffer.alloc(content.length % 2);
  return Buffer.concat([
    Buffer.from(type, 'latin1'),
    uint(claimed ?? content.length, 4, true),
    content,
    pad,
  ]);
}

/** Header with its colours, then extensions, pictures and the end. Sub-blocks stay within their piece. */
export const GIF: Format = {
  isLittleEndian: true,
  read(bytes) {
    const tableOf = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
    let at = 13 + tableOf(bytes[10] ?? 0);
    const pieces = [leaf('head', bytes.subarray(0, at))];
    const afterBlocks = (from: number) => {
      let end = from;
      while ((bytes[end] ?? 0) !== 0) end += 1 + (bytes[end] ?? 0);
      return end + 1;
    };
    while (at < bytes.length) {
      const kind = bytes[at];
      const start = at;
      if (kind === 0x21) at = afterBlocks(at + 2);
      else if (kind === 0x2c) at = afterBlocks(at + 11 + tableOf(bytes[at + 9] ?? 0));
      else at = bytes.length;
      pieces.push(
        leaf(
          kind === 0x21 ? 'extension' : kind === 0x2c ? 'picture' : 'end',
          bytes.subarray(start, at),
        ),
      );
    }
    return pieces;
  },
  write: (pieces) => Buffer.concat(pieces.map(({ data }) => data)),
};

/** Elements that contain elements: RFC 9559. */
const EBML_PARENTS = new Set([
  '1a45dfa3',
  '18538067',
  '1549a966',
  '1654ae6b',
  'ae',
  'e0',
  'e1',
  '1f43b675',
  'a0',
  '1c53bb6b',
  'bb',
  'b7',
  '114d9b74',
  '4dbb',
  '1254c367',
  '7373',
  '67c8',
]);

export const WEBM: Format = {
  isLittleEndian: false,
  read(bytes) {
    const pieces: Piece[] = [];
    for (let at = 0; at < bytes.length; ) {
      const idLength = Math.clz32(bytes[at] ?? 0) - 23;
      const type = bytes.toString('hex', at, at + idLength);
      at += idLength;
      const sizeLength = Math.clz32(bytes[at] ?? 0) - 23;
      if (idLength > 4 || sizeLength > 8 || at + sizeLength > bytes.length) break;
      let size = (bytes[at] ?? 0) & (2 ** (8 - sizeLength) - 1);
      for (const byte of bytes.subarray(at + 1, at + sizeLength)) size = size * 256 + byte;
      at += sizeLength;
      // An element of unknown size goes to the end.
      const end = size === 2 ** (7 * sizeLength) - 1 ? bytes.length : at + size;
      const content = bytes.subarray(at, end);
      const isParent = EBML_PARENTS.has(type);
      pieces.push({
        type,
        data: isParent ? Buffer.alloc(0) : content,
        children: isParent ? WEBM.read(content) : [],
      });
      at = end;
    }
    return pieces;
  },
  write: (pieces) =>
    Buffer.concat(
      pieces.map(({ type, data, children, claimed }) => {
        const content = Buffer.concat([data, WEBM.write(children)]);
        const size = claimed ?? content.length;
        // Eight bytes each; all ones are an unknown size.
        const sized = Buffer.concat([
          Buffer.from([1]),
          uint(Math.floor(size / 2 ** 16), 4),
          uint(size % 2 ** 16, 2),
          Buffer.alloc(0),
        ]);
        const eight = Buffer.concat([
          sized.subarray(0, 1),
          Buffer.alloc(8 - sized.length),
          sized.subarray(1),
        ]);
        return Buffer.concat([Buffer.from(type, 'hex'), eight, content]);
      }),
    ),
};
