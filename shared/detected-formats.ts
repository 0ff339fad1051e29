/** The formats that the service accepts, by their bytes: the names that file-type gives them, and ours. */
import type { PHOTO_TYPES, VIDEO_TYPES } from './file-types.ts';

export interface FileFormat {
  contentType: keyof typeof PHOTO_TYPES | keyof typeof VIDEO_TYPES;
  format: string;
  /** The decoder does not count its frames. */
  animated?: true;
}

const FORMATS: ReadonlyMap<string, FileFormat> = new Map([
  ['image/jpeg', { contentType: 'image/jpeg', format: 'jpeg' }],
  ['image/png', { contentType: 'image/png', format: 'png' }],
  ['image/apng', { contentType: 'image/png', format: 'png', animated: true }],
  ['image/webp', { contentType: 'image/webp', format: 'webp' }],
  ['image/gif', { contentType: 'image/gif', format: 'gif' }],
  ['image/avif', { contentType: 'image/avif', format: 'avif' }],
  ['image/tiff', { contentType: 'image/tiff', format: 'tiff' }],
  ['image/heic', { contentType: 'image/heic', format: 'heic' }],
  ['image/heic-sequence', { contentType: 'image/heic', format: 'heic' }],
  ['image/heif', { contentType: 'image/heif', format: 'heif' }],
  ['image/heif-sequence', { contentType: 'image/heif', format: 'heif' }],
  ['video/mp4', { contentType: 'video/mp4', format: 'mp4' }],
  ['video/x-m4v', { contentType: 'video/mp4', format: 'mp4' }],
  ['video/quicktime', { contentType: 'video/quicktime', format: 'mov' }],
  ['video/webm', { contentType: 'video/webm', format: 'webm' }],
]);

/**
 * @param mime The type that [file-type](https://github.com/sindresorhus/file-type) has found in the bytes of a file.
 * @returns undefined if the service does not accept this type
 */
export const acceptedFormat = (mime: string): FileFormat | undefined => FORMATS.get(mime);
