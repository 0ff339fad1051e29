/** Phase 2: lets the model describe the preview, and writes the analysis and the final status in one write. */
import type { Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import { PROGRESS } from '@media-analysis/shared/status';
import {
  type Analysis,
  type Analyzer,
  addUsage,
  ServiceWaitError,
  type Subject,
} from '../analysis/index.ts';
import type { FileInspector } from '../inspect/inspector.ts';
import type { Lease } from '../media/lease.ts';
import type { MediaRecord } from '../media/record.ts';
import { monthOf } from '../media/usage.ts';
import { UnusableAnswerError } from '../process/service-fault.ts';
import { bareName, type ObjectStore } from '../storage/objects.ts';
import { bareCopy, present } from './bare-copy.ts';
import type { Work, WorkerDeps } from './delivery.ts';
import { type PaidCallLimits, payFor } from './paid-calls.ts';

/** @param paid Absent: no model that may be asked costs money. */
export function createAnalyzeMedia(
  { objects, inspector, logger, now }: WorkerDeps,
  analyzer: Analyzer,
  paid?: PaidCallLimits,
): Work {
  return async (lease, { signal, deadline, onStorageAnswer }) => {
    const { record, copies } = lease;
    const { facts, content_type, file_name, language } = record;
    if (!facts) throw new AppError('media_missing', `"${file_name}" was never checked.`);
    const spent = (usage: Usage) => ({
      usage: addUsage(record.usage, usage),
      usage_month: monthOf(now()),
    });
    const calls = paid && payFor(lease, paid);
    const subject = { facts, contentType: content_type, fileName: file_name, language };
    const ask = async () => {
      const source = await sourceOf(record, objects, inspector);
      onStorageAnswer?.();
      return analyzer
        .analyze(
          { ...subject, ...source },
          {
            signal,
            deadline,
            waitingSince: lease.waitingSince,
            onProgress: (fraction) => {
              lease.progress(PROGRESS.stored + fraction * (PROGRESS.done - PROGRESS.stored));
            },
            onSpent: (usage) => lease.addToNextWrite(spent(usage)),
            pay: calls?.pay,
          },
        )
        .catch((error: unknown) => {
          if (error instanceof ServiceWaitError) calls?.forgetUnanswered();
          throw error;
        });
    };
    const { analytics, usage } = reuse(subject, copies, analyzer) ?? (await ask());
    // If the write fails for a moment, the media is analysed again. This analysis was paid for, too.
    lease.addToNextWrite(spent(usage));
    await lease.release({
      status: 'completed',
      progress: PROGRESS.done,
      analytics,
    });
    logger.info(usage, 'analysed');
    if (facts.kind === 'video') {
      await objects.removeMedia(bareName(record.id)).catch((error: unknown) => {
        // The copy is removed together with the media.
        logger.warn({ error }, 'copy not removed');
      });
    }
  };
}

/** The analysis of a copy of the same content, if the analyzer would still do it the same way. */
function reuse(
  subject: Subject,
  copies: Lease['copies'],
  analyzer: Analyzer,
): Analysis | undefined {
  for (const { analytics } of copies) {
    const analysis = analytics && analyzer.reuse(subject, analytics);
    if (analysis) return analysis;
  }
  return undefined;
}

const START_OF_IMAGE = Buffer.of(0xff, 0xd8);

const isJpeg = (bytes: Buffer) => bytes.subarray(0, 2).equals(START_OF_IMAGE);

/** What a model may be shown of a stored media. */
export async function sourceOf(
  record: MediaRecord,
  objects: ObjectStore,
  inspector: FileInspector,
) {
  const { owner_id, preview_object, object, size, content_type, file_name } = record;
  const read = async (name: string | null, isIt: (bytes: Buffer) => boolean) => {
    const bytes = present((name && (await objects.readMedia(name))) || undefined, record);
    // A proxy may answer with a page of its own. The model would be asked, and paid, about that.
    if (!isIt(bytes)) throw new UnusableAnswerError('What came is not what was stored.');
    return bytes;
  };
  const isOriginal = (bytes: Buffer) => bytes.length === size;
  const bytes = async () => {
    const video = { contentType: content_type, fileName: file_name };
    return inspector.bareVideo({ content: await read(object, isOriginal), ...video }, owner_id);
  };
  const copy = (signal: AbortSignal) => bareCopy(objects, inspector, record, signal);
  return {
    preview: preview_object === null ? null : await read(preview_object, isJpeg),
    video: { size, bytes, copy },
  };
}
