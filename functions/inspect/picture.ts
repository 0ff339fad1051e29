/** Decodes a photo to upright sRGB pixels. Each photo is decoded once. */
import type { FileFormat } from '@media-analysis/shared/detected-formats';
import { AppError } from '@media-analysis/shared/errors';
import type { Metadata, SharpOptions } from 'sharp';
import { asStillAvif, isAvifSequence } from './avif.ts';
import { decodedBytes, scannedPixels } from './decoded-size.ts';
import { quoted } from './format.ts';
import { heifPixels } from './heif-pixels.ts';
import { withoutPackedTexts } from './png.ts';

/** A larger picture does not fit into the memory of an instance: this is 300 MB as RGB. */
const MAX_PIXELS = 100_000_000;
/**
 * libheif's WebAssembly build decodes to RGBA in one piece and keeps its own planes too: about three times the memory of
 * the streaming decoders. The largest HEIC files of phones have 49 megapixels.
 */
const MAX_HEIC_PIXELS = 50_000_000;
/** The tiles of a HEIF picture go beyond its right and lower edges, by a larger share in a small picture. */
const TILES_BEYOND_EDGE = 1.5;
/** An instance of 2 GiB decodes two pictures at a time, and may have a model in memory too. */
const MAX_DECODED_BYTES = 450_000_000;
/** A progressive JPEG is decoded once for each of its scans. Cameras and programs write ten or twenty. */
const MAX_SCANNED_PIXELS = 30 * MAX_PIXELS;

/** A downscaled, upright copy: 8-bit RGB, with white in place of transparency. */
export interface Pixels {
  rgb: Buffer;
  width: number;
  height: number;
}

export interface DecodedPicture {
  pixels: Pixels;
  /** May differ from the detected one: a `.heif` may contain AV1. */
  format: FileFormat;
  /** Upright pixels of the original. */
  width: number;
  height: number;
  animated: boolean;
  exif: Buffer | undefined;
}

let sharpLoading: ReturnType<typeof importSharp> | undefined;

/** Loads sharp at the first photo, because its native library takes 100 ms to load. */
export function loadSharp(): ReturnType<typeof importSharp> {
  sharpLoading ??= importSharp();
  return sharpLoading;
}

async function importSharp() {
  const { default: sharp } = await import('sharp');
  // No cache: no picture is decoded twice. One thread: on one or two processors more threads only take more
  // memory, because glibc keeps an arena for each (https://sharp.pixelplumbing.com/performance).
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

/**
 * Decodes a photo to at most `maxSide` pixels a side. A smaller photo is not enlarged.
 *
 * @throws {AppError} `media_corrupt`, `media_too_complex`
 */
export async function decodePicture(
  original: Buffer,
  detected: FileFormat,
  fileName: string,
  maxSide: number,
): Promise<DecodedPicture> {
  try {
    const sharp = await loadSharp();
    const bytes = asStillAvif(withoutPackedTexts(original));
    const metadata = await sharp(bytes, SHARP_OPTIONS).metadata();
    if (scannedPixels(bytes, metadata) > MAX_SCANNED_PIXELS) throw tooComplex(fileName);
    const hevc = metadata.compression === 'hevc';
    const size = metadata.autoOrient;
    const { largest, decoded } =
      metadata.format === 'heif' ? heifPixels(bytes) : { largest: 0, decoded: 0 };
    const pixels = Math.max(size.width * size.height, largest);
    const maxPixels = hevc ? MAX_HEIC_PIXELS : MAX_PIXELS;
    if (Math.max(pixels, decoded / TILES_BEYOND_EDGE) > maxPixels) throw tooComplex(fileName);
    if (!hevc && decodedBytes(metadata, pixels) > MAX_DECODED_BYTES) throw tooComplex(fileName);
    const source = hevc ? await decodeHevc(bytes, metadata) : { input: bytes, options: {} };
    // libheif returns HEVC pixels upright.
    const pipeline = sharp(source.input, { ...SHARP_OPTIONS, ...source.options });
    if (isWide16Bit(metadata)) pipeline.withIccProfile('srgb');
    const { data, info } = await pipeline
      .autoOrient()
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
      animated: detected.animated || isAvifSequence(original) || hasFrames(metadata),
      // A TIFF has no EXIF block inside: the whole file is one.
      exif: metadata.format === 'tiff' ? bytes : metadata.exif,
    };
  } catch (error) {
    throw asAppError(error, fileName);
  }
}

/** sharp converts 16-bit colours with a profile to Display P3, and leaves them there unless it is asked for a profile. */
function isWide16Bit({ depth, hasProfile, channels = 3 }: Metadata): boolean {
  return depth === 'ushort' && hasProfile === true && channels >= 3;
}

/** A TIFF has pages, not frames. The pictures in a HEIC are parts of one, or others beside it. */
function hasFrames({ pages = 1, format, compression }: Metadata): boolean {
  return pages > 1 && format !== 'tiff' && compression !== 'hevc';
}

/** With level `error` a file that was cut off fails, but a stray byte after the picture is accepted. */
const SHARP_OPTIONS: SharpOptions = {
  failOn: 'error',
  limitInputPixels: MAX_PIXELS,
  sequentialRead: true,
  pages: 1,
};
const AVIF: FileFormat = { contentType: 'image/avif', format: 'avif' };

/** The builds of libvips on npm have no HEVC decoder, because of its patents. libheif-js has one. */
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
  // libvips gives no error codes, only these texts.
  const message = error instanceof Error ? error.message : '';
  if (/exceeds pixel limit/.test(message)) return tooComplex(fileName, error);
  return new AppError(
    'media_corrupt',
    `${quoted(fileName)} is damaged or incomplete and cannot be opened. Send the original file again.`,
    { cause: error },
  );
}
