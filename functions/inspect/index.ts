/** Detects what a file really is, measures it, and makes a small safe copy to show and to analyse. */
import { MAX_PHOTO_BYTES } from '@media-analysis/shared/accepted';
import { captureFromExif } from './capture.ts';
import { dominantColors, isGrayscale } from './colors.ts';
import { type Content, headOf, wholeOf } from './content.ts';
import type { MediaFacts } from './facts.ts';
import { detectFormat } from './format.ts';
import { type DecodedPicture, decodePicture, loadSharp, type Pixels } from './picture.ts';
import { MEASURE_SIDE, measureQuality } from './quality.ts';
import { inspectVideo } from './video.ts';

export type { Content } from './content.ts';
export { type MediaFacts, mediaFactsSchema } from './facts.ts';

/** Gemini counts an image of at most 768 pixels a side as one tile, 258 tokens. */
const PREVIEW_MAX_SIDE = 768;
const THUMBNAIL_SIDE = 64;
/**
 * The size of a picture for a tile, in the tile's shape. A tile has 217 × 163 pixels on a desktop, and 534 × 402 on a phone with
 * three pixels for one. A photo of any shape covers the tile.
 */
const TILE = { width: 480, height: 360 };
/** Share of the preview's bytes. A larger picture is not worth an object of its own. */
const SMALL_SHARE = 0.7;

export interface InspectOptions {
  /** Longest side of the preview, in pixels. */
  previewMaxSide?: number | undefined;
  /** Makes a picture for tiles, too. */
  withSmall?: boolean | undefined;
  /** Reads the place from the file. */
  captureLocation?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface InspectedMedia {
  contentType: string;
  facts: MediaFacts;
  /** Upright sRGB JPEG without any metadata; null for a video. */
  preview: { bytes: Buffer; contentType: 'image/jpeg' } | null;
  /** The same for a tile; null where it would save little. */
  small: Buffer | null;
}

/**
 * @throws {AppError} `empty_file`, `unsupported_media_type`, `file_too_large`, `media_corrupt`,
 * `media_too_complex`; any error of reading `content`; the signal's reason if it is aborted between two steps
 */
export async function inspectMedia(
  content: Content,
  fileName: string,
  {
    previewMaxSide = PREVIEW_MAX_SIDE,
    withSmall = false,
    captureLocation = false,
    signal,
  }: InspectOptions = {},
): Promise<InspectedMedia> {
  signal?.throwIfAborted();
  const detected = await detectFormat(await headOf(content), fileName);
  if (detected.contentType.startsWith('video/')) {
    const facts = await inspectVideo(content, detected, fileName, captureLocation);
    return { contentType: detected.contentType, facts, preview: null, small: null };
  }
  const bytes = await wholeOf(content, fileName, MAX_PHOTO_BYTES);
  const workingSide = Math.max(previewMaxSide, MEASURE_SIDE);
  const picture = await decodePicture(bytes, detected, fileName, workingSide);
  signal?.throwIfAborted();
  const facts = await photoFacts(picture, captureLocation);
  signal?.throwIfAborted();
  const preview = await encodePreview(picture.pixels, previewMaxSide);
  const small = withSmall ? await encodeSmall(picture.pixels) : null;
  return {
    contentType: picture.format.contentType,
    facts,
    preview: { bytes: preview, contentType: 'image/jpeg' },
    small: small && small.length < SMALL_SHARE * preview.length ? small : null,
  };
}

async function photoFacts(picture: DecodedPicture, captureLocation: boolean): Promise<MediaFacts> {
  const { pixels, format, width, height, animated, exif } = picture;
  const measured = await shrink(pixels, MEASURE_SIDE, 'inside');
  const thumbnail = await shrink(measured, THUMBNAIL_SIDE, 'fill');
  return {
    kind: 'image',
    format: format.format,
    width,
    height,
    animated,
    duration_s: null,
    capture: await captureFromExif(exif, captureLocation),
    colors: dominantColors(thumbnail.rgb),
    grayscale: isGrayscale(thumbnail.rgb),
    quality: measureQuality(measured.rgb, measured.width, measured.height),
  };
}

async function shrink(pixels: Pixels, side: number, fit: 'inside' | 'fill'): Promise<Pixels> {
  const image = await fromPixels(pixels);
  const { data, info } = await image
    .resize(side, side, { fit, withoutEnlargement: fit === 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

/** Encodes from pixels, so the preview has no EXIF, GPS or colour profile of the original. */
async function encodePreview(pixels: Pixels, maxSide: number): Promise<Buffer> {
  const image = await fromPixels(pixels);
  return image
    .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 85 })
    .toBuffer();
}

async function encodeSmall(pixels: Pixels): Promise<Buffer> {
  const image = await fromPixels(pixels);
  return image
    .resize({ ...TILE, fit: 'outside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer();
}

async function fromPixels({ rgb, width, height }: Pixels) {
  const sharp = await loadSharp();
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
