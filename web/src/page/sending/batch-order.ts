/** The order of the cards in a batch that another device sends. */
import type { Entry } from '../library/entries.ts';

/**
 * Orders the batches of another device as its sender sees them, by when they are worked on: the list has the last one first. An
 * entry that has a place keeps it.
 * @param listedIds in the server's order
 * @param open batches with unfinished media
 * @param hasMore true if the list goes on. So may the batch at its end: its media get no place until all are there.
 */
export function orderBatches(
  entries: readonly Entry[],
  listedIds: readonly string[],
  open: ReadonlySet<string | undefined>,
  hasMore: boolean,
): readonly Entry[] {
  const batches = new Map<string, { placed: Entry[]; added: Entry[] }>();
  const own = new Set(entries.map(({ upload, media }) => upload && media?.batch_id));
  for (const entry of entries) {
    const batch = entry.media?.batch_id;
    if (batch === undefined || !open.has(batch) || own.has(batch)) continue;
    const { placed, added } = batches.get(batch) ?? { placed: [], added: [] };
    if (entry.hasPlace) placed.push(entry);
    else added.unshift(entry);
    batches.set(batch, { placed, added });
  }
  if ([...batches.values()].every(({ added }) => added.length === 0)) return entries;
  const ages = new Map(listedIds.map((id, age) => [id, age]));
  const ageOf = ({ media }: Entry) => ages.get(media?.id ?? '') ?? 0;
  const above = new Map<Entry, Entry[]>();
  const below = new Map<Entry, Entry[]>();
  const cut = hasMore
    ? entries.find(({ media }) => media?.id === listedIds.at(-1))?.media?.batch_id
    : undefined;
  for (const [batch, { placed, added }] of batches) {
    const left = added.map((entry) => ({ ...entry, hasPlace: batch !== cut }));
    for (const entry of placed) {
      const later = left.findIndex((each) => ageOf(each) <= ageOf(entry));
      above.set(entry, left.splice(0, later === -1 ? left.length : later));
    }
    const last = placed.at(-1) ?? added.at(-1);
    if (last) below.set(last, left);
  }
  const isMoved = ({ hasPlace, media }: Entry) => !hasPlace && batches.has(media?.batch_id ?? '');
  return entries.flatMap((entry) => [
    ...(above.get(entry) ?? []),
    ...(isMoved(entry) ? [] : [entry]),
    ...(below.get(entry) ?? []),
  ]);
}
