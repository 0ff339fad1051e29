/** Media as tests need them: whole records of which only what matters is said. */
import { type MediaRecord, newMediaRecord } from '../../functions/core/media/record.ts';

/** 2023-11-14T22:13:20Z. */
export const NOW = 1_700_000_000_000;

export function mediaRecord(patch: Partial<MediaRecord> = {}): MediaRecord {
  const id = patch.id ?? 'm1';
  const media = {
    id,
    file_name: `${id}.jpg`,
    content_type: 'image/jpeg',
    size: 3,
    owner_id: 'alice',
    analyze: true,
    language: 'en',
    staging_object: id,
    queue_state: 'queued' as const,
  };
  return { ...newMediaRecord(media, NOW), ...patch };
}
