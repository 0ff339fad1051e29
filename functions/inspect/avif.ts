/**
 * An AVIF with several frames. libvips knows an AVIF by its first brand, and not by that of a sequence (`avis`). Such a file
 * has a still picture too, or players that know no sequences would show nothing: https://aomediacodec.github.io/av1-avif/#brands
 */

const STILL = 'avif';
const SEQUENCE = 'avis';

/** Where the first brand stands, behind the length of the box and its type: ISO/IEC 14496-12, section 4.3. */
const FIRST_BRAND = 8;
const BRAND_BYTES = 4;

/** Whether the file says that it has more than one frame. */
export function isAvifSequence(bytes: Buffer): boolean {
  if (bytes.toString('latin1', 4, FIRST_BRAND) !== 'ftyp') return false;
  const end = Math.min(bytes.length, bytes.readUInt32BE(0));
  for (let at = FIRST_BRAND; at + BRAND_BYTES <= end; at += BRAND_BYTES) {
    if (brandAt(bytes, at) === SEQUENCE) return true;
  }
  return false;
}

/** @returns a copy whose first brand is that of a still picture; the same bytes if it was no other */
export function asStillAvif(bytes: Buffer): Buffer {
  if (!isAvifSequence(bytes) || brandAt(bytes, FIRST_BRAND) !== SEQUENCE) return bytes;
  const still = Buffer.from(bytes);
  still.write(STILL, FIRST_BRAND, 'latin1');
  return still;
}

function brandAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + BRAND_BYTES);
}
