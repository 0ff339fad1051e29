/** Computes from a picture's header how much memory its decoder needs. */
import type { Metadata } from 'sharp';

/** Measured with pictures of 100 megapixels: an animation's frame, or four interlaced channels, are 400 MB. */
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

/**
 * The bytes that must be in memory at the same time; 0 for a format that is decoded a few lines at a time.
 * The size of the file says little about this: 70 KB of GIF can need as much as 1 MB of interlaced PNG.
 */
export function decodedBytes(metadata: Metadata): number {
  const { format, width = 0, height = 0, isProgressive } = metadata;
  const pixels = width * height;
  if (format === 'jpeg') return isProgressive ? pixels * progressiveBytes(metadata) : 0;
  if (format === 'png' && !isProgressive) return 0;
  const { channels = 4, depth = 'uchar' } = metadata;
  return pixels * channels * (BYTES_PER_SAMPLE[depth] ?? 1);
}

/** Bytes a pixel. The coefficients come in several passes and take two bytes each: ITU T.81, section 4.5. */
function progressiveBytes({ channels = 3, chromaSubsampling = '' }: Metadata): number {
  const isHalved = chromaSubsampling.startsWith('4:2:0');
  return 2 * (isHalved ? 1.5 : channels);
}
