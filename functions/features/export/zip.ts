/**
 * Streams a ZIP archive. The files are not compressed, because photos and videos already are. Size and checksum come after the bytes
 * of each file, so a file need not be read before it is written. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 * There is no ZIP64: all files together must have less than 4 GiB, and be fewer than 65,535.
 */
import { crc32 } from 'node:zlib';

export interface ZipFile {
  /** Without folders, and unique in the archive. */
  name: string;
  modified: Date;
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const SIGNATURES = { file: 0x04034b50, after: 0x08074b50, entry: 0x02014b50, end: 0x06054b50 };
/** Version 2.0. */
const VERSION = 20;
/** Otherwise Info-ZIP reads the names as DOS names, whatever their flag says. */
const MADE_BY_UNIX = 0x0300;
/** An ordinary file: its owner may write it, all may read it. */
const MODE = 0o100644;
/** Bit 3: sizes come after the bytes. Bit 11: the name is UTF-8. */
const FLAGS = 0x0808;

export async function* zipOf(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const entries: Buffer[] = [];
  let offset = 0;
  for await (const { name, modified, bytes } of files) {
    const [encoded, time] = [Buffer.from(name.toWellFormed()), dosTime(modified)];
    const start = offset;
    const header = fields(
      [SIGNATURES.file, 4],
      ...commonFields(time, 0, 0),
      [encoded.length, 2],
      [0, 2],
    );
    yield Buffer.concat([header, encoded]);
    let [size, checksum] = [0, 0];
    for await (const chunk of bytes) {
      checksum = crc32(chunk, checksum);
      size += chunk.length;
      yield chunk;
    }
    const sizes = fields([SIGNATURES.after, 4], [checksum, 4], [size, 4], [size, 4]);
    yield sizes;
    offset += header.length + encoded.length + size + sizes.length;
    const entry = fields(
      [SIGNATURES.entry, 4],
      [MADE_BY_UNIX + VERSION, 2],
      ...commonFields(time, checksum, size),
      [encoded.length, 2],
      // No extra fields, no comment, the first disk, no attributes of DOS.
      [0, 4],
      [0, 4],
      [MODE * 0x10000, 4],
      [start, 4],
    );
    entries.push(Buffer.concat([entry, encoded]));
  }
  const directory = Buffer.concat(entries);
  yield directory;
  yield fields(
    [SIGNATURES.end, 4],
    [0, 2],
    [0, 2],
    [entries.length, 2],
    [entries.length, 2],
    [directory.length, 4],
    [offset, 4],
    [0, 2],
  );
}

type Field = readonly [value: number, bytes: 2 | 4];

/** Fields that the header of a file and its entry in the directory share. */
function commonFields(time: Field, checksum: number, size: number): Field[] {
  // 0: stored, not compressed.
  return [[VERSION, 2], [FLAGS, 2], [0, 2], time, [checksum, 4], [size, 4], [size, 4]];
}

function fields(...all: readonly Field[]): Buffer {
  const buffer = Buffer.alloc(all.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of all) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}

/** DOS has local time in steps of two seconds, from 1980 on. This writes UTC. */
function dosTime(date: Date): Field {
  const year = Math.min(Math.max(date.getUTCFullYear() - 1980, 0), 127);
  const day = (year << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time =
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return [day * 0x10000 + time, 4];
}
