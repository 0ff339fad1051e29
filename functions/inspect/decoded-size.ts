/** Computes from a picture's header how much memory its decoder needs. */
import type { Metadata } from 'sharp';

/** Measured with pictures of 100 megapixels: an animation's frame, or four interlaced channels, take 400 MB. */
const BYTES_PER_SAMPLE: Partial<Record<string, number>> = {
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  double: 8,
  complex: 8,
  dpcomplex: 16,
};

/** libvips reads this many lines at once, and holds them twice while it makes the picture smaller. */
const LINES_AT_ONCE = 32;

/**
 * The bytes that must be in memory at the same time; 0 for a format that is decoded a few lines at a time. The size of the
 * file says little about this: 70 KB of GIF can need as much as 1 MB of interlaced PNG.
 */
export function decodedBytes(metadata: Metadata, pixels: number): number {
  const { format, width = 0, height = 0, isProgressive } = metadata;
  if (format === 'jpeg') return isProgressive ? pixels * progressiveBytes(metadata) : 0;
  const { channels = 4, depth = 'uchar' } = metadata;
  const bytesPerPixel = channels * (BYTES_PER_SAMPLE[depth] ?? 1);
  // Decoded a few lines at a time, but a line may have any length.
  if (format === 'png' && !isProgressive)
    return 2 * Math.min(LINES_AT_ONCE, height) * width * bytesPerPixel;
  return pixels * bytesPerPixel;
}

/** Bytes per pixel. The coefficients come in several passes and take two bytes each: ITU T.81, section 4.5. */
function progressiveBytes({ channels = 3, chromaSubsampling = '' }: Metadata): number {
  const isHalved = chromaSubsampling.startsWith('4:2:0');
  return 2 * (isHalved ? 1.5 : channels);
}

const START_OF_SCAN = Buffer.from([0xff, 0xda]);

/** Pixels times scans of a progressive JPEG: decoding takes that much work. 0 for other files. */
export function scannedPixels(
  bytes: Buffer,
  { format, width = 0, height = 0, isProgressive }: Metadata,
): number {
  if (format !== 'jpeg' || !isProgressive) return 0;
  let scans = 0;
  // A thumbnail in the metadata counts too. It has one scan.
  for (let at = bytes.indexOf(START_OF_SCAN); at >= 0; at = bytes.indexOf(START_OF_SCAN, at + 2)) {
    scans++;
  }
  return scans * width * height;
}
