/** Which files go together in one request, and which need not be sent at all. */
import {
  ACCEPTED_TYPES_TEXT,
  isSaidToBePhoto,
  MAX_PHOTO_BYTES,
  mayBeAccepted,
} from '@media-analysis/shared/accepted';
import type { RejectedFile } from '@media-analysis/shared/api';

export interface UploadLimits {
  /** Bytes of one file that goes through the API; a larger one goes straight to Cloud Storage. */
  maxFileBytes: number;
  /** Bytes of one that goes straight to Cloud Storage: the API's `MAX_UPLOAD_BYTES`. */
  maxUploadBytes: number;
  /** Bytes of the files of one request; a larger file goes alone. */
  maxRequestBytes: number;
  /** Files of one request. */
  maxFiles: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Cloud Run takes 32 MiB a request over HTTP/1, form and all. Requests are kept smaller than that, as
 * the work on their files starts when a request is complete: the first photos are analysed while the
 * last ones are still being sent.
 */
export const DEFAULT_LIMITS: UploadLimits = {
  maxFileBytes: 31 * MEBIBYTE,
  maxUploadBytes: 2048 * MEBIBYTE,
  maxRequestBytes: 8 * MEBIBYTE,
  maxFiles: 100,
};

/** A file, and its position in the caller's list. */
export interface Candidate {
  index: number;
  file: File;
}

/** What the server would refuse for certain, told at once and without sending it. */
export function refuse(file: File, limits: UploadLimits): Omit<RejectedFile, 'index'> | undefined {
  const { name: file_name, size } = file;
  if (!mayBeAccepted(file_name, file.type)) {
    const message = `“${file_name}” is no photo or video. Send ${ACCEPTED_TYPES_TEXT}.`;
    return { file_name, code: 'unsupported_media_type', message };
  }
  if (size === 0) return { file_name, code: 'empty_file', message: `“${file_name}” is empty.` };
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
 * Splits in order, so that what was chosen first is sent first; but a large file, which is a request of
 * its own, comes after all that are sent in a moment.
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
