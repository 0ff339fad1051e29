/** Detects the format of a file by its bytes, never by its name. */
import { ACCEPTED_TYPES_TEXT } from '@media-analysis/shared/accepted';
import { AppError } from '@media-analysis/shared/errors';
import type { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';

/** The accepted formats: file-type's name for each, and ours. */
const TYPES = {
  'image/jpeg': { contentType: 'image/jpeg', format: 'jpeg' },
  'image/png': { contentType: 'image/png', format: 'png' },
  'image/apng': { contentType: 'image/png', format: 'png', animated: true },
  'image/webp': { contentType: 'image/webp', format: 'webp' },
  'image/gif': { contentType: 'image/gif', format: 'gif' },
  'image/avif': { contentType: 'image/avif', format: 'avif' },
  'image/tiff': { contentType: 'image/tiff', format: 'tiff' },
  'image/heic': { contentType: 'image/heic', format: 'heic' },
  'image/heic-sequence': { contentType: 'image/heic', format: 'heic' },
  'image/heif': { contentType: 'image/heif', format: 'heif' },
  'image/heif-sequence': { contentType: 'image/heif', format: 'heif' },
  'video/mp4': { contentType: 'video/mp4', format: 'mp4' },
  'video/x-m4v': { contentType: 'video/mp4', format: 'mp4' },
  'video/quicktime': { contentType: 'video/quicktime', format: 'mov' },
  'video/webm': { contentType: 'video/webm', format: 'webm' },
} as const satisfies Record<string, FileFormat>;

export interface FileFormat {
  contentType: keyof typeof PHOTO_TYPES | keyof typeof VIDEO_TYPES;
  format: string;
  /** The decoder does not count its frames. */
  animated?: true;
}

/**
 * Detects the format of the bytes.
 *
 * @throws {AppError} `empty_file`, `unsupported_media_type`
 */
export async function detectFormat(bytes: Buffer, fileName: string): Promise<FileFormat> {
  if (bytes.length === 0) {
    throw new AppError('empty_file', `${quoted(fileName)} is empty. Choose a file with content.`);
  }
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes);
  const known: Record<string, FileFormat | undefined> = TYPES;
  const format = found && known[found.mime];
  if (format) return format;
  const what = found ? ` (it is ${found.mime})` : '';
  throw new AppError(
    'unsupported_media_type',
    `${quoted(fileName)} is not a photo or video that can be read here${what}. Send ${ACCEPTED_TYPES_TEXT}.`,
  );
}

/** A sender's file name for a message: in quotation marks, on one line, at most 80 characters. */
export function quoted(fileName: string): string {
  const line = fileName.replace(/\p{C}+/gu, ' ').trim();
  return `“${line.length > 80 ? `${line.slice(0, 79)}…` : line || 'file'}”`;
}
