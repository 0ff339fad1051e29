/** A reanalysis as it is streamed. */
import { isOver } from '@media-analysis/shared/reanalysis-state';
import { type ReanalysisRecord, toReanalysis } from '../../media/reanalysis-record.ts';
import { reanalysisEvent } from '../../stream/events.ts';
import type { Shown } from '../../stream/hub.ts';

/** For a hub of reanalyses. */
export function showReanalysis(document: unknown): Shown {
  const record = document as ReanalysisRecord;
  const reanalysis = toReanalysis(record);
  return {
    revision: record.revision,
    writtenAtMs: record.updated_at.toMillis(),
    status: isOver(reanalysis) ? 'completed' : 'analyzing',
    event: reanalysisEvent(reanalysis),
  };
}
