import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ACCEPTED_TYPES_TEXT } from '@media-analysis/shared/accepted';
import { en } from './en.ts';
import { languageOf } from './index.ts';
import { ja } from './ja.ts';
import { wordsFor } from './reader.ts';

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
  [['en-US'], 'en-US', 'Trash'],
  [['de', 'en-AU', 'ja'], 'en-AU', 'Bin'],
  [['en-GB'], 'en-GB', 'Bin'],
  [['en'], 'en', 'Trash'],
  [['en-US@posix'], 'en-US', 'Trash'],
  [['de-DE', 'zh'], 'en-GB', 'Bin'],
  [['ja-JP', 'en-GB'], 'ja', 'ごみ箱'],
])('who reads %p gets the words of %s', (languages, language, bin) => {
  expect(languageOf(languages)).toBe(language);
  expect(wordsFor(languages)).toMatchObject({ language, bin });
  expect(wordsFor(languages)).toBe(wordsFor(languages));
});

test('what the service says in British English is American for Americans, names of files are not', () => {
  const message =
    '“analysed.jpg” was not analysed: to analyse it, send it again. Analyses are free.';
  expect(wordsFor(['en-GB']).error('internal', message)).toBe(message);
  expect(wordsFor(['en-US']).error('internal', message)).toBe(
    '“analysed.jpg” was not analyzed: to analyze it, send it again. Analyses are free.',
  );
});

test.each([
  [0, 3, 'Less than 10 s left', '残り10秒以内'],
  [8, 24, 'About 10–20 s left', '残り約10〜20秒'],
  [18, 22, 'About 20 s left', '残り約20秒'],
  [20, 70, 'Less than 1 min left', '残り1分以内'],
  [40, 130, 'About 1–2 min left', '残り約1〜2分'],
  [115, 250, 'About 2–4 min left', '残り約2〜4分'],
  [110 * 60, 3 * 3600, 'About 2–3 h left', '残り約2〜3時間'],
])('%i to %i s are said as a person would', (from, to, english, japanese) => {
  expect(en.timeLeft({ from, to })).toBe(english);
  expect(ja.timeLeft({ from, to })).toBe(japanese);
});

test.each([
  ['en', en],
  ['ja', ja],
])('each type of file that is accepted is named: %s', (_language, words) => {
  const types = ACCEPTED_TYPES_TEXT.match(/\b[A-Z]\w+/g) ?? [];
  expect(types).toContain('HEIC');
  expect(types.filter((type) => !words.upload.accepted.includes(type))).toEqual([]);
});

test('both languages count the same: what is ready of all, and what is done when all have ended', () => {
  const [some, all] = [
    { ready: 1, failed: 1, total: 4 },
    { ready: 0, failed: 4, total: 4 },
  ];
  expect([en.summary(some), ja.summary(some)]).toEqual([
    ...['1 of 4 ready, 1 failed', '4件中1件完了、1件失敗'],
  ]);
  expect([en.summary(all), ja.summary(all)]).toEqual(['0 done, 4 failed', '0件完了、4件失敗']);
});

test('what the user has stopped is said beside what is done', () => {
  const rest = { ready: 3, failed: 0, total: 3, stopped: 1 };
  expect([en.summary(rest), ja.summary(rest)]).toEqual(['3 done, 1 stopped', '3件完了、1件中止']);
  const open = { ready: 1, failed: 1, total: 3, stopped: 2 };
  expect([en.summary(open), ja.summary(open)]).toEqual([
    ...['1 of 3 ready, 1 failed, 2 stopped', '3件中1件完了、1件失敗、2件中止'],
  ]);
});

/** What is to be done now, in the messages of the service, which are in English, and in the Japanese ones. */
test.each([
  ['media_corrupt', 'Send the original file again', '元のファイルをもう一度'],
  ['empty_file', 'Choose a file with content', '中身のあるファイルを'],
  ['video_too_long', 'Send a part of it', '一部を切り出して'],
  ['analysis_rejected', 'tell the operator', '管理者に'],
  ['analysis_blocked', 'Send another one', '別のファイルを'],
  ['rate_limited', 'Send it after 00:00 UTC', '今日の上限'],
] as const)('%s: what to do is the same in both languages', async (code, english, japanese) => {
  const sources = [
    ...['inspect/picture.ts', 'inspect/format.ts', 'inspect/inspector.ts', 'analysis/give-up.ts'],
    ...['analysis/video.ts', 'core/accept/daily-uploads.ts'],
  ].map((name) => new URL(`../../../../functions/${name}`, import.meta.url));
  const texts = await Promise.all(sources.map((source) => readFile(source, 'utf8')));
  expect(texts.join('')).toContain(english);
  expect(ja.error(code, '', 'a.jpg')).toContain(japanese);
});
