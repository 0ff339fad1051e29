/** Phase 2: have the model look at the preview, and write what it saw and the final status at once. */
import { AppError } from '@media-analysis/shared/errors';
import { PROGRESS } from '@media-analysis/shared/status';
import { type Analyzer, MAX_INLINE_VIDEO_BYTES } from '../analysis/index.ts';
import type { MediaRecord } from '../cloud/media.ts';
import type { ObjectStore } from '../cloud/objects.ts';
import type { Work, WorkerDeps } from './delivery.ts';

export function createAnalyzeMedia({ objects, logger }: WorkerDeps, analyzer: Analyzer): Work {
  return async (lease, { signal, deadline }) => {
    const { record } = lease;
    const { facts, content_type, file_name, language } = record;
    if (!facts) throw new AppError('media_missing', `"${file_name}" was never looked at.`);
    const preview = record.preview_object && (await read(objects, record.preview_object, record));
    const { analytics, usage } = await analyzer.analyze(
      {
        facts,
        contentType: content_type,
        fileName: file_name,
        preview: preview || null,
        language,
        video: () => readVideo(objects, record),
      },
      {
        signal,
        deadline,
        onProgress: (fraction) => {
          lease.progress(PROGRESS.stored + fraction * (PROGRESS.done - PROGRESS.stored));
        },
      },
    );
    await lease.release({ status: 'completed', progress: PROGRESS.done, analytics, usage });
    logger.info(usage, 'analysed');
  };
}

async function readVideo(objects: ObjectStore, record: MediaRecord): Promise<Buffer> {
  if (record.size > MAX_INLINE_VIDEO_BYTES) {
    const limit = MAX_INLINE_VIDEO_BYTES / 1024 / 1024;
    throw new AppError(
      'file_too_large',
      `"${record.file_name}" is stored, but the model takes videos of at most ${limit} MiB.`,
    );
  }
  return read(objects, record.object, record);
}

async function read(
  objects: ObjectStore,
  name: string | null,
  { file_name }: MediaRecord,
): Promise<Buffer> {
  const bytes = name === null ? undefined : await objects.readMedia(name);
  if (!bytes) {
    throw new AppError('media_missing', `The bytes of "${file_name}" are gone. Send it again.`);
  }
  return bytes;
}
