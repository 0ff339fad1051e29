import { expect, test } from '@jest/globals';
import { ACCEPTED_TYPES_TEXT } from '@media-analysis/shared/accepted';
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

test.each([
  [3, '10 s', '10秒'],
  [41, '50 s', '50秒'],
  [51, '1 min', '1分'],
  [118, '2 min', '2分'],
  [3 * 3600, '3 h', '3時間'],
])('%i s are said as a person would', (seconds, english, japanese) => {
  expect(en.timeLeft(seconds)).toBe(`About ${english} left`);
  expect(ja.timeLeft(seconds)).toBe(`残り約${japanese}`);
});

test.each([
  ['en', en],
  ['ja', ja],
])('each type of file that is accepted is named: %s', (_language, words) => {
  const types = ACCEPTED_TYPES_TEXT.match(/\b[A-Z]\w+/g) ?? [];
  expect(types).toContain('HEIC');
  expect(types.filter((type) => !words.upload.accepted.includes(type))).toEqual([]);
});
