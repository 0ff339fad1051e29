/** From the bytes of a photo to upright sRGB pixels: each photo is decoded once. */
import { AppError } from '@media-analysis/shared/errors';
import type { Metadata, SharpOptions } from 'sharp';
import { decodedBytes } from './decoded-size.ts';
import { type FileFormat, quoted } from './format.ts';
import { withoutPackedTexts } from './png.ts';

/** Beyond this a decoded picture no longer fits the memory of an instance: 300 MB as RGB. */
const MAX_PIXELS = 100_000_000;
/**
 * libheif's WebAssembly build decodes to RGBA in one piece and holds its own planes beside it, about
 * three times the memory of the streaming decoders; the largest HEIC phones write has 49 megapixels.
 */
const MAX_HEIC_PIXELS = 50_000_000;
/** An instance of 2 GiB looks at two pictures at a time, and may hold a model beside them. */
const MAX_DECODED_BYTES = 450_000_000;
/** Ordinary photos take a tenth of a second; a file made to be slow must not hold a worker. */
const DECODE_TIMEOUT_S = 30;

/** A downscaled, upright copy: 8-bit RGB, alpha laid on white. */
export interface Pixels {
  rgb: Buffer;
  width: number;
  height: number;
}

export interface Picture {
  pixels: Pixels;
  /** What the file is: a `.heif` can turn out to hold AV1. */
  format: FileFormat;
  /** Upright pixels of the original. */
  width: number;
  height: number;
  animated: boolean;
  /** The EXIF block, if there is one. */
  exif: Buffer | undefined;
}

let sharpLoading: ReturnType<typeof importSharp> | undefined;

/** sharp's native library costs 100 ms to load: only who meets the first photo pays for it. */
export function loadSharp(): ReturnType<typeof importSharp> {
  sharpLoading ??= importSharp();
  return sharpLoading;
}

async function importSharp() {
  const { default: sharp } = await import('sharp');
  // No picture is asked for twice; and on one or two processors more threads only add memory, since
  // glibc keeps an arena for each (https://sharp.pixelplumbing.com/performance).
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

/**
 * Decodes a photo to at most `maxSide` pixels a side, never enlarging it.
 *
 * @throws AppError `media_corrupt`, `media_too_complex`
 */
export async function decodePicture(
  original: Buffer,
  detected: FileFormat,
  fileName: string,
  maxSide: number,
): Promise<Picture> {
  try {
    const sharp = await loadSharp();
    const bytes = withoutPackedTexts(original);
    const metadata = await sharp(bytes, SHARP_OPTIONS).metadata();
    const hevc = metadata.compression === 'hevc';
    const size = metadata.autoOrient;
    if (hevc && size.width * size.height > MAX_HEIC_PIXELS) throw tooComplex(fileName);
    if (!hevc && decodedBytes(metadata) > MAX_DECODED_BYTES) throw tooComplex(fileName);
    const source = hevc ? await decodeHevc(bytes, metadata) : { input: bytes, options: {} };
    // HEVC pixels come out of libheif upright already.
    const pipeline = sharp(source.input, { ...SHARP_OPTIONS, ...source.options });
    const { data, info } = await pipeline
      .autoOrient()
      .timeout({ seconds: DECODE_TIMEOUT_S })
      .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      pixels: { rgb: data, width: info.width, height: info.height },
      format: metadata.compression === 'av1' ? AVIF : detected,
      width: size.width,
      height: size.height,
      animated: (metadata.pages ?? 1) > 1 && metadata.format !== 'tiff' && !hevc,
      // A TIFF is not around its EXIF block: it is one.
      exif: metadata.format === 'tiff' ? bytes : metadata.exif,
    };
  } catch (error) {
    throw asAppError(error, fileName);
  }
}

/** `error` level: a file that was cut off fails, a stray byte after the picture does not. */
const SHARP_OPTIONS: SharpOptions = {
  failOn: 'error',
  limitInputPixels: MAX_PIXELS,
  sequentialRead: true,
  pages: 1,
};
const AVIF: FileFormat = { contentType: 'image/avif', format: 'avif' };

/** The builds of libvips on npm carry no HEVC decoder, for its patents; libheif-js does. */
async function decodeHevc(bytes: Buffer, metadata: Metadata) {
  const { default: heic } = await import('heic-decode');
  const images = await heic.all({ buffer: bytes });
  try {
    const image = images[metadata.pagePrimary ?? 0] ?? images[0];
    if (!image) throw new Error('no picture in the HEIC file');
    const { data, width, height } = await image.decode();
    return {
      input: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      options: { raw: { width, height, channels: 4 } } satisfies SharpOptions,
    };
  } finally {
    images.dispose();
  }
}

function tooComplex(fileName: string, cause?: unknown): AppError {
  return new AppError(
    'media_too_complex',
    `${quoted(fileName)} has too many pixels to decode: at most ${MAX_PIXELS / 1e6} megapixels, ${MAX_HEIC_PIXELS / 1e6} for HEIC, and fewer if it is interlaced or of more than 8 bits a colour. Send a smaller version.`,
    { cause },
  );
}

function asAppError(error: unknown, fileName: string): AppError {
  if (error instanceof AppError) return error;
  // libvips gives no codes, only these words.
  const message = error instanceof Error ? error.message : '';
  if (/exceeds pixel limit|^timeout/.test(message)) return tooComplex(fileName, error);
  return new AppError(
    'media_corrupt',
    `${quoted(fileName)} is damaged or incomplete and cannot be opened. Send the original file again.`,
    { cause: error },
  );
}
