/**
 * Other spellings of words, in English and in Japanese (Han and kana). So ねこ, ネコ, 猫 and "cat" find the same media. They are
 * applied to the search, so stored media need no change. The words are labels of the built-in model, colours, and common
 * things in photos. Any other word is found as it is typed. Of places only further names are needed: a record has the English and
 * Japanese name of its place (`inspect/place-names.ts`).
 */
import { JAPANESE_LABELS } from '@media-analysis/shared/labels';
import rows from './spellings.json' with { type: 'json' };
import { type Needle, nameOf, needlesOf } from './words.ts';

/** Each word with others of the same meaning, and nothing wider. Katakana is the same as hiragana. */
const ROWS: Readonly<Record<string, string>> = rows;

/** One way to write a word. */
interface Spelling {
  text: string;
  /** Several for "cell phone". */
  names: readonly string[];
  terms: readonly string[];
}

/** Each word with all words of its rows: はし is in two. Made at the first use. */
let table: Known | undefined;
type Known = ReadonlyMap<string, readonly Spelling[]>;

/** The longest spelling in the table. */
const MAX_WORDS = 3;

/** Each word may be found as it is typed, or in another spelling. */
export function spelledNeedlesOf(text: string): Needle[] {
  return wordsOf(text).map(({ needles, others }) => ({
    terms: [...new Set(needles.flatMap(({ terms }) => terms))],
    others: others.map(({ terms }) => terms),
    typed: needles.map(({ typed = '' }) => typed).join(' '),
  }));
}

/** The text, and other spellings of its words. */
export function withSpellings(text: string): string {
  return [text, ...wordsOf(text).flatMap(({ others }) => others.map((each) => each.text))].join(
    '\n',
  );
}

interface Word {
  needles: readonly Needle[];
  others: readonly Spelling[];
}

/** Splits a text into the longest words of the table: "cell phone" is one. */
function wordsOf(text: string): Word[] {
  table ??= readTable();
  const known = table;
  const needles = needlesOf(
    text.replace(HIRAGANA_RUN, (run) => splitAtParticles(run, known) ?? run),
  );
  const words: Word[] = [];
  for (let start = 0; start < needles.length; ) {
    const word = wordAt(needles.slice(start, start + MAX_WORDS), known);
    words.push(word);
    start += word.needles.length;
  }
  return words;
}

/** The dictionary splits ねこといぬ into ね, こと and いぬ. So this looks for a particle with a known word on both sides. */
const HIRAGANA_RUN = /[ぁ-ゖー]{3,}/g;
const PARTICLE = /[がとにのはもや]/g;

function splitAtParticles(run: string, known: Known): string | undefined {
  if (isKnown(run, known)) return run;
  for (const { index } of run.matchAll(PARTICLE)) {
    const rest = isKnown(run.slice(0, index), known)
      ? splitAtParticles(run.slice(index + 1), known)
      : undefined;
    if (rest !== undefined) return `${run.slice(0, index)} ${rest}`;
  }
  return undefined;
}

const isKnown = (text: string, known: Known) => known.has(keyOf(needlesOf(text).map(nameOf)));

function wordAt(next: readonly Needle[], known: Known): Word {
  for (let length = next.length; length > 0; length--) {
    const needles = next.slice(0, length);
    const name = keyOf(needles.map(nameOf));
    const spellings = known.get(name);
    if (spellings || length === 1) {
      return { needles, others: spellings?.filter(({ names }) => keyOf(names) !== name) ?? [] };
    }
  }
  return { needles: [], others: [] };
}

function readRows(): string[][] {
  const words = new Set([...Object.keys(JAPANESE_LABELS), ...Object.keys(ROWS)]);
  return [...words].map((english) =>
    [english, JAPANESE_LABELS[english], ...(ROWS[english]?.split(', ') ?? [])].filter(
      (text) => text !== undefined,
    ),
  );
}

function readTable(): Map<string, readonly Spelling[]> {
  const known = new Map<string, readonly Spelling[]>();
  for (const texts of readRows()) {
    const row = texts.map(spellingOf);
    const unique = [...new Map(row.map((each) => [keyOf(each.names), each])).entries()];
    for (const [key] of unique) {
      known.set(key, [...(known.get(key) ?? []), ...unique.map(([, each]) => each)]);
    }
  }
  return known;
}

function spellingOf(text: string): Spelling {
  const needles = needlesOf(text);
  const terms = [...new Set(needles.flatMap((needle) => needle.terms))];
  return { text, names: needles.map(nameOf), terms };
}

const keyOf = (names: readonly string[]) => names.join('\n');
