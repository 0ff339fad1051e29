/** The entries of a search, or of the library in an unusual order. */
import type { Media, MediaFilters } from '../../client/index.ts';
import { isOver } from '../../hooks/progress.ts';
import { inDayOrder } from '../library/days.ts';
import { type Batch, type Entry, entriesOf, isMember } from '../library/entries.ts';
import { isNarrowed } from './search-address.ts';

interface FoundEntries {
  /** The entries of the usual list. */
  entries: readonly Entry[];
  foundIds: readonly string[];
  media: ReadonlyMap<string, Media>;
  filters: MediaFilters;
  batch: Batch;
}

/** Files being sent, then what was found. With an order alone, all just sent stays on top, as in the usual list. */
export function foundEntries({ entries, foundIds, media, filters, batch }: FoundEntries): Entry[] {
  const isLibrary = !isNarrowed(filters) && filters.start === undefined;
  const top = isLibrary
    ? entries.filter((each) => isJustSent(each, batch)).map((each) => ({ ...each, isOnTop: true }))
    : entries.filter(isUnderWay);
  const above = new Set(top.map((each) => each.media?.id));
  const others = foundIds.filter((id) => !above.has(id));
  return [...top, ...inDayOrder(entriesOf([], others, media), filters)];
}

/** Sent from this browser, or by another device in the current batch. A media tried again keeps its place. */
const isJustSent = (entry: Entry, batch: Batch) =>
  entry.upload !== undefined || (isMember(batch, entry) && entry.media?.attempts === 1);

/** A file chosen during a search is shown until it has arrived. */
const isUnderWay = (entry: Entry) =>
  entry.upload && !entry.upload.isElsewhere && !entry.media && !isOver(entry);
