/** The first check of a file, in the page and on the server: does the service accept its type? */
import { PHOTO_TYPES, VIDEO_TYPES } from './file-types.ts';

/** Tells a person which files the service accepts. */
export const ACCEPTED_TYPES_TEXT =
  'JPEG, PNG, WebP, GIF, AVIF, TIFF or HEIC photos and MP4, MOV or WebM videos';

/**
 * 128 MiB. The worker decodes a photo from memory, and an instance has room for this much besides
 * the pixels. The largest files that cameras write, 16-bit TIFFs of 20 megapixels, have about this
 * size. A video is never held in memory.
 */
export const MAX_PHOTO_BYTES = 128 * 1024 * 1024;

const TYPES: Record<string, readonly string[]> = { ...PHOTO_TYPES, ...VIDEO_TYPES };
const PHOTO_ENDINGS = new Set<string>(Object.values(PHOTO_TYPES).flat());
const ENDINGS = new Set(Object.values(TYPES).flat());

/** Types that a sender gives when it does not know the type. */
const UNKNOWN_TYPES = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * The first check of a file, by the name and type that its sender gave. Only the bytes tell what
 * the file really is: the worker checks them later.
 */
export function mayBeAccepted(fileName: string, contentType: string): boolean {
  const type = contentType.toLowerCase();
  const ending = endingOf(fileName);
  if (type in TYPES || (ending !== undefined && ENDINGS.has(ending))) return true;
  return UNKNOWN_TYPES.has(type) && ending === undefined;
}

/** True if the name and type that the sender gave are those of a photo, and not of a video. */
export function isSaidToBePhoto(fileName: string, contentType: string): boolean {
  const type = contentType.toLowerCase();
  if (Object.hasOwn(TYPES, type)) return Object.hasOwn(PHOTO_TYPES, type);
  return PHOTO_ENDINGS.has(endingOf(fileName) ?? '');
}

function endingOf(fileName: string): string | undefined {
  return /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase();
}
