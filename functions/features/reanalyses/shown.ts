/** A reanalysis as it is streamed. */
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { isOver } from '@media-analysis/shared/reanalysis-state';
import { type ReanalysisRecord, toReanalysis } from '../../media/reanalysis-record.ts';
import { type Chunk, chunk } from '../../stream/body.ts';
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

function reanalysisEvent(reanalysis: Reanalysis): Chunk {
  const data = JSON.stringify(reanalysis);
  return chunk(`event: reanalysis\nid: ${reanalysis.revision}\ndata: ${data}\n\n`);
}
