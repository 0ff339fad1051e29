import { expect, test } from '@jest/globals';
import { labelSchema } from './labels.ts';
import { scoreOf } from './score.ts';

const LABEL = labelSchema.parse({
  tags: [['cat', 'kitten'], ['cup']],
  also: [['table']],
  people_count: 2,
  text: 'STOP',
});
const object = (label: string, confidence: number) => ({ label, confidence });
const ANSWER = { tags: ['Kitten'], objects: [], people_count: 2, text: 'STOP' };

test('a thing is found under any of its names, in tags or among the sure objects', () => {
  expect(scoreOf(ANSWER, LABEL)).toMatchObject({ found: 1, expected: 2 });
  expect(scoreOf({ ...ANSWER, objects: [object('cup', 0.5)] }, LABEL)).toMatchObject({ found: 2 });
  expect(scoreOf({ ...ANSWER, objects: [object('cup', 0.49)] }, LABEL)).toMatchObject({ found: 1 });
});

test('what is stated and not there is wrong, what is only possible is not', () => {
  const objects = [object('Table', 0.9), object('dog', 0.6), object('horse', 0.4)];
  expect(scoreOf({ ...ANSWER, objects }, LABEL)).toMatchObject({ right: 1, wrong: ['dog'] });
});

test('a right answer in other words is right', () => {
  const label = { ...LABEL, tags: [['motorcycle'], ['beagle'], ['bench']], also: [['box']] };
  const objects = ['red motorcycle', 'dog', 'wooden benches', 'cardboard boxes', 'animal'];
  const answer = { ...ANSWER, tags: [], objects: objects.map((each) => object(each, 0.9)) };
  expect(scoreOf(answer, label)).toMatchObject({ found: 3, right: 5, wrong: [] });
});

test('a name that is too general finds nothing, and is not wrong unless it says nothing', () => {
  const label = { ...LABEL, tags: [['beagle']], also: [] };
  const objects = [object('animal', 0.9), object('object', 0.9)];
  expect(scoreOf({ ...ANSWER, tags: [], objects }, label)).toMatchObject({
    found: 0,
    right: 1,
    wrong: ['object'],
  });
});

test.each([
  [2, 2, 0],
  [1, 2, 1],
  [null, 2, null],
  [2, undefined, null],
])('%s people counted of %s are %s off', (people_count, expected, error) => {
  const label = { ...LABEL, people_count: expected };
  expect(scoreOf({ ...ANSWER, people_count }, label).peopleError).toBe(error);
});

test('text is judged where there is some, and invention wherever a person has looked', () => {
  expect(scoreOf(ANSWER, LABEL)).toMatchObject({ text: { characters: 1 }, invented: [] });
  expect(scoreOf({ ...ANSWER, text: null }, LABEL)).toMatchObject({ text: { characters: 0 } });
  expect(scoreOf({ ...ANSWER, text: 'STOP HERE' }, LABEL)).toMatchObject({ invented: ['here'] });
  const unseen = { ...LABEL, text: undefined };
  expect(scoreOf(ANSWER, unseen)).toMatchObject({ text: null, invented: null });
});

test.each([
  ['STOP', ['stop']],
  ['—', ['—']],
  [null, []],
])('where nothing is written, %j is invented text: %j', (text, invented) => {
  expect(scoreOf({ ...ANSWER, text }, { ...LABEL, text: null })).toMatchObject({
    text: null,
    invented,
  });
});

test('text that may be read, as that of a code, is not invented', () => {
  const answer = { ...ANSWER, text: 'STOP https://example.com' };
  expect(scoreOf(answer, LABEL).invented).not.toEqual([]);
  const label = { ...LABEL, text_allowed: 'https://example.com' };
  expect(scoreOf(answer, label).invented).toEqual([]);
});

test("a receipt's total is judged on receipts", () => {
  const label = { ...LABEL, total: { label: 'TOTAL', amount: '9.50' } };
  expect(scoreOf({ ...ANSWER, text: 'TOTAL 9.50' }, label).isTotalRight).toBe(true);
  expect(scoreOf({ ...ANSWER, text: null }, label).isTotalRight).toBe(false);
  expect(scoreOf(ANSWER, LABEL).isTotalRight).toBeNull();
});
