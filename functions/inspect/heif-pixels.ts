/**
 * Counts the pixels of a HEIF file (HEIC, AVIF) that its decoder has to decode. `sharp` and libheif tell only the size after
 * the crop, and a file of 3 KB can have 64 × 64 pixels cut out of hundreds of millions.
 * Boxes: ISO/IEC 14496-12, sections 4.2 and 8.11; items and their properties: ISO/IEC 23008-12, sections 6 and 9.3.
 */

export interface HeifPixels {
  /** The pixels of the largest item, which is in memory as a whole. */
  largest: number;
  /** The most pixels that one item is made of: tiles, and tiles of tiles. They are decoded one after the other. */
  decoded: number;
}

interface Box {
  type: string;
  content: Buffer;
}

/** Some boxes begin with a version and flags. */
const versionOf = (box: Box) => box.content[0] ?? 0;
const bodyOf = (box: Box) => box.content.subarray(4);

/** @returns zeros for a file without such items: the decoder will report that */
export function heifPixels(bytes: Buffer): HeifPixels {
  const meta = find(boxesOf(bytes), 'meta');
  const boxes = meta ? boxesOf(bodyOf(meta)) : [];
  const properties = find(boxes, 'iprp');
  const references = find(boxes, 'iref');
  const sizes = properties ? sizesOf(boxesOf(properties.content)) : new Map<number, number>();
  const parts = references ? partsOf(references) : new Map<number, number[]>();
  const known = new Map<number, number>();
  /** Counts each item once, even if several others are made of it. An item that is made of itself is refused later. */
  const decodedFor = (item: number): number => {
    const before = known.get(item);
    if (before !== undefined) return before;
    known.set(item, 0);
    const total = (parts.get(item) ?? []).reduce((sum, part) => sum + decodedFor(part), 0);
    const decoded = Math.max(sizes.get(item) ?? 0, total);
    known.set(item, decoded);
    return decoded;
  };
  const items = new Set([...sizes.keys(), ...parts.keys()]);
  return {
    largest: Math.max(0, ...sizes.values()),
    decoded: [...items].reduce((most, item) => Math.max(most, decodedFor(item)), 0),
  };
}

/** libheif refuses a box with more children. */
const MAX_BOXES = 20_000;

function boxesOf(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length && boxes.length < MAX_BOXES; ) {
    const short = bytes.readUInt32BE(at);
    const isLong = short === 1 && at + 16 <= bytes.length;
    const size = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : short || bytes.length - at;
    const head = isLong ? 16 : 8;
    if (size < head) break;
    const type = bytes.toString('latin1', at + 4, at + 8);
    boxes.push({ type, content: bytes.subarray(at + head, at + size) });
    at += size;
  }
  return boxes;
}

function find(boxes: Box[], type: string): Box | undefined {
  return boxes.find((box) => box.type === type);
}

/** `ipma` says which of the properties in `ipco` each item has. */
function sizesOf(boxes: Box[]): Map<number, number> {
  const container = find(boxes, 'ipco');
  const pixels = (container ? boxesOf(container.content) : []).map((box) => {
    const body = bodyOf(box);
    return box.type === 'ispe' && body.length >= 8
      ? body.readUInt32BE(0) * body.readUInt32BE(4)
      : 0;
  });
  const sizes = new Map<number, number>();
  for (const box of boxes.filter(({ type }) => type === 'ipma')) {
    const hasLongIds = versionOf(box) > 0;
    const hasLongIndexes = ((box.content[3] ?? 0) & 1) === 1;
    const reader = new Reader(bodyOf(box));
    for (let left = reader.uint(4); left > 0 && !reader.isAtEnd; left--) {
      const item = reader.uint(hasLongIds ? 4 : 2);
      for (let uses = reader.uint(1); uses > 0; uses--) {
        // The highest bit tells whether a reader must understand the property.
        const index = hasLongIndexes ? reader.uint(2) & 0x7fff : reader.uint(1) & 0x7f;
        sizes.set(item, Math.max(sizes.get(item) ?? 0, pixels[index - 1] ?? 0));
      }
    }
  }
  return sizes;
}

/** `dimg`: the item is made of these others. */
function partsOf(references: Box): Map<number, number[]> {
  const idBytes = versionOf(references) > 0 ? 4 : 2;
  const parts = new Map<number, number[]>();
  for (const { type, content } of boxesOf(bodyOf(references))) {
    if (type !== 'dimg') continue;
    const reader = new Reader(content);
    const item = reader.uint(idBytes);
    const ofItem = parts.get(item) ?? [];
    for (let left = reader.uint(2); left > 0 && !reader.isAtEnd; left--)
      ofItem.push(reader.uint(idBytes));
    parts.set(item, ofItem);
  }
  return parts;
}

/** Reads numbers one after the other; 0 beyond the end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint(length: 1 | 2 | 4): number {
    const start = this.#at;
    this.#at += length;
    return this.#at <= this.#bytes.length ? this.#bytes.readUIntBE(start, length) : 0;
  }
}
