/**
 * The frames that the sender of a video has sent along. They are pictures of a stranger like any other: each is opened in
 * the sandbox, and what is kept was encoded anew. One that cannot be opened is left out, because the video is good without it.
 */
import { createHash } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import { MAX_FRAME_SIDE } from '@media-analysis/shared/frames';
import type { MediaFacts } from '../../inspect/index.ts';
import type { FileInspector } from '../../inspect/inspector.ts';
import type { Logger } from '../../process/log.ts';
import { UnusableAnswerError } from '../../process/service-fault.ts';
import { framesName, type ObjectStore, stagedFramesName } from '../../storage/objects.ts';
import type { MediaRecord, StagedFrames, StoredFrames } from '../media/record.ts';
import { present } from './bare-copy.ts';

interface FramesDeps {
  objects: ObjectStore;
  inspector: Pick<FileInspector, 'inspect'>;
  logger: Logger;
}

interface OpenedFrames {
  frames: StoredFrames;
  /** The JPEGs, one after the other. */
  bytes: Buffer;
  poster: Buffer;
}

/** A player shows the last frame for as long as it lasts, and containers differ in whether that counts. */
const BEYOND_END_S = 1;

/** @returns undefined if there is none that can be used. @throws a fault of Cloud Storage or of the sandbox; the signal's reason */
export async function openFrames(
  { id, owner_id, file_name, staged_frames: staged }: MediaRecord,
  { kind, duration_s }: MediaFacts,
  { objects, inspector, logger }: FramesDeps,
  signal: AbortSignal,
): Promise<OpenedFrames | undefined> {
  if (!staged || kind !== 'video') return undefined;
  const jpegs = await readStaged(id, staged, objects);
  const last = (duration_s ?? Number.POSITIVE_INFINITY) + BEYOND_END_S;
  const opened: { order: number; time_s: number; jpeg: Buffer; colors: MediaFacts['colors'] }[] =
    [];
  for (const [order, jpeg] of jpegs.entries()) {
    const time_s = staged.times[order] ?? Number.POSITIVE_INFINITY;
    if (time_s > last) continue;
    const options = { previewMaxSide: MAX_FRAME_SIDE, signal };
    const found = await inspector
      .inspect(jpeg, file_name, owner_id, options)
      .catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof AppError) return undefined;
        throw error;
      });
    if (!found?.preview) continue;
    opened.push({ order, time_s, jpeg: found.preview.bytes, colors: found.facts.colors });
  }
  if (opened.length < staged.times.length) {
    logger.warn({ sent: staged.times.length, used: opened.length }, 'frames left out');
  }
  const poster = opened.find(({ order }) => order === staged.poster) ?? opened[0];
  if (!poster) return undefined;
  const bytes = Buffer.concat(opened.map(({ jpeg }) => jpeg));
  return {
    frames: {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      list: opened.map(({ time_s, jpeg, colors }) => ({ time_s, size: jpeg.length, colors })),
    },
    bytes,
    poster: poster.jpeg,
  };
}

/** @returns no frames if they are gone, or if two requests have sent others at the same time */
async function readStaged(id: string, { sizes }: StagedFrames, objects: ObjectStore) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const found = await objects.readStaged(stagedFramesName(id), { start: 0, end: total + 1 });
  return found?.bytes.length === total && found.size === total ? split(found.bytes, sizes) : [];
}

/** Reads the stored frames of a video, in their order. @throws {AppError} `media_missing` */
export async function readFrames(record: MediaRecord, objects: ObjectStore): Promise<Buffer[]> {
  const sizes = record.frames?.list.map(({ size }) => size) ?? [];
  const bytes = present(await objects.readMedia(framesName(record.id)), record);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.length === total) return split(bytes, sizes);
  throw new UnusableAnswerError('Cloud Storage sent other frames than were stored.');
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  let start = 0;
  return sizes.map((size) => {
    const from = start;
    start += size;
    return bytes.subarray(from, start);
  });
}
