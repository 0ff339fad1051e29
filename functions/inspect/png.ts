/**
 * PNG holds texts that are packed, and libpng unpacks each of them, up to 50 MB, when it opens a picture:
 * ten in a file of 400 KB fill two gigabytes. Nothing here reads them, so they are left out before.
 * https://www.w3.org/TR/png-3/#5DataRep
 */
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Length, type and checksum. */
const FRAME_BYTES = 12;
const PACKED_TEXTS = new Set(['zTXt', 'iTXt']);

/** @returns the same bytes, or a copy without its packed texts; whatever is no PNG stays as it is. */
export function withoutPackedTexts(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return bytes;
  const kept: Buffer[] = [SIGNATURE];
  let keptFrom = SIGNATURE.length;
  // A chunk that is cut off is the last one; the decoder says so.
  for (let at = keptFrom, next: number; at + FRAME_BYTES <= bytes.length; at = next) {
    next = at + FRAME_BYTES + bytes.readUInt32BE(at);
    if (!PACKED_TEXTS.has(bytes.toString('latin1', at + 4, at + 8))) continue;
    kept.push(bytes.subarray(keptFrom, at));
    keptFrom = next;
  }
  return keptFrom === SIGNATURE.length ? bytes : Buffer.concat([...kept, bytes.subarray(keptFrom)]);
}
