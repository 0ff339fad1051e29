/** Decides which files share a request, and which files need not be sent at all. */
import {
  ACCEPTED_TYPES_TEXT,
  isSaidToBePhoto,
  MAX_PHOTO_BYTES,
  mayBeAccepted,
} from '@media-analysis/shared/accepted';
import type { RejectedFile } from '@media-analysis/shared/api';

export interface UploadLimits {
  /** Most bytes of a file that is sent to the API; a larger one goes to Cloud Storage. Default: 31 MiB. */
  maxFileBytes: number;
  /** Most bytes of any file: the API's `MAX_UPLOAD_BYTES`. Default: 2,048 MiB. */
  maxUploadBytes: number;
  /** Most bytes of the files of one request; a larger file gets a request of its own. Default: 8 MiB. */
  maxRequestBytes: number;
  /** Most files of one request. Default: 100. */
  maxFiles: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Cloud Run accepts requests of up to 32 MiB over HTTP/1, the form's own bytes included. Our requests are
 * smaller because the work on a file starts when its request is complete: the first photos are analysed
 * while the last ones are still being sent.
 */
export const DEFAULT_LIMITS: UploadLimits = {
  maxFileBytes: 31 * MEBIBYTE,
  maxUploadBytes: 2048 * MEBIBYTE,
  maxRequestBytes: 8 * MEBIBYTE,
  maxFiles: 100,
};

/** A file and its position in the caller's list. */
export interface Candidate {
  index: number;
  file: File;
}

/** Refuses a file that the server would certainly refuse, without sending it. */
export function refuse(file: File, limits: UploadLimits): Omit<RejectedFile, 'index'> | undefined {
  const { name: file_name, size } = file;
  if (!mayBeAccepted(file_name, file.type)) {
    const message = `“${file_name}” is no photo or video. Send ${ACCEPTED_TYPES_TEXT}.`;
    return { file_name, code: 'unsupported_media_type', message };
  }
  if (size === 0) {
    const message = `“${file_name}” is empty. Choose a file with content.`;
    return { file_name, code: 'empty_file', message };
  }
  const isPhoto = isSaidToBePhoto(file_name, file.type);
  const most = isPhoto ? Math.min(MAX_PHOTO_BYTES, limits.maxUploadBytes) : limits.maxUploadBytes;
  if (size <= most) return undefined;
  const kind = isPhoto ? 'photo' : 'video';
  const message = `“${file_name}” is too large: a ${kind} may have ${Math.floor(most / MEBIBYTE)} MB. Send a smaller version.`;
  return { file_name, code: 'file_too_large', message };
}

/** Whether a file goes straight to Cloud Storage. */
export function isLarge({ size }: File, { maxFileBytes }: UploadLimits): boolean {
  return size > maxFileBytes;
}

/**
 * Splits the files in their order, so that the first file is sent first. Large files come last, each alone,
 * because they take long.
 */
export function splitIntoRequests(
  files: readonly Candidate[],
  limits: UploadLimits,
): Candidate[][] {
  const requests: Candidate[][] = [];
  const small = files.filter(({ file }) => !isLarge(file, limits));
  const large = files.filter(({ file }) => isLarge(file, limits));
  let bytes = 0;
  for (const candidate of small) {
    const { size } = candidate.file;
    const current = requests.at(-1);
    if (current && current.length < limits.maxFiles && bytes + size <= limits.maxRequestBytes) {
      current.push(candidate);
      bytes += size;
    } else {
      requests.push([candidate]);
      bytes = size;
    }
  }
  return [...requests, ...large.map((candidate) => [candidate])];
}
