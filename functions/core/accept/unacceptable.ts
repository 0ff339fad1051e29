/** The first check of a file, by what is said of it before its bytes are looked at. */
import {
  ACCEPTED_TYPES_TEXT,
  isSaidToBePhoto,
  MAX_PHOTO_BYTES,
  mayBeAccepted,
} from '@media-analysis/shared/accepted';
import type { ErrorCode } from '@media-analysis/shared/errors';

export interface SaidFile {
  file_name: string;
  content_type: string;
  /** Bytes. */
  size: number;
}

/** @returns why the file cannot become a media; undefined: it may */
export function whyUnacceptable(
  { file_name, content_type, size }: SaidFile,
  maxUploadBytes: number,
): { code: ErrorCode; message: string } | undefined {
  if (!mayBeAccepted(file_name, content_type)) {
    const type = content_type || 'of no known type';
    const message = `"${file_name}" is ${type}. Send ${ACCEPTED_TYPES_TEXT}.`;
    return { code: 'unsupported_media_type', message };
  }
  if (size === 0) {
    const message = `"${file_name}" is empty. Choose a file with content.`;
    return { code: 'empty_file', message };
  }
  const isPhoto = isSaidToBePhoto(file_name, content_type);
  const most = isPhoto ? Math.min(MAX_PHOTO_BYTES, maxUploadBytes) : maxUploadBytes;
  if (size <= most) return undefined;
  const kind = isPhoto ? 'photo' : 'video';
  const mebibytes = Math.floor(most / 1024 / 1024);
  const message = `"${file_name}" is too large: a ${kind} may have ${mebibytes} MiB. Send a smaller version of it.`;
  return { code: 'file_too_large', message };
}
