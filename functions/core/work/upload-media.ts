/** Phase 1: finds out what the bytes are, and moves them to the media bucket. */
import { PROGRESS } from '@media-analysis/shared/status';
import type { Analyzer } from '../../analysis/index.ts';
import {
  framesName,
  inPlaceName,
  originalName,
  previewName,
  smallName,
  stagedFramesName,
} from '../../storage/objects.ts';
import { taskOf, taskOptionsOf } from '../media/record.ts';
import { contentKey } from '../media/same-content.ts';
import { openFrames } from './frames.ts';
import { openStaged } from './staged-content.ts';
import type { Work, WorkerDeps } from './work.ts';

export interface InspectOptions {
  previewMaxSide: number;
  captureLocation: boolean;
}

/** The model and prompt that will analyse the media: with others it would get another analysis. */
type Analyst = Pick<Analyzer, 'model' | 'promptVersion' | 'looksAtFrames'>;

export function createUploadMedia(
  { objects, inspector, queue, logger }: WorkerDeps,
  options: InspectOptions,
  analyst: Analyst,
): Work {
  return async (lease, { signal, alone, onStorageAnswer }) => {
    const { id, owner_id, file_name, size, analyze, staging_object, source } = lease.record;
    // The process starts while the bytes are on their way.
    inspector.prepare();
    const staged = await openStaged(lease.record, objects, signal);
    onStorageAnswer?.();
    lease.progress(0.2);
    const { contentType, preview, small, facts } = await inspector.inspect(
      staged.content,
      file_name,
      owner_id,
      {
        ...options,
        withSmall: true,
        signal,
      },
    );
    lease.progress(0.3);
    signal.throwIfAborted();
    const opened = await openFrames(lease.record, facts, { objects, inspector, logger }, signal);
    const shown = preview?.bytes ?? opened?.poster;
    const [sha256] = await Promise.all([
      staged.hash((fraction) => lease.progress(0.3 + 0.2 * fraction)),
      !source?.in_place && objects.promote(staged.at, originalName(id), contentType),
      shown && objects.savePreview(previewName(id), shown, 'image/jpeg'),
      small && objects.savePreview(smallName(id), small, 'image/jpeg'),
      opened && objects.saveFrames(framesName(id), opened.bytes),
      // A new process has not loaded the client yet. It loads it here, while it waits for Cloud Storage.
      analyze && queue.prepare(),
    ]);
    const frames = opened?.frames ?? null;
    const hadFrames = lease.record.staged_frames != null;
    await lease.release({
      ...(analyze
        ? { progress: PROGRESS.stored }
        : { status: 'completed', progress: PROGRESS.done }),
      content_type: contentType,
      sha256,
      content_key: analyze ? contentKey({ ...lease.record, frames }, sha256, analyst) : null,
      facts,
      url: `/api/media/${id}/content`,
      object: source?.in_place ? inPlaceName(source) : originalName(id),
      preview_object: shown ? previewName(id) : null,
      small_object: small ? smallName(id) : null,
      ...(hadFrames && { frames, staged_frames: null }),
      staging_object: null,
      deliveries: 0,
      waits: 0,
    });
    logger.info({ content_type: contentType, size }, 'stored');
    const task = { ...taskOf(lease.record), ...(alone && { alone }) };
    const next = analyze && queue.enqueue('analyze', task, '', taskOptionsOf(lease.record));
    // Imported objects stay where they are.
    const unstaged = [staging_object ?? [], hadFrames ? stagedFramesName(id) : []]
      .flat()
      .map((name) =>
        objects.unstage(name).catch((error: unknown) => {
          // The staging bucket deletes old objects.
          logger.warn({ error }, 'staged object not removed');
        }),
      );
    await Promise.all([next, ...unstaged]);
  };
}
