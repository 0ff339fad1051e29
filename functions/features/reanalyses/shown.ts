/** How the stream shows a reanalysis. */
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { isOver } from '@media-analysis/shared/reanalysis-state';
import { type Chunk, chunk } from '../../core/stream/body.ts';
import type { Shown } from '../../core/stream/hub.ts';
import { type ReanalysisRecord, toReanalysis } from './record.ts';

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
