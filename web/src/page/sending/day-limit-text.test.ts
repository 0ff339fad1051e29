import { expect, test } from '@jest/globals';
import { dayLimitText } from './day-limit-text.ts';

const ends_at = '2026-11-03T00:00:00.000Z';
const textAt = (now: string, timeZone: string, limit: object = { files: 5 }) =>
  ['en-GB', 'ja'].map((language) =>
    dayLimitText({ ...limit, ends_at }, language, Date.parse(now), timeZone),
  );

test('the day of a limit ends at the reader’s own time, and on their own day', () => {
  expect(textAt('2026-11-02T10:00:00Z', 'Asia/Tokyo')).toEqual([
    'You have reached the limit of 5 files a day. You can retry tomorrow after 09:00: it stays here until then.',
    '1日の上限（5件）に達しました。明日の9:00以降に再試行できます。それまでここに残ります。',
  ]);
  // The same, after midnight in Tokyo.
  expect(textAt('2026-11-02T16:00:00Z', 'Asia/Tokyo')).toEqual([
    'You have reached the limit of 5 files a day. You can retry today after 09:00: it stays here until then.',
    '1日の上限（5件）に達しました。今日の9:00以降に再試行できます。それまでここに残ります。',
  ]);
  expect(textAt('2026-11-02T16:00:00Z', 'America/New_York')[0]).toContain('today after 19:00');
});

test('once that day has ended, another try is of use', () => {
  expect(textAt('2026-11-03T00:00:00Z', 'UTC')).toEqual([
    'You have reached the limit of 5 files a day. You can retry now.',
    '1日の上限（5件）に達しました。今から再試行できます。',
  ]);
});

test.each([
  [{ files: 1 }, '1 file a day', '（1件）'],
  [{ files: 10_000 }, '10,000 files a day', '（10,000件）'],
  [
    { bytes: 10 * 2 ** 30 },
    'exceed the limit of 10\u00a0GB a day',
    '1日の上限（10\u00a0GB）を超え',
  ],
  [{ bytes: 1.5 * 2 ** 30 }, '1.5\u00a0GB', '1.5\u00a0GB'],
  [{ bytes: 300 * 2 ** 20 }, '300\u00a0MB', '300\u00a0MB'],
])('the limit is named: %j', (limit, english, japanese) => {
  const [en, ja] = textAt('2026-11-02T10:00:00Z', 'UTC', limit);
  expect(en).toContain(english);
  expect(ja).toContain(japanese);
});
