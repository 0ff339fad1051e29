/** The batch that the page shows. The browser remembers it, so that a reload and another tab show the same one with the same count. */
import { useEffect, useState } from 'react';
import type { Media } from '../../client/index.ts';
import type { AnalyzeMedia, BatchSummary, MediaListState } from '../../hooks/index.ts';
import {
  type Batch,
  type Entry,
  hasEnded,
  isIn,
  isKept,
  isMember,
  isWaiting,
  nextBatch,
  openBatches,
  summarize,
} from '../library/entries.ts';
import { type BatchProgress, useBatchProgress } from './batch-progress.ts';
import type { StoredBatch, StoredItem } from './stored-batch.ts';

export interface ShownBatch extends Pick<BatchProgress, 'timeLeft'> {
  /** Its counts, and how far it is. */
  summary: BatchSummary;
  /** The ids of those that wait: who cancels the rest does not want them. */
  waiting: string[];
  /** Which entries are in it. */
  members: Batch;
}

/**
 * @param from.entries in the order of the page
 * @param from.list It is loaded on as long as its end is within a batch that goes on: one that another device has sent, as this
 * browser remembers its own.
 * @param from.stored What is remembered, and what remembers; `entries` has those of it whose states are known.
 * @param from.owner Whose batch it is.
 */
export function useBatch(from: {
  entries: readonly Entry[];
  list: MediaListState;
  stored: [StoredBatch, (items: readonly StoredItem[]) => void];
  media: ReadonlyMap<string, Media>;
  goneIds: ReadonlySet<string>;
  sending: AnalyzeMedia;
  owner: string | undefined;
}): ShownBatch {
  const { entries, list, stored, media, goneIds, sending, owner } = from;
  const [{ order, ids, counted }, write] = stored;
  const { isRestored } = sending;
  const isCut = useIsCut(list, counted, media);
  const [members, setMembers] = useState<Batch>({
    members: counted,
    counted,
    isResumed: counted.size > 0,
  });
  const isUnknown = (id: string) => !media.has(id) && !goneIds.has(id);
  const unknown = ids.filter((id) => counted.has(id) && isUnknown(id)).length;
  // One that has ended is remembered for what a later page can send of it; what is chosen then is another batch.
  const isUnderWay = entries.some((entry) => !hasEnded(entry) && isIn(counted, entry));
  // Until all are known, the batch looks as if it were over.
  // With nothing to restore it begins at once: its bar would push down the cards that are there.
  const isWhole = unknown === 0 && (isRestored || counted.size === 0);
  const next = isWhole ? nextBatch(members, entries, isUnderWay ? counted : undefined) : members;
  // https://react.dev/reference/react/useState#storing-information-from-previous-renders
  if (next !== members) setMembers(next);
  const batch = summarize(next, entries, unknown);
  const isEnded =
    isWhole &&
    batch.total > 0 &&
    batch.ready + batch.failed === batch.total &&
    !entries.some((entry) => isMember(next, entry) && isKept(entry));
  const items: StoredItem[] = entries
    .filter(({ hasPlace }) => hasPlace)
    .map((entry) => ({
      key: entry.key,
      id: entry.media?.id,
      isCounted: !isEnded && isMember(next, entry),
    }));
  const placed = new Set(items.flatMap(({ key, id }) => [key, id]));
  for (const [place, name] of order.entries()) {
    if (placed.has(name)) continue;
    const isGone = goneIds.has(name);
    // The tab that has the file may not have told of it yet.
    const isMissing = !isEnded && counted.has(name) && !ids.includes(name);
    if (!isGone && !isMissing) continue;
    const before = items.findIndex(({ key, id }) => order[place - 1] === (id ?? key));
    const item = isGone
      ? { id: name, isCounted: false, isGone }
      : { id: undefined, isCounted: true };
    items.splice(before + 1, 0, { key: name, ...item });
  }
  const canWrite = isWhole && !ids.some(isUnknown);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the items are new each time; their text is not
  useEffect(() => {
    if (canWrite) write(items);
  }, [JSON.stringify(items), canWrite, write]);
  const known = next.members.size === 0 ? [] : entries.filter((each) => isMember(next, each));
  const states = known.flatMap((each) => each.media ?? []);
  // In its first moment a page does not know yet that something is to be restored.
  const isKnown = isWhole && !isCut && (known.length > 0 || counted.size === 0);
  const { progress, timeLeft } = useBatchProgress(owner, batch, states, sending, isKnown);
  const waiting = known.flatMap((each) => (isWaiting(each) && each.media?.id) || []);
  return { summary: { ...batch, progress }, timeLeft, waiting, members: next };
}

/** @returns whether the batch of another device is not loaded to its end */
function useIsCut(
  { ids, hasMore, isLoading, error, loadMore }: MediaListState,
  counted: ReadonlySet<string>,
  media: ReadonlyMap<string, Media>,
): boolean {
  const last = ids.at(-1) ?? '';
  const isCut =
    hasMore &&
    error === undefined &&
    !counted.has(last) &&
    openBatches(media.values()).has(media.get(last)?.batch_id);
  useEffect(() => {
    if (isCut && !isLoading) loadMore();
  }, [isCut, isLoading, loadMore]);
  return isCut;
}
