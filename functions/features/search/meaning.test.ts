import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { analyticsOf } from '../../../test/support/library.ts';
import { DIMENSIONS, embed, embedSearch, MAX_DISTANCE, meaningTextOf } from './meaning.ts';

const distance = (words: string, text: string) => {
  const [x = [], y = []] = [embedSearch(words), embed(text)];
  return 1 - x.reduce((sum, each, i) => sum + each * (y[i] ?? 0), 0);
};
const of = (title: string, ...tags: string[]) => meaningTextOf(analyticsOf({ title, tags }));
const photo = of('Rex in the garden', 'dog', 'outdoors', 'ball', 'collar');

describe('near in meaning to a photo of a dog', () => {
  test.each(['puppy', 'pet', 'animals', '子犬', '柴犬', '動物'])('%s', (words) => {
    expect(distance(words, photo)).toBeLessThan(MAX_DISTANCE);
  });
});

describe('not near', () => {
  test.each(['car', 'screwdriver', 'コーヒー', 'xyzzy'])('%s', (words) => {
    expect(distance(words, photo)).toBeGreaterThan(MAX_DISTANCE);
  });
});

describe('a search for one kind does not find another one of the same group', () => {
  test.each([
    ['dog', of('A cat', 'cat', 'pet')],
    ['犬', of('A cat', 'cat')],
    ['puppy', of('A bird on a branch', 'bird')],
    ['car', of('A bicycle', 'bicycle')],
    ['dahlia', of('A tree', 'tree')],
    ['dog on wood', of('A forest', 'trees')],
  ])('%s: %s', (words, text) => {
    expect(distance(words, text)).toBeGreaterThan(MAX_DISTANCE);
  });

  test.each(['pet', 'animal', '動物'])('but %s finds both', (words) => {
    for (const text of [of('A cat', 'cat'), of('A dog', 'dog')]) {
      expect(distance(words, text)).toBeLessThan(MAX_DISTANCE);
    }
  });
});

test('chance brings next to no text near', () => {
  const near = Array.from({ length: 2_000 }, (_, n) =>
    distance('pet', Array.from({ length: 12 }, (_, i) => `w${n}x${i}`).join(' ')),
  ).filter((each) => each < MAX_DISTANCE);
  expect(near.length).toBeLessThan(20);
});

test('has as many dimensions as its index, and the length 1', () => {
  const file = new URL('../../../firestore.indexes.json', import.meta.url);
  expect(readFileSync(file, 'utf8')).toContain(`"dimension": ${DIMENSIONS}`);
  const vector = embed(photo) ?? [];
  expect(vector).toHaveLength(DIMENSIONS);
  expect(Math.hypot(...vector)).toBeCloseTo(1);
});

test('is not said of a text without words', () => {
  expect(embed('… 🐕')).toBeUndefined();
});
