/** Checks which of the announced files may be sent. */
import { AppError } from '@media-analysis/shared/errors';
import type { createUploadsSchema } from '@media-analysis/shared/large-uploads';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import type { z } from 'zod';
import { tooManyFiles } from '../../core/accept/rejected.ts';
import { whyUnacceptable } from '../../core/accept/unacceptable.ts';

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
    const reason = whyUnacceptable(file, maxUploadBytes);
    if (reason) rejected.push({ index, file_name: file.file_name, ...reason });
    else allowed.push(file);
  }
  return { allowed, rejected };
}
