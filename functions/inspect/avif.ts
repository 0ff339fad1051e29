/**
 * An AVIF with several frames. libvips recognises an AVIF by its first brand, but does not know the brand of a sequence
 * (`avis`). Such a file has a still picture too: https://aomediacodec.github.io/av1-avif/#brands
 */
const STILL = 'avif';
const SEQUENCE = 'avis';

/** Offset of the first brand, after the length of the box and its type: ISO/IEC 14496-12, section 4.3. */
const FIRST_BRAND = 8;
const BRAND_BYTES = 4;

/** Reads the brands: nothing is decoded. */
export function isAvifSequence(bytes: Buffer): boolean {
  if (bytes.toString('latin1', 4, FIRST_BRAND) !== 'ftyp') return false;
  const end = Math.min(bytes.length, bytes.readUInt32BE(0));
  for (let at = FIRST_BRAND; at + BRAND_BYTES <= end; at += BRAND_BYTES) {
    if (brandAt(bytes, at) === SEQUENCE) return true;
  }
  return false;
}

/** @returns a copy with the brand of a still picture first; the same bytes if it is not a sequence */
export function asStillAvif(bytes: Buffer): Buffer {
  if (!isAvifSequence(bytes) || brandAt(bytes, FIRST_BRAND) !== SEQUENCE) return bytes;
  const still = Buffer.from(bytes);
  still.write(STILL, FIRST_BRAND, 'latin1');
  return still;
}

function brandAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + BRAND_BYTES);
}
