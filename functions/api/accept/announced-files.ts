/** Which of the announced files may be sent. */
import {
  ACCEPTED_TYPES_TEXT,
  isSaidToBePhoto,
  MAX_PHOTO_BYTES,
  mayBeAccepted,
} from '@media-analysis/shared/accepted';
import type { createUploadsSchema, RejectedFile } from '@media-analysis/shared/api';
import { AppError } from '@media-analysis/shared/errors';
import type { z } from 'zod';
import { tooManyFiles } from './rejected.ts';

type AnnouncedFile = z.infer<typeof createUploadsSchema>['files'][number];

export interface AnnouncementLimits {
  limits: { files: number };
  /** Bytes of one file. */
  maxUploadBytes: number;
}

/** @throws {AppError} `no_file`, `too_many_files` */
export function checkAnnounced(
  files: AnnouncedFile[],
  { limits, maxUploadBytes }: AnnouncementLimits,
): { allowed: AnnouncedFile[]; rejected: RejectedFile[] } {
  if (files.length === 0) throw new AppError('no_file', 'files: name at least one file.');
  if (files.length > limits.files) throw tooManyFiles(limits.files);
  const allowed: AnnouncedFile[] = [];
  const rejected: RejectedFile[] = [];
  for (const [index, file] of files.entries()) {
    const reason = reasonToReject(file, maxUploadBytes);
    if (reason) rejected.push({ index, file_name: file.file_name, ...reason });
    else allowed.push(file);
  }
  return { allowed, rejected };
}

function reasonToReject(
  { file_name, content_type, size }: AnnouncedFile,
  maxUploadBytes: number,
): Pick<RejectedFile, 'code' | 'message'> | undefined {
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
