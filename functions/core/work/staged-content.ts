/** Reads the bytes of a media that arrived in the staging bucket, or that are imported from another one. */
import { createHash } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import type { Content } from '../../inspect/index.ts';
import { UnusableAnswerError } from '../../process/service-fault.ts';
import type { Arrived, ObjectStore } from '../../storage/objects.ts';
import { type MediaRecord, sizeDiffers } from '../media/record.ts';

/** The size of the largest request to the api. A larger object is read piece by piece. */
const MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024;
/** The first piece of a larger object. */
const HEAD_BYTES = 1024 * 1024;

export interface StagedContent {
  at: Arrived;
  content: Content;
  /**
   * The SHA-256 of the whole object, in hexadecimal.
   * @param onFraction Called with the share that has been read, 0 to 1.
   */
  hash(onFraction: (fraction: number) => void): Promise<string>;
}

/**
 * @param signal Aborting it ends all reading.
 * @throws {AppError} `media_missing`, `upload_size_differs`
 */
export async function openStaged(
  record: MediaRecord,
  objects: ObjectStore,
  signal: AbortSignal,
): Promise<StagedContent> {
  const { staging_object, source, size } = record;
  const at = source ?? staging_object;
  const missing = missingBytes(record);
  const present = <T>(value: T | undefined): T => {
    if (value === undefined) throw missing;
    return value;
  };
  if (at === null) throw missing;
  // For a small object, ask for one byte more than announced, to see that there are no more.
  const end = size <= MAX_BYTES_IN_MEMORY ? size + 1 : HEAD_BYTES;
  const head = present(await objects.readStaged(at, { start: 0, end }));
  if (head.size !== size) {
    // This ends the file for good, so one answer that may be wrong is not enough.
    if (present(await objects.stagedSize(at)) === head.size) throw sizeDiffers(record, head.size);
    throw new UnusableAnswerError('Cloud Storage told two sizes of one object.');
  }
  if (head.bytes.length === size) {
    return { at, content: head.bytes, hash: async () => sha256(head.bytes) };
  }
  return {
    at,
    content: {
      size,
      read: async (from, to) => {
        signal.throwIfAborted();
        if (to <= head.bytes.length) return head.bytes.subarray(from, to);
        const part = present(await objects.readStaged(at, { start: from, end: to }));
        // Otherwise the file would seem damaged.
        if (part.size === size) return part.bytes;
        throw new UnusableAnswerError('Cloud Storage told two sizes of one object.');
      },
    },
    hash: async (onFraction) => {
      let read = 0;
      const hash = await objects.hashStaged(at, signal, (bytes) => {
        read = bytes;
        onFraction(bytes / size);
      });
      if (hash !== undefined && read !== size) {
        throw new UnusableAnswerError(`Cloud Storage sent ${read} bytes, and not ${size}.`);
      }
      return present(hash);
    },
  };
}

function missingBytes({ file_name, source }: MediaRecord): AppError {
  const message = source
    ? `"${file_name}" was replaced or deleted in gs://${source.bucket} before it was copied. Import it again.`
    : `The bytes of "${file_name}" never arrived, or are gone. Send it again.`;
  return new AppError('media_missing', message);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
