/** The batch that the page shows. The browser remembers it: a reload and another tab show the same batch and count. */
import { useEffect, useState } from 'react';
import type { Media } from '../../client/index.ts';
import type { AnalyzeMedia, MediaListState } from '../../hooks/index.ts';
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
import { useBatchProgress } from './batch-progress.ts';
import type { StoredItem, useStoredBatch } from './stored-batch.ts';

/**
 * @param from.entries in the order of the page; those of `stored` only if their states are known
 * @returns its counts, progress and time left; the ids of its waiting media; and the entries in it
 */
export function useBatch(from: {
  entries: readonly Entry[];
  list: MediaListState;
  stored: ReturnType<typeof useStoredBatch>;
  media: ReadonlyMap<string, Media>;
  goneIds: ReadonlySet<string>;
  sending: AnalyzeMedia;
  owner: string | undefined;
}) {
  const { entries, list, stored, media, goneIds, sending, owner } = from;
  const [{ items: before, ids, counted }, write] = stored;
  const isCut = useIsCut(list, counted, media);
  const [members, setMembers] = useState<Batch>({
    members: counted,
    counted,
    isResumed: counted.size > 0,
  });
  const isUnknown = (id: string) => !media.has(id) && !goneIds.has(id);
  const unknown = ids.filter((id) => counted.has(id) && isUnknown(id)).length;
  const names = new Set(entries.flatMap(({ key, media }) => [key, media?.id]));
  // Until all are known, the batch would look ended. With nothing to restore it begins at once: later, its bar would
  // push down the cards that are there.
  const isWhole = unknown === 0 && (sending.isRestored || counted.size === 0);
  const isListed = list.ids.length > 0 || !list.hasMore || list.error !== undefined;
  /** Its file is still being read, the list may have its media, or the state of its media is being asked for. */
  const isAwaited = ({ name, isKey, isCounted }: StoredItem) =>
    isKey &&
    isCounted &&
    !names.has(name) &&
    (!isWhole ||
      !isListed ||
      sending.uploads.some(
        ({ key, mediaId }) => key === name && mediaId !== null && isUnknown(mediaId),
      ));
  const awaited = before.filter(isAwaited).length;
  // An ended batch is remembered for files that a later page can send. Files that are chosen then are another batch.
  const isUnderWay = entries.some((entry) => !hasEnded(entry) && isIn(counted, entry));
  const next = isWhole ? nextBatch(members, entries, isUnderWay ? counted : undefined) : members;
  // https://react.dev/reference/react/useState#storing-information-from-previous-renders
  if (next !== members) setMembers(next);
  const batch = summarize(next, entries, unknown + awaited);
  const isEnded =
    isWhole &&
    batch.total > 0 &&
    batch.ready + batch.failed === batch.total &&
    !entries.some((entry) => isMember(next, entry) && isKept(entry));
  const placed = entries.filter(({ hasPlace }) => hasPlace);
  const items = placed.map(
    (entry): StoredItem => ({
      name: entry.media?.id ?? entry.key,
      isKey: !entry.media,
      isCounted: !isEnded && isMember(next, entry),
    }),
  );
  const placedNames = new Set(placed.flatMap(({ key, media }) => [key, media?.id]));
  for (const [place, item] of before.entries()) {
    if (placedNames.has(item.name)) continue;
    const isGone = goneIds.has(item.name);
    // The tab that has the file may not have reported it yet.
    const isMissing = !isEnded && item.isCounted && item.isKey;
    if (!isGone && !isMissing) continue;
    const above = items.findIndex(({ name }) => name === before[place - 1]?.name);
    items.splice(above + 1, 0, { ...item, isCounted: isMissing && !isGone, isGone });
  }
  const canWrite = isWhole && !ids.some(isUnknown);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the items are new each time; their text is not
  useEffect(() => {
    if (canWrite) write(items);
  }, [JSON.stringify(items), canWrite, write]);
  const known = next.members.size === 0 ? [] : entries.filter((each) => isMember(next, each));
  const states = known.flatMap((each) => each.media ?? []);
  // In its first moment a page does not know yet what to restore.
  const isKnown = isWhole && !isCut && (known.length > 0 || counted.size === 0);
  const { progress, timeLeft } = useBatchProgress(owner, batch, states, sending, isKnown);
  const waiting = known.flatMap((each) => (isWaiting(each) && each.media?.id) || []);
  return { summary: { ...batch, progress }, timeLeft, waiting, members: next };
}

/** @returns whether the list ends within a batch of another device; then more of the list is loaded */
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
