/**
 * Finds media that may match. A query of Firestore can compare only one term, so it asks for the rarest word. Counting costs one read
 * for each thousand media: https://firebase.google.com/docs/firestore/query-data/aggregation-queries#pricing
 */
import type { DocumentSnapshot, QueryDocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import type { MediaFilters } from '@media-analysis/shared/search';
import type { MediaRecord } from '../../core/media/record.ts';
import type { DateNeedle, extractDates } from './dates.ts';
import { withoutSuffix } from './fields.ts';
import { descriptionOf } from './findable.ts';
import type { mediaQueries } from './media-query.ts';
import type { Counted } from './scoring.ts';
import { spelledNeedlesOf } from './spellings.ts';
import { type Needle, needlesOf, numbersInNames } from './words.ts';

/** At most this many media are compared: the newest ones with the rarest word. */
export const MAX_CANDIDATES = 1_000;

/** At most this many words of a search count. */
const MAX_NEEDLES = 10;

export interface Candidate {
  id: string;
  created_at: Timestamp;
  /** Empty if the file does not say it. */
  taken: string;
  file_name: string;
  places: string;
}

/** The fields with the texts of a media. */
export const TEXT_FIELDS = ['file_name', 'analytics', 'edits'] as const;

export function wordsOf(doc: DocumentSnapshot) {
  const record = doc.data() as Pick<MediaRecord, (typeof TEXT_FIELDS)[number]>;
  return { file_name: record.file_name, analytics: descriptionOf(record) };
}

/** Conditions of a search, each with the number of media that match it. */
export interface Wanted {
  words: readonly Counted[];
  /** One of the dates is enough. */
  dates: readonly Counted<DateNeedle>[];
  tags: readonly Counted[];
  texts: readonly Counted[];
  locations: readonly Counted[];
  cameras: readonly Counted[];
  /** True if a filter has no word, such as `tag=,`. Nothing matches it. */
  isNothing: boolean;
}
/** Queries for media with one of the terms, or taken on one of the dates. */
export type QueriesFor = (
  terms: readonly string[],
  dates?: DateNeedle['dates'],
) => ReturnType<typeof mediaQueries>;

/** Text in a picture and cameras are searched only as typed, everything else also in other spellings. */
export async function countAll(
  { tag, text, place, camera }: MediaFilters,
  { dates, rest }: ReturnType<typeof extractDates>,
  queries: QueriesFor,
): Promise<Wanted> {
  const count = <N extends Needle>(needles: readonly N[]) =>
    Promise.all(needles.slice(0, MAX_NEEDLES).map((needle) => countNeedle(needle, queries)));
  const [words, dated, tags, texts, locations, cameras] = await Promise.all([
    count(spelledNeedlesOf(rest)),
    count(dates),
    count(spelledNeedlesOf(tag ?? '')),
    count(needlesOf(text ?? '')),
    count(spelledNeedlesOf(withoutSuffix(place ?? ''))),
    count(needlesOf(camera ?? '')),
  ]);
  const isNothing = [
    [tag, tags] as const,
    [text, texts] as const,
    [place, locations] as const,
    [camera, cameras] as const,
  ].some(([typed, needles]) => typed !== undefined && needles.length === 0);
  const numbers = new Set(numbersInNames(rest));
  const named = words.map((word) => ({ ...word, isNeeded: numbers.has(word.typed ?? '') }));
  return { words: named, dates: dated, tags, texts, locations, cameras, isNothing };
}

/** Puts the rarest term first. The count includes other spellings. */
async function countNeedle<N extends Needle & Partial<DateNeedle>>(
  needle: N,
  queries: QueriesFor,
): Promise<Counted<N>> {
  const { terms, others = [], dates } = needle;
  const counts = await Promise.all(
    terms.map(async (term) => {
      const each = queries(headsOf({ terms: [term], others }), dates).map((query) =>
        query.count().get(),
      );
      const count = (await Promise.all(each)).reduce((sum, found) => sum + found.data().count, 0);
      return { term, count };
    }),
  );
  counts.sort((a, b) => a.count - b.count);
  const sorted = counts.map(({ term }) => term);
  return { ...needle, terms: sorted, others, count: counts[0]?.count ?? 0 };
}

/** The first term of each spelling: "cell" of "cell phone". Media with the word have one of these. */
function headsOf({ terms, others = [] }: Needle): string[] {
  const heads = [terms, ...others].flatMap(([head]) => (head === undefined ? [] : [head]));
  return [...new Set(heads)];
}

export const rarestFirst = (needles: readonly Counted[]) =>
  needles.toSorted((a, b) => a.count - b.count);

export const sumOf = (needles: readonly Counted[]) =>
  needles.reduce((sum, { count }) => sum + count, 0);

/** The rarest word that exists, and the next ones while the sum stays below `MAX_CANDIDATES`. */
export function affordable(needles: readonly Counted[]): Counted[] {
  let sum = 0;
  return needles
    .filter(({ count }) => count > 0)
    .filter(({ count }, i) => {
      sum += count;
      return i === 0 || sum <= MAX_CANDIDATES;
    });
}

export async function candidatesOf(
  queries: QueriesFor,
  needles: readonly Counted<Needle & Partial<DateNeedle>>[],
): Promise<Candidate[]> {
  const snapshots = await Promise.all(
    needles
      .filter(({ count }) => count > 0)
      .flatMap((needle) => queries(headsOf(needle), needle.dates))
      .map((query) =>
        query
          .select('created_at', 'file_name', 'search.places', 'search.taken')
          .limit(MAX_CANDIDATES)
          .get(),
      ),
  );
  const all = snapshots.flatMap(({ docs }) => docs.map(candidateOf));
  return [...new Map(all.map((candidate) => [candidate.id, candidate])).values()];
}

export function candidateOf(doc: QueryDocumentSnapshot): Candidate {
  const { created_at, file_name, search } = doc.data() as Pick<
    MediaRecord,
    'created_at' | 'file_name' | 'search'
  >;
  const { taken, places = '' } = search ?? {};
  return { id: doc.id, created_at, file_name, taken: taken ?? '', places };
}
