import type { Entry } from '../library/entries.ts';

/**
 * Orders the batches of another device by when they are worked on, as their sender sees them: the list has the last
 * file first. An entry that has a place keeps it.
 * @param listedIds in the server's order
 * @param open batches with unfinished media
 * @param hasMore true if the list goes on, and maybe its last batch: its media get no place until all are there
 */
export function orderBatches(
  entries: readonly Entry[],
  listedIds: readonly string[],
  open: ReadonlySet<string | undefined>,
  hasMore: boolean,
): readonly Entry[] {
  const own = new Set(entries.map(({ upload, media }) => upload && media?.batch_id));
  const batchOf = ({ media }: Entry) =>
    open.has(media?.batch_id) && !own.has(media?.batch_id) ? media?.batch_id : undefined;
  const isLast = ({ media }: Entry) => media?.id === listedIds.at(-1);
  const cut = hasMore ? entries.find(isLast)?.media?.batch_id : undefined;
  const added = new Map<string, Entry[]>();
  /** The entry before the others: the last one that has a place, or else the first of the batch. */
  const heads = new Map<string, Entry>();
  for (const entry of entries) {
    const batch = batchOf(entry);
    if (batch === undefined) continue;
    if (entry.hasPlace || !heads.has(batch)) heads.set(batch, entry);
    const others = added.get(batch) ?? [];
    if (!entry.hasPlace) others.unshift({ ...entry, hasPlace: batch !== cut });
    added.set(batch, others);
  }
  if ([...added.values()].every(({ length }) => length === 0)) return entries;
  return entries.flatMap((entry) => {
    const batch = batchOf(entry);
    const others = batch !== undefined && heads.get(batch) === entry ? added.get(batch) : [];
    return [...(entry.hasPlace || batch === undefined ? [entry] : []), ...(others ?? [])];
  });
}
