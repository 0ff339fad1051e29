/** Phase 1: find out what the bytes are, and move them to where they stay. */
import { createHash } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import { PROGRESS } from '@media-analysis/shared/status';
import type { Analyzer } from '../analysis/index.ts';
import { taskOf } from '../cloud/media.ts';
import { originalName, previewName } from '../cloud/objects.ts';
import { contentKey } from '../cloud/twins.ts';
import { inspectMedia } from '../inspect/index.ts';
import type { Work, WorkerDeps } from './delivery.ts';

export interface InspectOptions {
  previewMaxSide: number;
  captureLocation: boolean;
}

/** Who will analyse it: another model's analysis is another one. */
type Analyst = Pick<Analyzer, 'model' | 'promptVersion'>;

export function createUploadMedia(
  { objects, queue, logger }: WorkerDeps,
  options: InspectOptions,
  analyst: Analyst,
): Work {
  return async (lease, { signal }) => {
    const { id, file_name, staging_object, analyze } = lease.record;
    const bytes = staging_object === null ? undefined : await objects.readStaged(staging_object);
    if (!bytes || staging_object === null) {
      throw new AppError('media_missing', `The bytes of "${file_name}" are gone. Send it again.`);
    }
    lease.progress(0.2);
    const { contentType, facts, preview } = await inspectMedia(bytes, file_name, {
      ...options,
      signal,
    });
    lease.progress(0.3);
    signal.throwIfAborted();
    await Promise.all([
      objects.promote(staging_object, originalName(id), contentType),
      preview && objects.savePreview(previewName(id), preview.bytes, preview.contentType),
    ]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await lease.release({
      ...(analyze
        ? { progress: PROGRESS.stored }
        : { status: 'completed', progress: PROGRESS.done }),
      content_type: contentType,
      size: bytes.length,
      sha256,
      content_key: analyze ? contentKey(lease.record, sha256, analyst) : null,
      facts,
      url: `/api/media/${id}/content`,
      object: originalName(id),
      preview_object: preview && previewName(id),
      staging_object: null,
      deliveries: 0,
    });
    logger.info({ content_type: contentType, size: bytes.length }, 'stored');
    const next = analyze && queue.enqueue('analyze', taskOf(lease.record));
    const unstaged = objects.unstage(staging_object).catch((error: unknown) => {
      // The staging bucket deletes what is a day old.
      logger.warn({ error }, 'staged object not removed');
    });
    await Promise.all([next, unstaged]);
  };
}
