/** One bent file: what a container's structure says is changed, not only its bytes. */
import type { Random } from '../random.ts';
import { corrupt } from '../text.ts';
import type { Sample } from './samples.ts';
import { bendTiff, findTiff } from './tiff.ts';
import { copyOf, type Format, type Piece, uint } from './tree.ts';

/** What counts, sizes and offsets are set to. */
const NUMBERS = [
  0,
  1,
  2,
  7,
  8,
  16,
  127,
  128,
  255,
  256,
  32_767,
  65_535,
  65_536,
  2 ** 20,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
];
const MAX_BYTES = 2_000_000;

export function bend(samples: readonly Sample[], random: Random): { name: string; bytes: Buffer } {
  const { name, bytes, format } = random.pick(samples);
  const times = 1 + random.int(4);
  let bent = bytes;
  if (format) {
    const donors = samples.filter((each) => each.format === format);
    const pieces = format.read(bytes);
    for (let i = 0; i < times; i++) {
      bendPieces(pieces, random, format, () => format.read(random.pick(donors).bytes));
    }
    bent = format.write(pieces);
  } else for (let i = 0; i < times; i++) bent = bendTiff(bent, random);
  if (random.chance(0.1)) bent = bent.subarray(0, random.int(bent.length + 1));
  if (random.chance(0.1)) bent = corrupt(bent, random);
  return { name, bytes: bent.subarray(0, MAX_BYTES) };
}

interface Spot {
  siblings: Piece[];
  index: number;
  piece: Piece;
}

function spotsOf(siblings: Piece[], found: Spot[] = []): Spot[] {
  for (const [index, piece] of siblings.entries()) {
    found.push({ siblings, index, piece });
    spotsOf(piece.children, found);
  }
  return found;
}

/** Changes the tree in place, once. */
function bendPieces(pieces: Piece[], random: Random, format: Format, donor: () => Piece[]): void {
  const spots = spotsOf(pieces);
  if (spots.length === 0) return;
  const { siblings, index, piece } = random.pick(spots);
  const roll = random.next();
  if (roll < 0.45) piece.data = bendData(piece.data, random, format);
  else if (roll < 0.55)
    piece.claimed = random.pick([...NUMBERS, sizeOf(piece) + random.int(40) - 20]) >>> 0;
  else if (roll < 0.63) siblings.splice(index, 1);
  else if (roll < 0.73) repeat(siblings, index, piece, random);
  else if (roll < 0.8)
    siblings.splice(
      random.int(siblings.length + 1),
      0,
      copyOf(random.pick(spotsOf(donor())).piece),
    );
  else if (roll < 0.87) nest(piece, random);
  else if (roll < 0.94) piece.type = random.pick(spots).piece.type;
  else siblings.splice(index, 1, ...random.pick(spots).piece.children.map(copyOf));
}

function bendData(data: Buffer, random: Random, format: Format): Buffer {
  const tiffAt = findTiff(data);
  if (tiffAt >= 0 && random.chance(0.7)) {
    return Buffer.concat([data.subarray(0, tiffAt), bendTiff(data.subarray(tiffAt), random)]);
  }
  if (data.length === 0 || random.chance(0.2)) return corrupt(data, random);
  // Counts and sizes are at the start of a table, and its entries follow.
  const size = random.pick([1, 2, 4, 4] as const);
  const near = Math.min(data.length, random.chance(0.7) ? 24 : 400);
  const at = Math.min(Math.max(0, data.length - size), random.int(near));
  const number = random.chance(0.8) ? random.pick(NUMBERS) : random.int(2 ** 32);
  const bent = Buffer.concat([
    data.subarray(0, at),
    uint(number, size, format.isLittleEndian),
    data.subarray(at + size),
  ]);
  if (random.chance(0.9)) return bent;
  // A table that does have as many entries.
  const times = Math.floor(random.int(200_000) / Math.max(1, bent.length));
  return Buffer.concat([bent, ...Array<Buffer>(times).fill(bent.subarray(at + size))]);
}

function repeat(siblings: Piece[], index: number, piece: Piece, random: Random): void {
  const wished = random.pick([2, 3, 10, 100, 2_000]);
  const times = Math.min(wished, Math.floor(MAX_BYTES / 4 / Math.max(8, sizeOf(piece))));
  siblings.splice(index, 0, ...Array.from({ length: times }, () => copyOf(piece)));
}

/** The piece within pieces of its kind, a few or thousands deep. */
function nest(piece: Piece, random: Random): void {
  const inner = copyOf(piece);
  const depth = random.pick([1, 2, 30, 500]);
  let nested = inner;
  for (let i = 1; i < depth && i * sizeOf(inner) < MAX_BYTES / 4; i++) {
    nested = {
      type: piece.type,
      data: piece.data.length < 100 ? piece.data : Buffer.alloc(0),
      children: [nested],
    };
  }
  piece.children = [...piece.children, nested];
}

function sizeOf({ data, children }: Piece): number {
  return children.reduce((sum, child) => sum + 8 + sizeOf(child), data.length);
}
