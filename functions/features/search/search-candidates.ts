/**
 * Media that may have what is wanted. Firestore compares one element of an array in a query, so those with the rarest word are read. To
 * count costs a read for a thousand media: https://firebase.google.com/docs/firestore/query-data/aggregation-queries#pricing
 */
import type { DocumentSnapshot, QueryDocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import type { MediaFilters } from '@media-analysis/shared/search';
import type { MediaRecord } from '../../core/media/record.ts';
import type { DateNeedle, takeDates } from './dates.ts';
import { withoutKind } from './fields.ts';
import { saidOf } from './findable.ts';
import type { mediaQueries } from './media-query.ts';
import type { Counted } from './rank.ts';
import { spelledNeedlesOf } from './spellings.ts';
import { type Needle, needlesOf, numbersInNames } from './words.ts';

/** The most media that are compared for one search: the newest ones with the rarest word. */
export const MAX_CANDIDATES = 1_000;

/** A person who searches for more words means few of them. */
const MAX_NEEDLES = 10;

export interface Candidate {
  id: string;
  created_at: Timestamp;
  /** Empty: the file does not say it. */
  taken: string;
  file_name: string;
  places: string;
}

/** What is read of a media to see what it says. */
export const SAID = ['file_name', 'analytics', 'edits'] as const;

/** All that it says, with its owner's words in place of the model's. */
export function wordsOf(doc: DocumentSnapshot) {
  const record = doc.data() as Pick<MediaRecord, (typeof SAID)[number]>;
  return { file_name: record.file_name, analytics: saidOf(record) };
}

/** What has to be found, each word with the number of media that have it. */
export interface Wanted {
  words: readonly Counted[];
  /** One of them is enough. */
  dates: readonly Counted<DateNeedle>[];
  tags: readonly Counted[];
  texts: readonly Counted[];
  locations: readonly Counted[];
  cameras: readonly Counted[];
  /** A filter has no word, such as `tag=,`: nothing fulfils it. */
  isNothing: boolean;
}
/** For media with one of the terms, and for those that were taken on the dates. */
export type QueriesFor = (
  terms: readonly string[],
  dates?: DateNeedle['dates'],
) => ReturnType<typeof mediaQueries>;

/** The text in a picture is searched for as it is typed, all else also in other spellings. */
export async function countAll(
  { tag, text, place, camera }: MediaFilters,
  { dates, rest }: ReturnType<typeof takeDates>,
  queries: QueriesFor,
): Promise<Wanted> {
  const count = <N extends Needle>(needles: readonly N[]) =>
    Promise.all(needles.slice(0, MAX_NEEDLES).map((needle) => countNeedle(needle, queries)));
  const [words, dated, tags, texts, locations, cameras] = await Promise.all([
    count(spelledNeedlesOf(rest)),
    count(dates),
    count(spelledNeedlesOf(tag ?? '')),
    count(needlesOf(text ?? '')),
    count(spelledNeedlesOf(withoutKind(place ?? ''))),
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

/** A needle by its rarest term, so that the term comes first. Each is counted together with what may stand in its place. */
export async function countNeedle<N extends Needle & Partial<DateNeedle>>(
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

/** Media that have a word have one of these terms. Of what was not typed it is the first one: "cell" of "cell phone". */
function headsOf({ terms, others = [] }: Needle): string[] {
  const heads = [terms, ...others].flatMap(([head]) => (head === undefined ? [] : [head]));
  return [...new Set(heads)];
}

export const rarestFirst = (needles: readonly Counted[]) =>
  needles.toSorted((a, b) => a.count - b.count);

export const sumOf = (needles: readonly Counted[]) =>
  needles.reduce((sum, { count }) => sum + count, 0);

/** The rarest word that is there at all, and those after it as long as not too many media have them. */
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
