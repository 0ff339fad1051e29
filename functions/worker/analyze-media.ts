/** Phase 2: have the model look at the preview, and write what it saw and the final status at once. */
import type { Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import { PROGRESS } from '@media-analysis/shared/status';
import {
  type Analysis,
  type Analyzer,
  addUsage,
  MAX_INLINE_VIDEO_BYTES,
  type Subject,
} from '../analysis/index.ts';
import type { Lease } from '../cloud/lease.ts';
import type { MediaRecord } from '../cloud/media.ts';
import type { ObjectStore } from '../cloud/objects.ts';
import { contentKey } from '../cloud/twins.ts';
import { monthOf } from '../cloud/usage.ts';
import { bareVideo } from '../inspect/bare-video.ts';
import type { Work, WorkerDeps } from './delivery.ts';

export function createAnalyzeMedia({ objects, logger, now }: WorkerDeps, analyzer: Analyzer): Work {
  return async (lease, { signal, deadline }) => {
    const { record, twins } = lease;
    const { facts, content_type, file_name, language, sha256 } = record;
    if (!facts) throw new AppError('media_missing', `"${file_name}" was never looked at.`);
    const spent = (usage: Usage) => ({
      usage: addUsage(record.usage, usage),
      usage_month: monthOf(now()),
    });
    const subject = { facts, contentType: content_type, fileName: file_name, language };
    const earlier = reuse(subject, twins, analyzer);
    const { analytics, usage } =
      earlier ??
      (await analyzer.analyze(
        { ...subject, ...(await sourceOf(record, objects)) },
        {
          signal,
          deadline,
          onProgress: (fraction) => {
            lease.progress(PROGRESS.stored + fraction * (PROGRESS.done - PROGRESS.stored));
          },
          onSpent: (usage) => lease.keep(spent(usage)),
        },
      ));
    await lease.release({
      status: 'completed',
      progress: PROGRESS.done,
      analytics,
      ...spent(usage),
      // The model may be another one than when it was stored.
      content_key: sha256 && contentKey(record, sha256, analyzer),
    });
    logger.info(usage, 'analysed');
  };
}

/** What was written about a twin, if that is still how it would be done. */
function reuse(subject: Subject, twins: Lease['twins'], analyzer: Analyzer): Analysis | undefined {
  for (const { analytics } of twins) {
    const analysis = analytics && analyzer.reuse(subject, analytics);
    if (analysis) return analysis;
  }
  return undefined;
}

async function sourceOf(record: MediaRecord, objects: ObjectStore) {
  const { object, preview_object } = record;
  const name = preview_object ?? object;
  return {
    preview: preview_object === null ? null : await read(objects, preview_object, record),
    video: () => readVideo(objects, record),
    uri: name === null ? undefined : objects.uri(name),
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
  const bytes = await read(objects, record.object, record);
  return bareVideo(bytes, record.content_type, record.file_name);
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
