/** The bytes of a file: in memory if they are few, else where they can be asked for piece by piece. */
import { AppError } from '@media-analysis/shared/errors';
import { quoted } from './format.ts';

export interface RemoteContent {
  /** Bytes of the whole file. */
  size: number;
  /** Bytes from `start` up to `end`, which is not among them: all that were asked for. */
  read(start: number, end: number): Promise<Buffer>;
}

export type Content = Buffer | RemoteContent;

/** Enough to tell what a file is; pictures, which are read whole, may have more before it shows. */
const HEAD_BYTES = 1024 * 1024;

export async function headOf(content: Content): Promise<Buffer> {
  if (Buffer.isBuffer(content)) return content;
  return content.read(0, Math.min(content.size, HEAD_BYTES));
}

/** All of it, in memory. @throws {AppError} `file_too_large` */
export async function wholeOf(
  content: Content,
  fileName: string,
  maxBytes: number,
): Promise<Buffer> {
  if (Buffer.isBuffer(content)) return content;
  if (content.size > maxBytes) {
    throw new AppError(
      'file_too_large',
      `${quoted(fileName)} is too large for a photo: at most ${maxBytes / 2 ** 20} MiB. Send a smaller version.`,
    );
  }
  return content.read(0, content.size);
}
