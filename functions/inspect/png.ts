/**
 * Removes packed texts from PNG files. libpng unpacks each text, up to 50 MB, when it opens a picture: ten texts
 * in a file of 400 KB take 2 GB. Our code does not read them.
 * https://www.w3.org/TR/png-3/#5DataRep
 */
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Length, type and checksum. */
const FRAME_BYTES = 12;
const PACKED_TEXTS = new Set(['zTXt', 'iTXt']);

/** @returns a copy without packed texts; the same bytes if there are none, or if the file is no PNG */
export function withoutPackedTexts(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return bytes;
  // One buffer for all: a file may have millions of texts.
  let kept: Buffer | undefined;
  let length = 0;
  let keptFrom = 0;
  // The loop ends at a chunk that is cut off. The decoder will report that.
  for (let at = SIGNATURE.length, next: number; at + FRAME_BYTES <= bytes.length; at = next) {
    next = at + FRAME_BYTES + bytes.readUInt32BE(at);
    if (!PACKED_TEXTS.has(bytes.toString('latin1', at + 4, at + 8))) continue;
    kept ??= Buffer.allocUnsafe(bytes.length);
    length += bytes.copy(kept, length, keptFrom, at);
    keptFrom = next;
  }
  if (!kept) return bytes;
  length += bytes.copy(kept, length, Math.min(keptFrom, bytes.length));
  return kept.subarray(0, length);
}
