/** Shows the record of a media to its owner. */
import type { Timestamp } from '@google-cloud/firestore';
import { type AnalysisResults, type Media, mediaSchema } from '@media-analysis/shared/media';
import type { Moments } from './moments.ts';
import { isNewer, type MediaRecord, newer, usageOf } from './record.ts';

/**
 * The fields of a record that its owner may see.
 * @throws {AppError} `unavailable` if a later release has written the record in a way that this one cannot show
 */
export function toMedia(record: MediaRecord, moments: Moments): Media {
  if (!isNewer(record)) return visibleFields(record, moments);
  const media = readNewer(record, moments);
  if (!media) throw newer(record, 'shown');
  return media;
}

/** The same for a list: it leaves out what this release cannot show. */
export function toMediaList(records: readonly MediaRecord[], moments: Moments): Media[] {
  return records.flatMap((record) =>
    isNewer(record) ? (readNewer(record, moments) ?? []) : toMedia(record, moments),
  );
}

function readNewer(record: MediaRecord, moments: Moments): Media | undefined {
  try {
    return mediaSchema.safeParse(visibleFields(record, moments)).data;
  } catch {
    // A field is missing, or of another type.
    return undefined;
  }
}

function visibleFields(record: MediaRecord, moments: Moments): Media {
  return moments.shown(record, {
    id: record.id,
    file_name: record.file_name,
    content_type: record.content_type,
    size: record.size,
    status: record.status,
    ...(record.batch_id !== undefined && { batch_id: record.batch_id }),
    progress: record.progress,
    attempts: record.attempts,
    error_code: record.error_code,
    error_message: record.error_message,
    retry_at: record.retry_at && toIso(record.retry_at),
    wait_code: record.wait_code ?? waitOf(record),
    // The field stays when the wait is over, and earlier releases left it when another one began.
    wait_limit: (record.wait_code === 'analysis_spend_cap' && record.wait_limit) || null,
    url: record.url,
    ...(record.frames && {
      frames: record.frames.list.map(({ time_s, size }) => ({ time_s, size })),
    }),
    analytics: record.analytics,
    ...(record.analyses && { analyses: record.analyses as AnalysisResults }),
    ...(record.same_as && { same_as: record.same_as }),
    usage: usageOf(record),
    revision: record.revision,
    created_at: toIso(record.created_at),
    updated_at: toIso(record.updated_at),
  });
}

/** Why a media waits before its work has begun. */
function waitOf({ status, queue_state }: MediaRecord): Media['wait_code'] {
  if (status === 'pending' && queue_state === 'announced') return 'no_bytes';
  return queue_state === 'waiting' ? 'no_place' : null;
}

const toIso = (time: Timestamp) => time.toDate().toISOString();
