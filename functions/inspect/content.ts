/** The bytes of a file: a small file is in memory, a large one is read piece by piece. */
import { AppError } from '@media-analysis/shared/errors';
import { quoted } from './format.ts';

interface RemoteContent {
  /** Size of the whole file in bytes. */
  size: number;
  /** The bytes from `start` to before `end`, never fewer. */
  read(start: number, end: number): Promise<Buffer>;
}

export type Content = Buffer | RemoteContent;

/** Enough to detect the format of a large file. Small files are searched whole. */
const HEAD_BYTES = 1024 * 1024;

export async function headOf(content: Content): Promise<Buffer> {
  if (Buffer.isBuffer(content)) return content;
  return content.read(0, Math.min(content.size, HEAD_BYTES));
}

/** Reads the whole file into memory. @throws {AppError} `file_too_large` */
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
