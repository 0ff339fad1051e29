/** Kinds of file that are taken, for the page's file picker and for the server's first look. */

/** Content types of photos, each with the endings that its files have. */
export const PHOTO_TYPES = {
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
  'image/avif': ['avif'],
  'image/tiff': ['tif', 'tiff'],
  'image/heic': ['heic'],
  'image/heif': ['heif', 'hif'],
} as const;

export const VIDEO_TYPES = {
  'video/mp4': ['mp4', 'm4v'],
  'video/quicktime': ['mov', 'qt'],
  'video/webm': ['webm'],
} as const;

/** For a person: what to send instead. */
export const ACCEPTED_TYPES_TEXT =
  'JPEG, PNG, WebP, GIF, AVIF, TIFF or HEIC photos and MP4, MOV or WebM videos';

/**
 * A photo is decoded from memory, of which an instance has room for so much besides the pixels; the largest
 * that cameras write, 16-bit TIFFs of 20 megapixels, are about as large. A video is never held in memory.
 */
export const MAX_PHOTO_BYTES = 128 * 1024 * 1024;

const TYPES: Record<string, readonly string[]> = { ...PHOTO_TYPES, ...VIDEO_TYPES };
const PHOTO_ENDINGS = new Set<string>(Object.values(PHOTO_TYPES).flat());
const ENDINGS = new Set(Object.values(TYPES).flat());

/** Types that senders use when they do not know. */
const UNKNOWN_TYPES = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * Whether a file is worth storing for a closer look, by what its sender says of it. What it really
 * is, only its bytes tell.
 */
export function mayBeAccepted(fileName: string, contentType: string): boolean {
  const type = contentType.toLowerCase();
  const ending = endingOf(fileName);
  if (type in TYPES || (ending !== undefined && ENDINGS.has(ending))) return true;
  return UNKNOWN_TYPES.has(type) && ending === undefined;
}

/** Whether a file is said to be a photo, and not a video. */
export function isSaidToBePhoto(fileName: string, contentType: string): boolean {
  const type = contentType.toLowerCase();
  if (Object.hasOwn(TYPES, type)) return Object.hasOwn(PHOTO_TYPES, type);
  return PHOTO_ENDINGS.has(endingOf(fileName) ?? '');
}

function endingOf(fileName: string): string | undefined {
  return /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase();
}
