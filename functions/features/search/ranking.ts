/** Orders the results of a search. */
import { isByTaken, isOldestFirst, type MediaFilters } from '@media-analysis/shared/search';
import type { Candidate, Wanted } from './candidates.ts';
import { isEnough, isIn, matchesDate, type Score, score } from './scoring.ts';

/** The constant of reciprocal rank fusion: G. Cormack, C. Clarke, S. Büttcher (2009). */
const FUSION = 60;

export interface Ranked extends Candidate {
  score: Score;
}

/** Keeps the candidates that have enough of the words. */
export function rank(
  candidates: readonly Candidate[],
  wanted: Wanted,
  q: string | undefined,
): Ranked[] {
  const { words, dates } = wanted;
  const isDateAlone = words.length === 0 && dates.length > 0;
  const each = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  return [...each.values()]
    .filter((candidate) => hasAll(candidate, wanted))
    .map((each) => ({ ...each, score: score(each.places, words) }))
    .filter(({ places }) => q === undefined || isDateAlone || isEnough(places, words));
}

/** Filters, dates and numbers of file names must match completely. */
export function hasAll(candidate: Candidate, wanted: Wanted): boolean {
  const { words, dates, tags, texts, locations, cameras } = wanted;
  const { places } = candidate;
  const needed = words.filter(({ isNeeded }) => isNeeded);
  return (
    score(places, needed).found === needed.length &&
    (dates.length === 0 || matchesDate(candidate, dates)) &&
    tags.every((needle) => isIn(places, needle, 'tag')) &&
    texts.every((needle) => isIn(places, needle, 'text')) &&
    locations.every((needle) => isIn(places, needle, 'location')) &&
    cameras.every((needle) => isIn(places, needle, 'camera'))
  );
}

/** True if the search is the name of the file, with or without its extension. */
export function isFileName(q: string | undefined, fileName: string): boolean {
  const typed = plain(q ?? '');
  const name = plain(fileName);
  return typed === name || typed === name.replace(/\.[^.]+$/, '');
}

const plain = (text: string) => text.normalize('NFKC').trim().toLowerCase();

/** Words count twice as much as meaning. A media in both orders comes first. */
export function fuse(byWords: readonly Candidate[], byMeaning: readonly Candidate[]): Candidate[] {
  const all = new Map([...byMeaning, ...byWords].map((each) => [each.id, each]));
  const scores = new Map<string, number>();
  const add = (ranked: readonly Candidate[], weight: number) => {
    for (const [rank, { id }] of ranked.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + weight / (FUSION + rank + 1));
    }
  };
  add(byWords, 2);
  add(byMeaning, 1);
  return [...scores].sort(([, a], [, b]) => b - a).flatMap(([id]) => all.get(id) ?? []);
}

export function byTime(filters: MediaFilters): (a: Candidate, b: Candidate) => number {
  const byId = (a: Candidate, b: Candidate) => (a.id < b.id ? 1 : -1);
  const byAccepted = (a: Candidate, b: Candidate) =>
    b.created_at.toMillis() - a.created_at.toMillis() || byId(a, b);
  const sign = isOldestFirst(filters) ? -1 : 1;
  const byTaken = (a: Candidate, b: Candidate) => {
    if (a.taken === b.taken) return a.taken === '' ? byAccepted(a, b) : sign * byId(a, b);
    // Media without a date come last in both directions.
    if (a.taken === '' || b.taken === '') return a.taken === '' ? 1 : -1;
    return a.taken < b.taken ? sign : -sign;
  };
  return isByTaken(filters) ? byTaken : (a, b) => sign * byAccepted(a, b);
}
