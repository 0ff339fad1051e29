import { expect, test } from '@jest/globals';
import { characterAccuracy, scoreOf } from './score.ts';

const LABEL = {
  ...{ language: 'en', tags: [['cat', 'kitten'], ['cup']], also: [['table']] },
  ...{ people_count: 2, text: 'STOP' },
};
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

test.each([
  [2, 2, 0],
  [1, 2, 1],
  [null, 2, null],
  [2, undefined, null],
])('%s people counted of %s are %s off', (people_count, expected, error) => {
  const label = { ...LABEL, people_count: expected };
  expect(scoreOf({ ...ANSWER, people_count }, label).peopleError).toBe(error);
});

test('text is judged where there is some, and invention where there is none', () => {
  expect(scoreOf(ANSWER, LABEL)).toMatchObject({ textAccuracy: 1, inventedText: null });
  expect(scoreOf(ANSWER, { ...LABEL, text: null })).toMatchObject({
    ...{ textAccuracy: null, inventedText: true },
  });
  expect(scoreOf({ ...ANSWER, text: null }, LABEL)).toMatchObject({ textAccuracy: 0 });
});

test.each([
  ['kitten', 'sitting', 1 - 3 / 6],
  ['two\nlines', 'two lines', 1],
  ['コーヒー', 'コヒー', 0.75],
  ['no', 'something else entirely', 0],
])('of "%s", read as "%s", %s is right', (expected, read, accuracy) => {
  expect(characterAccuracy(expected, read)).toBeCloseTo(accuracy);
});
