/** A copy of a video without its tags, in the media bucket. A model may read it by itself. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { AppError } from '@media-analysis/shared/errors';
import type { VideoCopy } from '../../analysis/video.ts';
import type { Content } from '../../inspect/index.ts';
import type { FileInspector } from '../../inspect/inspector.ts';
import { UnusableAnswerError } from '../../process/service-fault.ts';
import { bareName, type ObjectStore } from '../../storage/objects.ts';
import type { MediaRecord } from '../media/record.ts';

/** A signed URL is a key, so it lasts only as long as one delivery may take: more than 15 minutes only in the tier `flex`. */
const URL_TTL_MS = { usual: 15 * 60_000, flex: 30 * 60_000 };

/**
 * Makes the copy, or finds the one that an earlier delivery made.
 *
 * @throws {AppError} `media_missing`, `media_corrupt`, `unsupported_media_type`; the signal's reason
 */
export async function bareCopy(
  objects: ObjectStore,
  inspector: FileInspector,
  record: MediaRecord,
  signal: AbortSignal,
): Promise<VideoCopy> {
  const name = bareName(record.id);
  const size = (await objects.mediaSize(name)) ?? (await store(objects, inspector, record, signal));
  return {
    size,
    uri: objects.uri(name),
    signedUrl: () => objects.bareUrl(name, URL_TTL_MS[record.tier ?? 'usual']),
    read: async (start, end) => {
      const part = present(await objects.readMediaPart(name, { start, end }), record);
      if (part.size === size) return part.bytes;
      throw new UnusableAnswerError('Cloud Storage told two sizes of one object.');
    },
  };
}

async function store(
  objects: ObjectStore,
  inspector: FileInspector,
  record: MediaRecord,
  signal: AbortSignal,
): Promise<number> {
  const { id, content_type, file_name } = record;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  // If writing or storing fails, the other one must end too.
  const stopping = (error: unknown) => {
    stop.abort(error);
    throw error;
  };
  const bytes = new PassThrough();
  const write = async (piece: Uint8Array) => {
    if (!bytes.write(piece)) await once(bytes, 'drain', { signal: either });
  };
  const video = {
    content: originalOf(objects, record, either),
    contentType: content_type,
    fileName: file_name,
  };
  const writing = inspector
    .writeBareVideo(video, record.owner_id, write, either)
    .then(() => bytes.end());
  const storing = objects.saveMedia(bareName(id), bytes, content_type, either);
  const [, stored] = await Promise.all([writing.catch(stopping), storing.catch(stopping)]);
  return stored.size;
}

function originalOf(objects: ObjectStore, record: MediaRecord, signal: AbortSignal): Content {
  return {
    size: record.size,
    read: async (start, end) => {
      signal.throwIfAborted();
      const found = record.object && (await objects.readMediaPart(record.object, { start, end }));
      const part = present(found || undefined, record);
      // Otherwise the file would seem damaged.
      if (part.size === record.size) return part.bytes;
      throw new UnusableAnswerError('Cloud Storage told another size of a stored object.');
    },
  };
}

export function present<T>(found: T | undefined, { file_name }: MediaRecord): T {
  if (found !== undefined) return found;
  throw new AppError('media_missing', `The bytes of "${file_name}" are gone. Send it again.`);
}
