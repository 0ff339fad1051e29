/** Detects the format of a file. */
import { ACCEPTED_TYPES_TEXT } from '@media-analysis/shared/accepted';
import { acceptedFormat, type FileFormat } from '@media-analysis/shared/detected-formats';
import { AppError } from '@media-analysis/shared/errors';

/** Looks at the bytes, never at the name. @throws {AppError} `empty_file`, `unsupported_media_type` */
export async function detectFormat(bytes: Buffer, fileName: string): Promise<FileFormat> {
  if (bytes.length === 0) {
    throw new AppError('empty_file', `${quoted(fileName)} is empty. Choose a file with content.`);
  }
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes);
  const format = found && acceptedFormat(found.mime);
  if (format) return format;
  const what = found ? ` (it is ${found.mime})` : '';
  throw new AppError(
    'unsupported_media_type',
    `${quoted(fileName)} is not a photo or video that can be read here${what}. Send ${ACCEPTED_TYPES_TEXT}.`,
  );
}

/** A file name for a message: in quotation marks, on one line, at most 80 characters. */
export function quoted(fileName: string): string {
  const line = fileName.replace(/\p{C}+/gu, ' ').trim();
  return `“${line.length > 80 ? `${line.slice(0, 79)}…` : line || 'file'}”`;
}
