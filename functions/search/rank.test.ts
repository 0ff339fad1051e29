import { expect, test } from '@jest/globals';
import { better, isEnough, score } from './rank.ts';

const needle = (term: string, count = 10) => ({ terms: [term], count });
const dog = needle('dog');
const wood = needle('wood');

test('both words in a summary come before one of them in a title', () => {
  const both = score(' dog:8 wood:8 ', [dog, wood]);
  const one = score(' dog:3 ', [dog, wood]);
  expect([one, both].sort(better)).toEqual([both, one]);
});

test('a rare word, and one in the title, count for more', () => {
  const [rare, common] = [needle('zebra', 1), needle('dog', 5_000)];
  expect(score(' zebra:8 ', [rare, common]).sum).toBeGreaterThan(
    score(' dog:8 ', [rare, common]).sum,
  );
  expect(score(' dog:1 ', [dog]).sum).toBeGreaterThan(score(' dog:8 ', [dog]).sum);
});

test('all parts of a word must be there', () => {
  expect(score(' りん:4 ', [{ terms: ['りん', 'んご'], count: 1 }]).found).toBe(0);
});

test('half of the words are enough', () => {
  const three = [dog, wood, needle('moon')];
  expect(isEnough(score(' dog:1 wood:1 ', three), three)).toBe(true);
  expect(isEnough(score(' dog:1 ', three), three)).toBe(false);
  expect(isEnough(score(' dog:1 ', [dog, wood]), [dog, wood])).toBe(true);
  expect(isEnough(score(' moon:1 ', [dog]), [dog])).toBe(false);
});
