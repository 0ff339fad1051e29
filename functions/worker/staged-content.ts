/** What arrived in the staging bucket for a media. */
import { createHash } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import type { Content } from '../inspect/index.ts';
import { type MediaRecord, sizeDiffers } from '../media/record.ts';
import type { ObjectStore } from '../storage/objects.ts';

/** As much as comes in one request through the api: what is larger is read piece by piece. */
const MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024;
/** What is looked at first of anything larger. */
const HEAD_BYTES = 1024 * 1024;

export interface StagedContent {
  /** Name in the staging bucket. */
  name: string;
  content: Content;
  /**
   * The SHA-256 of all of it, in hexadecimal.
   * @param onFraction Told how far it is, 0 to 1.
   */
  hash(onFraction: (fraction: number) => void): Promise<string>;
}

/**
 * @param signal Ends whatever is being read.
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
  // Of few bytes one more than announced, to see that there are no more.
  const end = size <= MAX_BYTES_IN_MEMORY ? size + 1 : HEAD_BYTES;
  const head = present(await objects.readStaged(name, { start: 0, end }));
  if (head.size !== size) throw sizeDiffers(record, head.size);
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
        return present(await objects.readStaged(name, { start: from, end: to })).bytes;
      },
    },
    hash: async (onFraction) =>
      present(await objects.hashStaged(name, signal, (bytes) => onFraction(bytes / size))),
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
