/** What the page shows of a search, or of the library in another order than the usual one. */
import type { Media, MediaFilters } from '../../client/index.ts';
import { isOver } from '../../hooks/progress.ts';
import { inDayOrder } from '../library/days.ts';
import { type Batch, type Entry, entriesOf, isMember } from '../library/entries.ts';
import { isNarrowed } from './search-address.ts';

interface FoundEntries {
  /** Of the usual list. */
  entries: readonly Entry[];
  foundIds: readonly string[];
  media: ReadonlyMap<string, Media>;
  filters: MediaFilters;
  batch: Batch;
}

/** What is being sent, then what was found. In an order alone, all that was just sent stays above, as in the usual list. */
export function foundEntries({ entries, foundIds, media, filters, batch }: FoundEntries): Entry[] {
  const isLibrary = !isNarrowed(filters) && filters.start === undefined;
  const top = isLibrary
    ? entries.filter((each) => isJustSent(each, batch)).map((each) => ({ ...each, isOnTop: true }))
    : entries.filter(isUnderWay);
  const above = new Set(top.map((each) => each.media?.id));
  const others = foundIds.filter((id) => !above.has(id));
  return [...top, ...inDayOrder(entriesOf([], others, media), filters)];
}

/** From this browser, or from another device in the batch that goes on. What is only tried again keeps its place. */
const isJustSent = (entry: Entry, batch: Batch) =>
  entry.upload !== undefined || (isMember(batch, entry) && entry.media?.attempts === 1);

/** What was chosen during a search is seen until it has arrived. */
const isUnderWay = (entry: Entry) =>
  entry.upload && !entry.upload.isElsewhere && !entry.media && !isOver(entry);
