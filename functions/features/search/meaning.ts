/**
 * The meaning of a text as a vector, so that near vectors mean much the same. This one needs no key and no network, and is
 * no neural network: words, and groups of words from a table, are hashed into the dimensions. So it knows that a puppy is a
 * dog, because the table says so, and nothing that the table does not say.
 * @see https://scikit-learn.org/stable/modules/feature_extraction.html#feature-hashing
 */
import type { Analytics } from '@media-analysis/shared/analytics';
import { labelIn } from '@media-analysis/shared/labels';
import { CONCEPTS } from './concepts.ts';
import { withSpellings } from './spellings.ts';
import { type Needle, nameOf, needlesOf, termsOf } from './words.ts';

/** Vectors of another embedder must not be compared with these. Change it with the table and with the code below. */
export const EMBEDDER = 'local/words-2';

/** As many as firestore.indexes.json says. A quarter of the usual number: each one is 8 bytes in each record. */
export const DIMENSIONS = 256;

/** At this cosine distance, or farther apart, two texts have only by chance something in common. */
export const MAX_DISTANCE = 0.65;

/** A group says more than the word that led to it. */
const CONCEPT_WEIGHT = 3;

interface Concept {
  name: string;
  /** Each is there if all its names are: a long Japanese word may be several. */
  words: readonly (readonly string[])[];
  /** A group whose name is one of these words is narrower: dogs are in `animal`. */
  contains: ReadonlySet<string>;
}

/** Read when it is first needed. */
let table: { concepts: readonly Concept[]; known: ReadonlySet<string> } | undefined;

/**
 * The vector of what is said of a media.
 * @returns a vector of length 1; undefined for a text without words
 */
export function embed(text: string): number[] | undefined {
  return vectorOf(text, conceptsOf(text));
}

/**
 * The vector of what is searched for. A dog is an animal, but a person who searches for a dog does not mean a cat: of the
 * groups that a word leads to, only the narrowest count.
 */
export function embedSearch(text: string): number[] | undefined {
  const groups = conceptsOf(withSpellings(text));
  return vectorOf(
    text,
    groups.filter(
      (broad) => !groups.some(({ name }) => broad.name !== name && broad.contains.has(name)),
    ),
  );
}

function vectorOf(text: string, groups: readonly Concept[]): number[] | undefined {
  const terms = termsOf(text, { short: true });
  if (terms.length === 0) return undefined;
  const vector = Array<number>(DIMENSIONS).fill(0);
  const add = (feature: string, weight: number) => {
    const hash = hashOf(feature);
    const index = hash % DIMENSIONS;
    vector[index] = (vector[index] ?? 0) + (hash & 0x10_000 ? weight : -weight);
  };
  for (const term of terms) add(term, 1);
  for (const { name } of groups) add(`concept ${name}`, CONCEPT_WEIGHT);
  const length = Math.hypot(...vector);
  return length === 0 ? undefined : vector.map((number) => number / length);
}

/** What of a description is compared by its meaning: what the picture shows, without what is written in it. */
export function meaningTextOf({
  title,
  tags = [],
  objects = [],
  scene,
}: Partial<Analytics>): string {
  const labels = new Set([...tags, ...objects.map(({ label }) => label)]);
  const names = [...labels].flatMap((label) => [label, labelIn('ja', label)]);
  return [title, scene, ...names].filter(Boolean).join('\n');
}

function conceptsOf(text: string): Concept[] {
  table ??= readTable();
  const { concepts, known } = table;
  const names = new Set(needlesOf(text).flatMap((word) => partsOf(word, known)));
  return concepts.filter(({ words }) =>
    words.some((word) => word.every((name) => names.has(name))),
  );
}

function readTable() {
  const concepts = Object.entries(CONCEPTS).map(([name, words]) => {
    const all = words.split(' ');
    return { name, words: all.map((word) => needlesOf(word).map(nameOf)), contains: new Set(all) };
  });
  return { concepts, known: new Set(concepts.flatMap(({ words }) => words.flat())) };
}

/** 柴犬 is no word of the table, so it is a 犬; 自転車 is one, so it is no 車. */
function partsOf(word: Needle, known: ReadonlySet<string>): string[] {
  const name = nameOf(word);
  return known.has(name) ? [name] : [name, ...word.terms, ...name];
}

/** FNV-1a, 32 bits: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
