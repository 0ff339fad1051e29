/** The batch that the page shows. The tab remembers its media, so that a reload shows the same batch with the same count. */
import { useEffect, useState } from 'react';
import type { Media } from '../client/index.ts';
import type { BatchSummary } from '../hooks/index.ts';
import { type Batch, EMPTY_BATCH, type Entry, nextBatch, summarize } from './entries.ts';
import { readList, writeList } from './remembered-list.ts';

const KEY = 'media-analysis-batch';

// It throws where the browser's settings forbid it.
const tabStorage = () => globalThis.sessionStorage;

/** The ids of the media that were in the batch before the page was loaded again. */
export function useEarlierBatch(): readonly string[] {
  const [ids] = useState(() => readList(KEY, tabStorage));
  return ids;
}

/**
 * @param earlier From `useEarlierBatch`; `entries` has those of them whose states are known.
 * @param isRestored Whether the files that the page before a reload was sending are among the entries.
 */
export function useBatch(
  entries: readonly Entry[],
  earlier: readonly string[],
  media: ReadonlyMap<string, Media>,
  goneIds: ReadonlySet<string>,
  isRestored: boolean,
): BatchSummary {
  const [members, setMembers] = useState<Batch>({
    ...EMPTY_BATCH,
    members: new Set(earlier),
    isResumed: earlier.length > 0,
  });
  const unknown = earlier.filter((id) => !media.has(id) && !goneIds.has(id)).length;
  // Until all are known, the batch looks as if it were over.
  const isWhole = unknown === 0 && isRestored;
  const next = !isWhole ? members : nextBatch(members, entries);
  // https://react.dev/reference/react/useState#storing-information-from-previous-renders
  if (next !== members) setMembers(next);
  const batch = summarize(next, entries, unknown);
  const isOver = batch.ready + batch.failed === batch.total;
  const ids = isOver ? [] : entries.filter(({ key }) => next.members.has(key)).map(idOf);
  const list = ids.join();
  useEffect(() => {
    if (isWhole) writeList(KEY, list.split(',').filter(Boolean), tabStorage);
  }, [list, isWhole]);
  return batch;
}

const idOf = ({ media }: Entry) => media?.id ?? '';
