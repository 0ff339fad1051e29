/** The gallery by days: each day has a heading, and days with few cards stand beside each other. */
import type { Media, MediaFilters } from '../../client/index.ts';
import type { Entry } from './entries.ts';

/** The entries under one heading. */
export interface DayGroup {
  key: string;
  entries: Entry[];
  /** E.g. `2026-11-28`. Undefined: it has no heading, or that of `undated`. */
  day?: string;
  /** `sent`: above all others. `unread`: the service has not looked at it yet. */
  undated?: keyof typeof WORDS.en.undated;
}

/** The time by which a list is ordered. */
export interface Order {
  by: 'added' | 'taken';
  isOldestFirst: boolean;
}

/** A day with fewer cards than this may have other days beside it. */
const FEW = 4;

/** @returns undefined if the list is not ordered by time */
export function orderOf(search: MediaFilters = {}): Order | undefined {
  const { q, similar_to, sort, taken_from, taken_to } = search;
  const isByTime = sort ? sort !== 'relevance' : (q ?? similar_to) === undefined;
  if (!isByTime) return undefined;
  const isByTaken = (taken_from ?? taken_to) !== undefined || sort?.startsWith('taken');
  const isOldestFirst = sort === 'oldest' || sort === 'taken_asc';
  return { by: isByTaken ? 'taken' : 'added', isOldestFirst };
}

/** Whether words are compared. Then no months are counted, and the list cannot begin further down. */
export function isByWords({ q, similar_to, tag, text, place, camera }: MediaFilters = {}): boolean {
  return (q ?? similar_to ?? tag ?? text ?? place ?? camera) !== undefined;
}

/** The day of a moment in the reader's time zone. */
export function dayOf(time: number): string {
  const at = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  const year = String(at.getFullYear()).padStart(4, '0');
  return `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The day that is `days` later. */
export function laterDay(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00`);
  return dayOf(at.setDate(at.getDate() + days));
}

/**
 * The loaded entries in the order of their days. If the list is ordered by capture time, an entry whose capture time is
 * not known yet stays on top.
 */
export function inDayOrder(entries: readonly Entry[], search: MediaFilters | undefined): Entry[] {
  const order = orderOf(search);
  if (order?.by !== 'taken') return [...entries];
  const sign = order.isOldestFirst ? 1 : -1;
  return entries
    .map((entry) => ({ entry, part: partOf(entry), taken: takenAt(entry.media) ?? '' }))
    .sort((a, b) => a.part - b.part || sign * (a.taken < b.taken ? -1 : +(a.taken > b.taken)))
    .map(({ entry }) => entry);
}

/** 0: being sent, 1: not read yet, 2: has a day, 3: has none. */
function partOf({ media, stage, isOnTop }: Entry): 0 | 1 | 2 | 3 {
  if (!media || isOnTop) return 0;
  if (takenAt(media) !== undefined) return 2;
  return ['completed', 'failed'].includes(stage) ? 3 : 1;
}

/**
 * @param search undefined: no search, so files being sent are the newest of all
 * @param today The day of the reader.
 */
export function groupsOf(
  entries: readonly Entry[],
  search: MediaFilters | undefined,
  today: string,
): DayGroup[] {
  const order = orderOf(search);
  if (!order) return [{ key: 'all', entries: [...entries] }];
  if (order.by === 'taken') {
    const part = (wanted: number) => entries.filter((entry) => partOf(entry) === wanted);
    return withCards([
      aboveAll(part(0)),
      { key: 'unread', entries: part(1), undated: 'unread' },
      ...byDay(part(2), ({ media }) => takenAt(media)?.slice(0, 10) ?? ''),
      { key: 'undated', entries: part(3), undated: 'unsaid' },
    ]);
  }
  const found = search ? entries.findIndex(({ media, isOnTop }) => media && !isOnTop) : 0;
  const start = found === -1 ? entries.length : found;
  const days = addedDays(entries.slice(start), order, today, search ? undefined : today);
  return withCards([
    aboveAll(entries.slice(0, start)),
    ...byDay(entries.slice(start), (_, n) => days[n] ?? today),
  ]);
}

const withCards = (groups: DayGroup[]) => groups.filter(({ entries }) => entries.length > 0);

/** Files being sent are above the search results, in any order. */
function aboveAll(entries: Entry[]): DayGroup {
  const isOnTop = entries.some((each) => each.isOnTop);
  return { key: 'above', entries, ...(isOnTop && { undated: 'sent' }) };
}

function byDay(
  entries: readonly Entry[],
  dayOfEntry: (entry: Entry, n: number) => string,
): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const [n, entry] of entries.entries()) {
    const day = dayOfEntry(entry, n);
    const last = groups.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else groups.push({ key: day, entries: [entry], day });
  }
  return groups;
}

/**
 * An entry without a day has the day of the entry above it. A batch stays together in the order of choice, even if it
 * was sent over midnight: each entry has the newest day from there on.
 * @param top The day of the entries above all others.
 */
function addedDays(
  entries: readonly Entry[],
  { isOldestFirst }: Order,
  today: string,
  top: string | undefined,
): (string | undefined)[] {
  let above = top;
  const days = entries.map(({ media, upload }) => {
    const day = media && dayOf(Date.parse(media.created_at));
    // The service's clock may be ahead.
    if (day) above = day > today ? today : day;
    else if (upload?.state === 'sending') above = today;
    return above;
  });
  for (let place = days.length - 2; place >= 0; place--) {
    const [day, next] = [days[place], days[place + 1]];
    const isOutOfOrder = day && next && (isOldestFirst ? day > next : day < next);
    if (isOutOfOrder || !day) days[place] = next;
  }
  return days;
}

/**
 * The lines of the list: a day, or days with few cards beside each other. Today still grows, and stands alone. Above
 * the beginning of a list, lines are broken from their end, so what is loaded on top moves none of them.
 */
export function linesOf(
  groups: readonly DayGroup[],
  columns: number,
  today: string,
  isAbove: (group: DayGroup) => boolean,
): DayGroup[][] {
  const broken = (some: readonly DayGroup[]) => {
    const lines: DayGroup[][] = [];
    let free = 0;
    for (const group of some) {
      const width = widthOf(group, columns, today);
      if (width <= free) lines.at(-1)?.push(group);
      else {
        lines.push([group]);
        free = columns;
      }
      free -= width;
    }
    return lines;
  };
  const above = groups.filter(isAbove);
  const start = Math.max(0, groups.findIndex(isAbove));
  return [
    ...broken(groups.slice(0, start)),
    ...broken(above.reverse())
      .map((line) => line.reverse())
      .reverse(),
    ...broken(groups.slice(start + above.length)),
  ];
}

/** How many columns a day takes. */
export function widthOf({ day, entries }: DayGroup, columns: number, today: string): number {
  const isNarrow = day !== undefined && day !== today && entries.length < FEW;
  return isNarrow ? Math.min(entries.length, columns) : columns;
}

/** The rows of a day. Above the beginning of a list, they are filled from the end. */
export function rowsOf<T>(cards: readonly T[], columns: number, isAbove: boolean): T[][] {
  const first = (isAbove && cards.length % columns) || columns;
  const length = 1 + Math.max(0, Math.ceil((cards.length - first) / columns));
  const endOf = (row: number) => first + row * columns;
  return Array.from({ length }, (_, n) => cards.slice(Math.max(0, endOf(n - 1)), endOf(n)));
}

/** Whether a day is above the first day of the list. */
export function aboveStart(search: MediaFilters | undefined): (group: DayGroup) => boolean {
  const order = orderOf(search);
  const { start } = search ?? {};
  if (!order || start === undefined || isByWords(search)) return () => false;
  const { by, isOldestFirst } = order;
  // In the usual order, the start is the moment after the list.
  const first = by === 'taken' ? start : dayOf(Date.parse(start) - (isOldestFirst ? 0 : 1));
  return ({ day }) => day !== undefined && (isOldestFirst ? day < first : day > first);
}

/** The capture time, by the clock of the camera. */
const takenAt = (media: Media | undefined) =>
  media?.taken_at ?? media?.analytics?.capture?.taken_at ?? undefined;

const WORDS = {
  en: {
    today: 'Today',
    yesterday: 'Yesterday',
    undated: { sent: 'Just added', unread: 'No result yet', unsaid: 'No date' },
  },
  ja: {
    today: '今日',
    yesterday: '昨日',
    undated: { sent: '追加したばかり', unread: '解析待ち', unsaid: '撮影日なし' },
  },
};

/** The heading of a group; undefined: none. */
export function labelOf(
  { day, undated }: DayGroup,
  language: string,
  today: string,
): string | undefined {
  const words = WORDS[language === 'ja' ? 'ja' : 'en'];
  if (day === undefined) return undated && words.undated[undated];
  if (day === today) return words.today;
  if (day === laterDay(today, -1)) return words.yesterday;
  // The current year is left out.
  const isThisYear = day.slice(0, 4) === today.slice(0, 4);
  return formatOf(language, isThisYear ? undefined : 'numeric').format(Date.parse(day));
}

/** Making a format takes as long as writing many days with it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: string, year: 'numeric' | undefined): Intl.DateTimeFormat {
  const name = `${language} ${year}`;
  const days = { month: 'short', day: 'numeric', weekday: 'short', timeZone: 'UTC' } as const;
  const format = formats.get(name) ?? new Intl.DateTimeFormat(language, { ...days, year });
  formats.set(name, format);
  return format;
}
