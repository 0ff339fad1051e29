/** What is meant by words that may be typed wrong. */
import type { Correction } from '@media-analysis/shared/search';
import {
  type Doubtful,
  doubtfulOf,
  halfOf,
  knownFrom,
  knownNear,
  type Near,
  termsNear,
} from './corrections.ts';
import { spellingsOf } from './fields.ts';
import type { Counted } from './rank.ts';
import { countNeedle, type QueriesFor, SAID, wordsOf } from './search-candidates.ts';
import { spelledNeedlesOf } from './spellings.ts';

/** So many words of a search are corrected. */
export const MAX_CORRECTED = 3;

/** A query asks for 30 terms that may be words of the owner's. So many media that have one are read. */
const MAX_ASKED = 3;

/** Of the words that are near, so many are counted. */
const MAX_GUESSES = 10;

/**
 * What is meant by words that may be typed wrong, and by the last one, which may be typed in part. Filters do not count: a word that
 * other media have is typed right.
 */
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
        meantBy(half, wrong, queries),
      ]);
      return count > 0 || to === undefined ? [] : [{ from, to }];
    }),
  );
  return corrections.flat();
}

/** A word that begins as it is typed; else the nearest one. */
async function meantBy(
  half: Doubtful | undefined,
  wrong: Doubtful | undefined,
  queries: QueriesFor,
): Promise<string | undefined> {
  const whole = half ? knownFrom(half).slice(0, MAX_GUESSES) : [];
  const completed = await mostFound(whole, queries);
  if (completed !== undefined || !wrong) return completed;
  const near = [...knownNear(wrong), ...(await ownNear(wrong, queries))];
  const guesses = near
    .filter(({ letters }, n) => near.findIndex((each) => each.letters === letters) === n)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_GUESSES - whole.length);
  return mostFound(guesses, queries);
}

/** The nearest word that media of the owner have; of several, the one that most of them have. */
async function mostFound(
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

/** Words of the owner's own. What was read in a picture is none: it may be misread. */
async function ownNear(word: Doubtful, queries: QueriesFor): Promise<Near[]> {
  const possible = new Set(termsNear(word));
  const snapshots = await Promise.all(
    queries([...possible]).map((query) =>
      query
        .select(...SAID)
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
