/**
 * The meaning of a text as a vector: near vectors mean nearly the same. This needs no key, no network and no neural network:
 * words, and groups of words from a table, are hashed into the dimensions. So it knows only what the table has, such as that
 * a puppy is a dog.
 * @see https://scikit-learn.org/stable/modules/feature_extraction.html#feature-hashing
 */
import type { Analytics } from '@media-analysis/shared/analytics';
import { labelIn } from '@media-analysis/shared/labels';
import { CONCEPTS } from './concepts.ts';
import { withSpellings } from './spellings.ts';
import { type Needle, nameOf, needlesOf, termsOf } from './words.ts';

/** Stored with each vector, because those of another embedder cannot be compared. Change it with the table and with this code. */
export const EMBEDDER = 'local/words-2';

/** As in firestore.indexes.json. A quarter of the usual number, because each takes 8 bytes in each record. */
export const DIMENSIONS = 256;

/** Two texts at this cosine distance or more are alike only by chance. */
export const MAX_DISTANCE = 0.65;

/** A group says more than the word by which it was found. */
const CONCEPT_WEIGHT = 3;

interface Concept {
  name: string;
  /** A word counts if all its names are there: a long Japanese word may have several. */
  words: readonly (readonly string[])[];
  /** A group whose name is one of these words is narrower: dogs are in `animal`. */
  contains: ReadonlySet<string>;
}

/** Made at the first use. */
let table: { concepts: readonly Concept[]; known: ReadonlySet<string> } | undefined;

/**
 * For the text of a media.
 * @returns a vector of length 1; undefined for a text without words
 */
export function embed(text: string): number[] | undefined {
  return vectorOf(text, conceptsOf(text));
}

/**
 * For a search. A dog is an animal, but a person who searches for a dog does not mean a cat. So only the narrowest groups of a
 * word count.
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

/** The part of a description that is compared by meaning: what the picture shows, without the text in it. */
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

/** 柴犬 is not in the table, so it counts as 犬. 自転車 is, so it does not count as 車. */
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
