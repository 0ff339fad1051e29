/** Bends the directories of a TIFF, which EXIF is as well: https://www.awaresystems.be/imaging/tiff/specification/TIFF6.pdf */
import type { Random } from '../random.ts';

const ENTRY_BYTES = 12;
/** Tags that point to another directory, and those that say how the pixels are stored. */
const TAGS = [
  34665, 34853, 330, 40965, 256, 257, 258, 259, 262, 273, 277, 278, 279, 322, 323, 324, 325, 338,
  317, 34675, 700,
];
const COUNTS = [0, 1, 2, 3, 255, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** Place of a TIFF in these bytes, or -1. */
export function findTiff(bytes: Buffer): number {
  const starts = [bytes.indexOf('II*\0', 0, 'latin1'), bytes.indexOf('MM\0*', 0, 'latin1')].filter(
    (at) => at >= 0,
  );
  return starts.length > 0 ? Math.min(...starts) : -1;
}

/** @param bytes From the TIFF's first byte. */
export function bendTiff(bytes: Buffer, random: Random): Buffer {
  const isLittle = bytes[0] === 0x49;
  const bent = Buffer.from(bytes);
  const read = (at: number, size: 2 | 4) => {
    if (at + size > bent.length) return 0;
    return isLittle ? bent.readUIntLE(at, size) : bent.readUIntBE(at, size);
  };
  const write = (target: Buffer, at: number, size: 2 | 4, value: number) => {
    if (at < 0 || at + size > target.length) return;
    const fitting = value % 2 ** (8 * size);
    if (isLittle) target.writeUIntLE(fitting, at, size);
    else target.writeUIntBE(fitting, at, size);
  };
  const directories = directoriesOf(bent, read);
  const directory = random.pick(directories.length > 0 ? directories : [8]);
  const entries = read(directory, 2);
  const entryAt = directory + 2 + ENTRY_BYTES * random.int(Math.max(1, Math.min(entries, 200)));
  const place = () =>
    random.pick([
      0,
      4,
      8,
      directory,
      random.int(bent.length + 1),
      bent.length,
      2 ** 32 - 1,
      2 ** 31,
    ]);
  const action = random.int(8);
  if (action === 0)
    write(bent, directory, 2, random.pick([...COUNTS, entries + 1, Math.max(0, entries - 1)]));
  else if (action === 1) write(bent, entryAt, 2, random.pick(TAGS));
  else if (action === 2) write(bent, entryAt + 2, 2, random.int(random.chance(0.8) ? 20 : 65_536));
  else if (action === 3) write(bent, entryAt + 4, 4, random.pick([...COUNTS, random.int(100_000)]));
  else if (action === 4)
    write(bent, entryAt + 8, 4, random.pick([place(), random.int(70_000), ...COUNTS]));
  // The next directory may be this one.
  else if (action === 5) write(bent, directory + 2 + ENTRY_BYTES * entries, 4, place());
  else if (action === 6) write(bent, 4, 4, place());
  else return withDirectory(bent, random, entryAt, write);
  return bent;
}

/** A new directory of many equal entries at the end, to which an entry points. */
function withDirectory(
  bytes: Buffer,
  random: Random,
  entryAt: number,
  write: (target: Buffer, at: number, size: 2 | 4, value: number) => void,
): Buffer {
  const count = random.pick([1, 10, 300, 3_000]);
  const directory = Buffer.alloc(2 + ENTRY_BYTES * count + 4);
  const [tag, type, values] = [random.pick(TAGS), 1 + random.int(13), random.pick(COUNTS)];
  write(directory, 0, 2, count);
  for (let i = 0; i < count; i++) {
    const at = 2 + i * ENTRY_BYTES;
    write(directory, at, 2, tag + (random.chance(0.5) ? i : 0));
    write(directory, at + 2, 2, type);
    write(directory, at + 4, 4, values);
    write(directory, at + 8, 4, random.pick([bytes.length, 8, 0, random.int(bytes.length + 1)]));
  }
  write(bytes, entryAt, 2, random.pick([34665, 34853, 330, 40965]));
  write(bytes, entryAt + 2, 2, 4);
  write(bytes, entryAt + 4, 4, 1);
  write(bytes, entryAt + 8, 4, bytes.length);
  return Buffer.concat([bytes, directory]);
}

function directoriesOf(bytes: Buffer, read: (at: number, size: 2 | 4) => number): number[] {
  const found: number[] = [];
  const visit = (at: number) => {
    if (at < 8 || at + 2 > bytes.length || found.includes(at) || found.length > 20) return;
    found.push(at);
    const entries = read(at, 2);
    for (let i = 0; i < Math.min(entries, 200); i++) {
      const entry = at + 2 + i * ENTRY_BYTES;
      if ([34665, 34853, 330, 40965].includes(read(entry, 2))) visit(read(entry + 8, 4));
    }
    visit(read(at + 2 + entries * ENTRY_BYTES, 4));
  };
  visit(read(4, 4));
  return found;
}
