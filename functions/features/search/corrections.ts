/** Corrects misspelled words, and completes the last one. */
import type { Correction } from '@media-analysis/shared/search';
import { countNeedle, type QueriesFor, TEXT_FIELDS, wordsOf } from './candidates.ts';
import { spellingsOf } from './fields.ts';
import {
  type Doubtful,
  doubtfulOf,
  halfOf,
  knownFrom,
  knownNear,
  type Near,
  termsNear,
} from './near-words.ts';
import type { Counted } from './scoring.ts';
import { spelledNeedlesOf } from './spellings.ts';

/** At most this many words are corrected. */
export const MAX_CORRECTED = 3;

/** A query asks for 30 possible words. At most this many media with one of them are read. */
const MAX_ASKED = 3;

/** At most this many near words are counted. */
const MAX_GUESSES = 10;

/** @param queries Without the filters of the search: a word that any media of the owner has is correct. */
export async function correctionsOf(
  words: readonly Counted[],
  queries: QueriesFor,
): Promise<Correction[]> {
  const doubtful = words
    .filter(({ count }) => count === 0)
    .flatMap((needle) => {
      const half = needle === words.at(-1) ? halfOf(needle) : undefined;
      const wrong = doubtfulOf(needle);
      const from = (half ?? wrong)?.typed;
      return from === undefined ? [] : [{ needle, from, half, wrong }];
    })
    .slice(0, MAX_CORRECTED);
  const corrections = await Promise.all(
    doubtful.map(async ({ needle, from, half, wrong }) => {
      const [{ count }, to] = await Promise.all([
        countNeedle(needle, queries),
        bestCorrection(half, wrong, queries),
      ]);
      return count > 0 || to === undefined ? [] : [{ from, to }];
    }),
  );
  return corrections.flat();
}

/** Prefers a word with the typed beginning, and then the nearest word. */
async function bestCorrection(
  half: Doubtful | undefined,
  wrong: Doubtful | undefined,
  queries: QueriesFor,
): Promise<string | undefined> {
  const whole = half ? knownFrom(half).slice(0, MAX_GUESSES) : [];
  const completed = await mostFrequent(whole, queries);
  if (completed !== undefined || !wrong) return completed;
  const near = [...knownNear(wrong), ...(await ownWordsNear(wrong, queries))];
  const guesses = near
    .filter(({ letters }, n) => near.findIndex((each) => each.letters === letters) === n)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_GUESSES - whole.length);
  return mostFrequent(guesses, queries);
}

/** The nearest word that media of the owner have. Of several, the most frequent one. */
async function mostFrequent(
  guesses: readonly Near[],
  queries: QueriesFor,
): Promise<string | undefined> {
  const counted = await Promise.all(
    guesses.map(async ({ text, edits }) => {
      const needles = spelledNeedlesOf(text);
      const counts = await Promise.all(needles.map((needle) => countNeedle(needle, queries)));
      return { text, edits, count: Math.min(...counts.map(({ count }) => count)) };
    }),
  );
  const [best] = counted
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.edits - b.edits || b.count - a.count);
  return best?.text;
}

/** Words in the texts of the owner's media. Text in pictures is left out, because it may be misread. */
async function ownWordsNear(word: Doubtful, queries: QueriesFor): Promise<Near[]> {
  const possible = new Set(termsNear(word));
  const snapshots = await Promise.all(
    queries([...possible]).map((query) =>
      query
        .select(...TEXT_FIELDS)
        .limit(MAX_ASKED)
        .get(),
    ),
  );
  const spellings = snapshots.flatMap(({ docs }) =>
    docs.flatMap((doc) => spellingsOf(wordsOf(doc))),
  );
  return spellings.flatMap(([letters, text]) =>
    possible.has(letters) ? [{ letters, text, edits: 1 }] : [],
  );
}
