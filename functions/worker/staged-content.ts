/** Reads the bytes of a media that arrived in the staging bucket. */
import { createHash } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import type { Content } from '../inspect/index.ts';
import { type MediaRecord, sizeDiffers } from '../media/record.ts';
import { UnusableAnswerError } from '../process/service-fault.ts';
import type { ObjectStore } from '../storage/objects.ts';

/** The size of the largest request to the api. A larger object is read piece by piece. */
const MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024;
/** The first piece of a larger object. */
const HEAD_BYTES = 1024 * 1024;

export interface StagedContent {
  /** Name in the staging bucket. */
  name: string;
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
  const { staging_object: name, size, file_name } = record;
  const missing = new AppError(
    'media_missing',
    `The bytes of "${file_name}" never arrived, or are gone. Send it again.`,
  );
  const present = <T>(value: T | undefined): T => {
    if (value === undefined) throw missing;
    return value;
  };
  if (name === null) throw missing;
  // For a small object, ask for one byte more than announced, to see that there are no more.
  const end = size <= MAX_BYTES_IN_MEMORY ? size + 1 : HEAD_BYTES;
  const head = present(await objects.readStaged(name, { start: 0, end }));
  if (head.size !== size) {
    // This ends the file for good, so one answer that may be wrong is not enough.
    if (present(await objects.stagedSize(name)) === head.size) throw sizeDiffers(record, head.size);
    throw new UnusableAnswerError('Cloud Storage told two sizes of one object.');
  }
  if (head.bytes.length === size) {
    return { name, content: head.bytes, hash: async () => sha256(head.bytes) };
  }
  return {
    name,
    content: {
      size,
      read: async (from, to) => {
        signal.throwIfAborted();
        if (to <= head.bytes.length) return head.bytes.subarray(from, to);
        const part = present(await objects.readStaged(name, { start: from, end: to }));
        // Otherwise the file would seem damaged.
        if (part.size === size) return part.bytes;
        throw new UnusableAnswerError('Cloud Storage told two sizes of one object.');
      },
    },
    hash: async (onFraction) => {
      let read = 0;
      const hash = await objects.hashStaged(name, signal, (bytes) => {
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

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
