import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { analyticsOf } from '../../test/support/library.ts';
import { DIMENSIONS, embed, MAX_DISTANCE, meaningTextOf } from './meaning.ts';

const distance = (a: string, b: string) => {
  const [x = [], y = []] = [embed(a), embed(b)];
  return 1 - x.reduce((sum, each, i) => sum + each * (y[i] ?? 0), 0);
};
const photo = meaningTextOf(
  analyticsOf({ title: 'Rex in the garden', tags: ['dog', 'outdoors', 'ball', 'collar'] }),
);

describe('near in meaning to a photo of a dog', () => {
  test.each(['puppy', 'pet', 'animals', '子犬', '動物'])('%s', (words) => {
    expect(distance(words, photo)).toBeLessThan(MAX_DISTANCE);
  });
});

describe('not near', () => {
  test.each(['car', 'screwdriver', 'コーヒー', 'xyzzy'])('%s', (words) => {
    expect(distance(words, photo)).toBeGreaterThan(MAX_DISTANCE);
  });
});

test('chance brings next to no text near', () => {
  const near = Array.from({ length: 2_000 }, (_, n) =>
    distance('pet', Array.from({ length: 12 }, (_, i) => `w${n}x${i}`).join(' ')),
  ).filter((each) => each < MAX_DISTANCE);
  expect(near.length).toBeLessThan(20);
});

test('has as many dimensions as its index, and the length 1', () => {
  const file = new URL('../../firestore.indexes.json', import.meta.url);
  expect(readFileSync(file, 'utf8')).toContain(`"dimension": ${DIMENSIONS}`);
  const vector = embed(photo) ?? [];
  expect(vector).toHaveLength(DIMENSIONS);
  expect(Math.hypot(...vector)).toBeCloseTo(1);
});

test('is not said of a text without words', () => {
  expect(embed('… 🐕')).toBeUndefined();
});
