import { expect, test } from '@jest/globals';
import { createReanalysisSchema } from './reanalyses.ts';

const isTaken = (filter: object) =>
  createReanalysisSchema.safeParse({ analysis: 'receipt', filter }).success;

test.each([
  ['0001-01-01T00:00:00Z', true],
  ['9999-12-31T23:59:59.999Z', true],
  ['0000-12-31T23:59:59Z', false],
  ['0001-01-01T00:00:00+10:00', false],
  ['9999-12-31T23:59:59-00:01', false],
])('a filter takes a time only if Firestore knows it: %s %p', (moment, isKnown) => {
  expect(isTaken({ from: moment })).toBe(isKnown);
  expect(isTaken({ to: moment })).toBe(isKnown);
});
