/**
 * Counts an owner's media by month. It counts a span of months, and splits the span only if it has media. So an empty month costs no
 * read of its own. A count costs one read for each thousand media, and at least one:
 * https://firebase.google.com/docs/firestore/query-data/aggregation-queries#pricing
 */
import type { Firestore, Timestamp } from '@google-cloud/firestore';
import type { MonthList } from '@media-analysis/shared/library';
import { isByTaken, isOldestFirst, type MediaFilters } from '@media-analysis/shared/search';
import type { MediaRecord } from '../../core/media/record.ts';
import { filteredQuery, mediaQuery } from '../search/media-query.ts';

/** Splits a year into months, and ten years into parts of ten months. */
const PARTS = 12;

type Months = MonthList['months'];

/**
 * Months with media, in the order of the list.
 * @param filters Without words, because Firestore cannot count the results of a search.
 * @param timeZone Months begin in it, unless media are counted by when they were taken.
 */
export async function countMonths(
  firestore: Firestore,
  ownerId: string,
  filters: MediaFilters,
  timeZone: string,
): Promise<Months> {
  const isTaken = isByTaken(filters);
  const end = async (sort: 'newest' | 'oldest') => {
    // Media without a date are in no month.
    const dated = isTaken && { taken_from: '', ...filters };
    const { docs } = await mediaQuery(firestore, ownerId, { ...filters, ...dated, sort })
      .select('created_at', 'search.taken')
      .limit(1)
      .get();
    const [media] = docs.map((doc) => doc.data() as Pick<MediaRecord, 'created_at' | 'search'>);
    return media && monthOf(media, isTaken, timeZone);
  };
  const [oldest, newest] = await Promise.all([end('oldest'), end('newest')]);
  if (oldest === undefined || newest === undefined) return [];
  const count = async (from: number, to: number): Promise<number> => {
    const span = isTaken ? takenIn(filters, from, to) : acceptedIn(filters, from, to, timeZone);
    const answer = await filteredQuery(firestore, ownerId, span).count().get();
    return answer.data().count;
  };
  const monthsIn = async (from: number, to: number): Promise<Months> => {
    const size = Math.ceil((to - from) / PARTS);
    const starts = Array.from({ length: Math.ceil((to - from) / size) }, (_, n) => from + n * size);
    const parts = starts.map(async (start) => {
      const next = Math.min(start + size, to);
      const media = await count(start, next);
      if (media === 0) return [];
      return size === 1 ? [{ month: nameOf(start), count: media }] : monthsIn(start, next);
    });
    return (await Promise.all(parts)).flat();
  };
  const months = await monthsIn(oldest, newest + 1);
  return isOldestFirst(filters) ? months : months.reverse();
}

/** Months are numbered from the year 0. */
const numberOf = (name: string) => Number(name.slice(0, 4)) * 12 + Number(name.slice(5, 7)) - 1;

function nameOf(month: number): string {
  const two = String((month % 12) + 1).padStart(2, '0');
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${two}`;
}

function monthOf(
  { created_at, search }: Pick<MediaRecord, 'created_at' | 'search'>,
  isTaken: boolean,
  timeZone: string,
): number {
  return numberOf(isTaken ? (search?.taken ?? '') : clockAt(created_at, timeZone));
}

/** If the filters name days too, both apply. Every month may end at 31: no media has a day that does not exist. */
function takenIn({ taken_from, taken_to, ...filters }: MediaFilters, from: number, to: number) {
  const first = `${nameOf(from)}-01`;
  const last = `${nameOf(to - 1)}-31`;
  return {
    ...filters,
    taken_from: taken_from !== undefined && taken_from > first ? taken_from : first,
    taken_to: taken_to !== undefined && taken_to < last ? taken_to : last,
  };
}

function acceptedIn(filters: MediaFilters, from: number, to: number, timeZone: string) {
  const first = startOf(from, timeZone);
  const next = startOf(to, timeZone);
  return {
    ...filters,
    from: new Date(Math.max(first, Date.parse(filters.from ?? '') || first)).toISOString(),
    to: new Date(Math.min(next, Date.parse(filters.to ?? '') || next)).toISOString(),
  };
}

/** Start of a month in the time zone. Two rounds are enough, because clocks change by at most an hour, and never twice in a day. */
function startOf(month: number, timeZone: string): number {
  const wanted = Date.parse(`${nameOf(month)}-01T00:00:00Z`);
  const ahead = (moment: number) => Date.parse(`${clockOf(moment, timeZone)}Z`) - moment;
  return wanted - ahead(wanted - ahead(wanted));
}

const clockAt = (time: Timestamp, timeZone: string) => clockOf(time.toMillis(), timeZone);

/** Local time in the time zone, such as `2026-11-28T16:02:11`. */
function clockOf(moment: number, timeZone: string): string {
  // Swedish dates have the form of ISO 8601.
  const format = new Intl.DateTimeFormat('sv', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return format.format(moment).replace(' ', 'T');
}
