/**
 * Pictures of a video that its sender has cut from it, for models that look at pictures only. They come while the bytes of
 * the video are on their way, so nothing has to wait for them: what is there when the work begins is looked at. Here they
 * are only stored. The worker opens them in the sandbox, as it does with every file of a stranger.
 */
import type { IncomingMessage } from 'node:http';
import { isSaidToBePhoto } from '@media-analysis/shared/accepted';
import { AppError } from '@media-analysis/shared/errors';
import { MAX_FRAME_BYTES, MAX_FRAMES } from '@media-analysis/shared/frames';
import { frameFieldsSchema } from '@media-analysis/shared/uploads';
import { parse } from '../../http/body.ts';
import { type ObjectStore, stagedFramesName } from '../../storage/objects.ts';
import type { MediaRecord } from '../media/record.ts';
import { refuseLateFrames } from '../media/refusals.ts';
import type { MediaStore } from '../media/store.ts';
import type { DailyUploads } from './daily-uploads.ts';
import { type FilePart, type FormLimits, readForm } from './form.ts';

export interface FramesDeps {
  media: MediaStore;
  objects: ObjectStore;
  dailyUploads: DailyUploads;
  limits: Pick<FormLimits, 'timeouts'>;
  /** Requests with files that are open, by owner. */
  uploads: { acquire(ownerId: string): () => void };
}

/** The JPEGs, and a kilobyte for the header of each part. */
const REQUEST_BYTES = MAX_FRAMES * (MAX_FRAME_BYTES + 1_000);

const START_OF_JPEG = Buffer.of(0xff, 0xd8, 0xff);

/**
 * The bytes are counted before they are stored.
 * @throws {AppError} `not_found`, `not_ready`, `invalid_request`, `unsupported_media_type`, `rate_limited` and those of
 *   `readForm`; then nothing has changed
 */
export async function acceptFrames(
  request: IncomingMessage,
  id: string,
  ownerId: string,
  { media, objects, dailyUploads, limits, uploads }: FramesDeps,
): Promise<MediaRecord> {
  const release = uploads.acquire(ownerId);
  try {
    const record = await media.get(id, ownerId);
    refuseLateFrames(record);
    if (isSaidToBePhoto(record.file_name, record.content_type)) {
      throw new AppError('invalid_request', `"${record.file_name}" is no video.`);
    }
    const { timeouts } = limits;
    const most = { files: MAX_FRAMES, fileBytes: MAX_FRAME_BYTES, requestBytes: REQUEST_BYTES };
    const form = await readForm(request, { ...most, timeouts }, readJpeg, async () => undefined);
    const { times, poster } = parse(frameFieldsSchema, form.fields, 'times');
    const frames = form.files.map(({ outcome }) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
    if (frames.length !== times.length || poster >= frames.length) {
      throw new AppError('invalid_request', 'times: name one for each frame, and the poster too.');
    }
    const bytes = Buffer.concat(frames);
    await dailyUploads.charge(ownerId, { bytes: bytes.length, files: 1 });
    await objects.stageFrames(stagedFramesName(id), bytes);
    return await media.addFrames(id, ownerId, {
      times,
      poster,
      sizes: frames.map(({ length }) => length),
    });
  } finally {
    release();
  }
}

async function readJpeg({ bytes, signal, fileName }: FilePart): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes as AsyncIterable<Buffer>) chunks.push(chunk);
  signal.throwIfAborted();
  const jpeg = Buffer.concat(chunks);
  if (jpeg.subarray(0, START_OF_JPEG.length).equals(START_OF_JPEG)) return jpeg;
  throw new AppError('unsupported_media_type', `"${fileName}" is no JPEG. Send frames as JPEGs.`);
}
