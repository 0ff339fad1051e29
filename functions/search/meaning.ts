/**
 * The meaning of a text as a vector, so that near vectors mean much the same. This one needs no key and no network, and is
 * no neural network: words, and groups of words from a table, are hashed into the dimensions. So it knows that a puppy is a
 * dog, because the table says so, and nothing that the table does not say.
 * @see https://scikit-learn.org/stable/modules/feature_extraction.html#feature-hashing
 */
import type { Analytics } from '@media-analysis/shared/analytics';
import { labelIn } from '@media-analysis/shared/labels';
import { CONCEPTS } from './concepts.ts';
import { type Needle, needlesOf, termsOf } from './words.ts';

/** Vectors of another embedder must not be compared with these. Change it with the table and with the code below. */
export const EMBEDDER = 'local/words-1';

/** As many as firestore.indexes.json says. A quarter of the usual number: each one is 8 bytes in each record. */
export const DIMENSIONS = 256;

/** A cosine distance from which on what two texts have in common is chance. */
export const MAX_DISTANCE = 0.65;

/** A group says more than the word that led to it. */
const CONCEPT_WEIGHT = 3;

interface Concept {
  name: string;
  words: readonly Needle[];
}

/** Read when they are first needed. */
let concepts: readonly Concept[] | undefined;

/** @returns a vector of length 1; undefined for a text without words */
export function embed(text: string): number[] | undefined {
  const terms = new Set(termsOf(text, { short: true }));
  if (terms.size === 0) return undefined;
  const vector = Array<number>(DIMENSIONS).fill(0);
  const add = (feature: string, weight: number) => {
    const hash = hashOf(feature);
    const index = hash % DIMENSIONS;
    vector[index] = (vector[index] ?? 0) + (hash & 0x10_000 ? weight : -weight);
  };
  for (const term of terms) add(term, 1);
  for (const name of conceptsOf(terms)) add(`concept ${name}`, CONCEPT_WEIGHT);
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

function conceptsOf(terms: ReadonlySet<string>): string[] {
  concepts ??= Object.entries(CONCEPTS).map(([name, words]) => ({
    name,
    words: words.split(' ').flatMap((word) => ({ terms: needlesOf(word).flatMap((n) => n.terms) })),
  }));
  return concepts
    .filter(({ words }) => words.some((word) => word.terms.every((term) => terms.has(term))))
    .map(({ name }) => name);
}

/** FNV-1a, 32 bits: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
