/** Measures how well a photo was taken, from its luma: sharpness, light, contrast. */
import type { Analytics } from '@media-analysis/shared/analytics';

/** Photos are measured with this length of their longer side, so that their numbers can be compared. */
export const MEASURE_SIDE = 512;

/**
 * The thresholds come from 88 labelled photos, measured at 512 pixels. One of 79 good originals is below 60 (it is
 * motion-blurred), and so are 75 of the same 79 after a Gaussian blur of σ 2. Photos between 60 and 150 looked soft. The
 * thresholds were chosen on these photos, so expect slightly worse results on others.
 */
const BLURRY_VARIANCE = 60;
const SOFT_VARIANCE = 150;
/** `sharpness` is v / (v + SOFT_VARIANCE) for the variance v. From 0.5 on a photo looks sharp. */
export const SHARP_FROM = 0.5;
export const BLURRY_BELOW = sharpnessOf(BLURRY_VARIANCE);

/** Mean luma, 0 to 255. Below the first a photo is dark. Below the second it is dark only if much of it is black. */
const DARK_MEAN = 55;
const DARK_MEAN_WITH_SHADOWS = 80;
const CRUSHED_SHARE = 0.35;
/** A photo is too bright only if much of it is white too: snow and white paper are light, but not overexposed. */
const BRIGHT_MEAN = 205;
const BLOWN_SHARE = 0.25;
/** Below this contrast almost nothing can be seen. */
export const FLAT_CONTRAST = 0.03;

const TILES = 8;

/** @param rgb 8-bit RGB, longer side at most `MEASURE_SIDE` */
export function measureQuality(rgb: Uint8Array, width: number, height: number) {
  const luma = toLuma(rgb);
  const { mean, deviation, crushed, blown } = lightOf(luma);
  const sharpness = sharpnessOf(sharpestVariance(luma, width, height));
  const contrast = Math.min(1, deviation / 127.5);
  const exposure = exposureOf(mean, crushed, blown);
  return {
    sharpness: round(sharpness),
    brightness: round(mean / 255),
    contrast: round(contrast),
    exposure,
    verdict: verdictOf(sharpness, contrast, exposure),
  } satisfies Analytics['quality'];
}

function sharpnessOf(variance: number): number {
  return variance / (variance + SOFT_VARIANCE);
}

function exposureOf(mean: number, crushed: number, blown: number) {
  const dark = mean < DARK_MEAN || (mean < DARK_MEAN_WITH_SHADOWS && crushed > CRUSHED_SHARE);
  if (dark) return 'dark';
  return mean > BRIGHT_MEAN && blown > BLOWN_SHARE ? 'bright' : 'balanced';
}

function verdictOf(sharpness: number, contrast: number, exposure: string) {
  if (sharpness < BLURRY_BELOW || contrast < FLAT_CONTRAST) return 'poor';
  return sharpness < SHARP_FROM || exposure !== 'balanced' ? 'fair' : 'good';
}

/** Rec. 601 luma, the Y of JPEG. */
function toLuma(rgb: Uint8Array): Float32Array {
  const luma = new Float32Array(rgb.length / 3);
  for (let i = 0, p = 0; i < luma.length; i++, p += 3) {
    luma[i] = 0.299 * (rgb[p] ?? 0) + 0.587 * (rgb[p + 1] ?? 0) + 0.114 * (rgb[p + 2] ?? 0);
  }
  return luma;
}

function lightOf(luma: Float32Array) {
  let sum = 0;
  let squares = 0;
  let crushed = 0;
  let blown = 0;
  for (const value of luma) {
    sum += value;
    squares += value * value;
    if (value < 4.5) crushed++;
    if (value > 250.5) blown++;
  }
  const mean = sum / luma.length;
  return {
    mean,
    deviation: Math.sqrt(Math.max(0, squares / luma.length - mean * mean)),
    crushed: crushed / luma.length,
    blown: blown / luma.length,
  };
}

/**
 * Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), at the 90th percentile of 8 × 8 tiles. So a photo
 * with a sharp subject and a soft background counts as sharp.
 */
function sharpestVariance(luma: Float32Array, width: number, height: number): number {
  const tiles = Array.from({ length: TILES * TILES }, () => ({ count: 0, sum: 0, squares: 0 }));
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const tile =
        tiles[Math.floor((y * TILES) / height) * TILES + Math.floor((x * TILES) / width)];
      if (!tile) continue;
      const value = laplacian(luma, y * width + x, width);
      tile.count++;
      tile.sum += value;
      tile.squares += value * value;
    }
  }
  const variances = tiles
    .filter(({ count }) => count > 0)
    .map(({ count, sum, squares }) => squares / count - (sum / count) ** 2)
    .sort((one, other) => one - other);
  return Math.max(0, variances[Math.floor(variances.length * 0.9)] ?? 0);
}

function laplacian(luma: Float32Array, i: number, width: number): number {
  const at = (index: number) => luma[index] ?? 0;
  return 4 * at(i) - at(i - 1) - at(i + 1) - at(i - width) - at(i + width);
}

function round(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
