/** A video as large as one likes: a short real one, with room left in it that its index leads past. */
import { readFile } from 'node:fs/promises';

const CLIP = new URL('../videos/portrait.mov', import.meta.url);
const BOX_HEADER_BYTES = 8;
const PIECE_BYTES = 1024 * 1024;

/** As phones write it: the type, a great many bytes, and the index behind them. */
export async function* largeVideoPieces(size: number): AsyncGenerator<Buffer<ArrayBuffer>> {
  const clip = Buffer.from(await readFile(CLIP));
  const typeEnd = clip.readUInt32BE(0);
  const room = size - clip.length;
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  header.writeUInt32BE(room);
  header.write('free', 4, 'latin1');
  yield Buffer.concat([clip.subarray(0, typeEnd), header]);
  // Not all alike, so that bytes that come in the wrong order are seen.
  const piece = Buffer.from(
    Array.from({ length: PIECE_BYTES }, (_, i) => (i * 7 + (i >> 8)) % 251),
  );
  for (let left = room - BOX_HEADER_BYTES; left > 0; left -= piece.length) {
    yield piece.subarray(0, Math.min(piece.length, left));
  }
  const rest = clip.subarray(typeEnd);
  moveChunks(rest, room);
  yield rest;
}

/** ISO/IEC 14496-12 §8.7.5: the index says where chunks are from the beginning of the file. */
function moveChunks(boxes: Buffer, by: number): void {
  for (let at = boxes.indexOf('stco'); at !== -1; at = boxes.indexOf('stco', at + 4)) {
    const count = boxes.readUInt32BE(at + 8);
    for (let entry = at + 12; entry < at + 12 + 4 * count; entry += 4) {
      boxes.writeUInt32BE(boxes.readUInt32BE(entry) + by, entry);
    }
  }
}

/** As a page has it. */
export async function largeVideo(size: number, name = 'holiday.mov'): Promise<File> {
  const pieces: Buffer<ArrayBuffer>[] = [];
  for await (const piece of largeVideoPieces(size)) pieces.push(piece);
  return new File(pieces, name, { type: 'video/quicktime' });
}
