import { expect, test } from '@jest/globals';
import { en } from './en.ts';
import { ja } from './ja.ts';

/** What the worker lets a media wait for. */
const WAITS = [
  'no_place',
  'analysis_quota',
  'analysis_model_missing',
  'analysis_unpaid',
  'analysis_spend_cap',
  'analysis_no_access',
  'analysis_unavailable',
  'analysis_timeout',
  'unavailable',
] as const;

test.each([
  ['en', en],
  ['ja', ja],
])('each reason to wait is said in words of its own: %s', (_language, words) => {
  const said = WAITS.map((code) => words.waitsFor(code));
  expect(new Set([...said, words.waitsFor(null)]).size).toBe(WAITS.length + 1);
});
