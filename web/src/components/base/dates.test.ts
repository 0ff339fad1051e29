import { expect, test } from '@jest/globals';
import { formatDay, formatTime } from './dates.ts';

const AT = Date.parse('2026-11-02T16:05:00Z');

test.each([
  ['en-GB', '2 Nov 2026, 16:05', '2 Nov 2026'],
  ['en-US', 'Nov 2, 2026, 4:05 PM', 'Nov 2, 2026'],
  ['ja', '2026/11/02 16:05', '2026/11/02'],
])('days and times are written as people do in %s', (language, time, day) => {
  expect(formatTime(AT, language, 'UTC')).toBe(time);
  expect(formatDay('2026-11-02', language)).toBe(day);
});

test.each(['2026-13-45', 'Invoice 2026-11-02', '11/02/26', ''])('%j is no day', (text) => {
  expect(formatDay(text, 'en')).toBe(text);
});
