import { describe, expect, test } from '@jest/globals';
import { analyticsOf } from '../../../test/support/library.ts';
import { daysOf, isOn } from './calendar.ts';
import { datesInText, daysInName, extractDates } from './dates.ts';
import { searchFieldsOf } from './fields.ts';
import { matchesDate } from './scoring.ts';

/** A Saturday. */
const TODAY = '2026-11-28';

const datesIn = (text: string, today = TODAY) => {
  const { dates, rest } = extractDates(text, today);
  const found = dates.map((needle) =>
    needle.dates
      .map(({ year, month, day, from, to }) => {
        const range = (from ?? to) === undefined ? '' : `${from ?? ''}..${to ?? ''}`;
        return [...(range ? [] : [[year, month, day].join('-')]), range].join('');
      })
      .join(' '),
  );
  return [found, rest];
};

test.each([
  ['Mon, 13 May 2024', '2024-5-13'],
  ['Tue 24 Nov', '-11-24'],
  ['Sun, Mar 2 2025', '2025-3-2'],
  ['2024年5月13日(月)', '2024-5-13'],
  ['11月24日（火）', '-11-24'],
  ['2024年', '2024--'],
  ['2024年7月', '2024-7-'],
  ['2024年 7月 14日', '2024-7-14'],
  ['２０２４年７月１４日', '2024-7-14'],
  ['7月', '-7-'],
  ['７月', '-7-'],
  ['7月14日', '-7-14'],
  ['2024-07', '2024-7-'],
  ['2024/7', '2024-7-'],
  ['2024-07-14', '2024-7-14'],
  ['2024/07/14', '2024-7-14'],
  ['2024/7/14', '2024-7-14'],
  ['２０２４／７／１４', '2024-7-14'],
  ['2024.7.14', '2024-7-14'],
  ['July 2024', '2024-7-'],
  ['july, 2024', '2024-7-'],
  ['Sept. 2024', '2024-9-'],
  ['July 14, 2024', '2024-7-14'],
  ['2024 may', '2024-5-'],
  ['2024 July 14', '2024-7-14'],
  ['12 may 24', '2024-5-12'],
  ['14.7.2024', '2024-7-14'],
  ['7/14/2024', '2024-7-14'],
  ['14/7/2024', '2024-7-14'],
  ['14th of July 2024', '2024-7-14'],
  ['14 Jul', '-7-14'],
  ['July', '-7-'],
  ['2024', '2024--'],
])('%s is a date', (text, date) => {
  expect(datesIn(text)).toEqual([[date], '']);
});

test.each([
  'may',
  'march',
  '1899',
  '2100',
  '14',
  '7',
  '2024年度',
  '今年度',
  '2024年13月40日',
  '13月',
  '2024-13',
  '0月',
  'IMG_2024-07-14',
  '2024-07-14.jpg',
  '2024-07-14_1',
  '12024-07-14',
  '2024-7/14',
  'maybe 7',
  '2024.jpg',
  'IMG_2024',
  '2024px',
  'A2024',
  '今日子',
  'とうきょう',
  'yesterdays',
  'last',
])('%s is none', (text) => {
  expect(datesIn(text)).toEqual([[], text]);
});

test('what else is searched for stays', () => {
  expect(datesIn('2024年7月の犬')).toEqual([['2024-7-'], 'の犬']);
  expect(datesIn('a dog in July 2024 on wood')).toEqual([['2024-7-'], 'a dog in   on wood']);
  expect(datesIn('7月 2023-08')).toEqual([['-7-', '2023-8-'], '']);
  expect(datesIn('cat 2024')).toEqual([['2024--'], 'cat']);
  expect(datesIn('昨日の猫')).toEqual([['2026-11-27'], 'の猫']);
  expect(datesIn('2023 cat 2024')).toEqual([['2023--', '2024--'], 'cat']);
});

test.each([
  ['2024 7月', '2024-7-', ''],
  ['7月14日 2024年', '2024-7-14', ''],
  ['july cat 2024', '2024-7-', 'cat'],
  ['去年の7月の猫', '2025-7-', 'の猫'],
  ['July last year', '2025-7-', ''],
])('%s is a part of its year', (text, date, rest) => {
  expect(datesIn(text)).toEqual([[date], rest]);
});

const days = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `2026-11-${from + n}`).join(' ');

test.each([
  ...['today', '今日', 'きょう', '本日'].map((text) => [text, '2026-11-28']),
  ...['yesterday', 'Yesterday', '昨日', 'きのう'].map((text) => [text, '2026-11-27']),
  ...['the day before yesterday', '一昨日', 'おととい'].map((text) => [text, '2026-11-26']),
  ...['this week', '今週'].map((text) => [text, days(23, 29)]),
  ...['last week', '先週'].map((text) => [text, days(16, 22)]),
  ...['this month', '今月'].map((text) => [text, '2026-11-']),
  ...['last month', '先月'].map((text) => [text, '2026-10-']),
  ...['this year', '今年', 'ことし'].map((text) => [text, '2026--']),
  ...['last year', '去年', '昨年', 'きょねん'].map((text) => [text, '2025--']),
  ...['一昨年', 'おととし'].map((text) => [text, '2024--']),
])('%s is counted from the day of who asks', (text, date) => {
  expect(datesIn(text)).toEqual([[date], '']);
});

test.each([
  ['yesterday', '2026-03-01', '2026-2-28'],
  ['yesterday', '2024-01-01', '2023-12-31'],
  ['last month', '2026-01-31', '2025-12-'],
  ['last month', '2026-03-31', '2026-2-'],
])('%s, on %s', (text, today, date) => {
  expect(datesIn(text, today)).toEqual([[date], '']);
});

test.each([
  ['before 2021', '..2020-12-31'],
  ['before May 2024', '..2024-04-30'],
  ['before March 2024', '..2024-02-29'],
  ['before July 14, 2024', '..2024-07-13'],
  ['2021年より前', '..2020-12-31'],
  ['until June 2020', '..2020-06-31'],
  ['up to 2020', '..2020-12-31'],
  // In Japanese the named year is included.
  ['2020年以前', '..2020-12-31'],
  ['2020以前', '..2020-12-31'],
  ['2020年6月まで', '..2020-06-31'],
  ['～2020年', '..2020-12-31'],
  ['since 2026', '2026-01-01..'],
  ['2019年～', '2019-01-01..'],
  ['since last month', '2026-10-01..'],
  ['since May', '2026-05-01..'],
  ['since December', '2025-12-01..'],
  ['since June 14', '2026-06-14..'],
  ['2024年以降', '2024-01-01..'],
  ['2024年5月から', '2024-05-01..'],
  ['先月以降', '2026-10-01..'],
  ['after May 2024', '2024-06-01..'],
  ['after February 2024', '2024-03-01..'],
  ['after 2020', '2021-01-01..'],
  ['2020年より後', '2021-01-01..'],
  ['since 2020 until 2024', '2020-01-01..2024-12-31'],
  ['after 2019 before 2021', '2020-01-01..2020-12-31'],
  ['before 1985', '..1984-12-31'],
])('%s is a range with one end, or none', (text, range) => {
  expect(datesIn(text)).toEqual([[range], '']);
});

test.each([
  ['2019-2021', '2019-- 2020-- 2021--'],
  ['2019–2021', '2019-- 2020-- 2021--'],
  ['2019 - 2021', '2019-- 2020-- 2021--'],
  ['2019～2021年', '2019-- 2020-- 2021--'],
  ['from 2019 to 2021', '2019-- 2020-- 2021--'],
  ['2019から2021まで', '2019-- 2020-- 2021--'],
  ['2019年-2021年', '2019-- 2020-- 2021--'],
  ['5月3日-5日', '-5-3 -5-4 -5-5'],
  ['2010-2021', '2010-01-01..2021-12-31'],
  ['May to July 2024', '2024-5- 2024-6- 2024-7-'],
  ['may-july 2024', '2024-5- 2024-6- 2024-7-'],
  ['May – Jul 2024', '2024-5- 2024-6- 2024-7-'],
  ['2024 May to July', '2024-5- 2024-6- 2024-7-'],
  ['between 2019 and 2021', '2019-- 2020-- 2021--'],
  ['between May and July 2024', '2024-5- 2024-6- 2024-7-'],
  ['2024年5月から7月', '2024-5- 2024-6- 2024-7-'],
  ['2024年5月から7月まで', '2024-5- 2024-6- 2024-7-'],
  ['2024年5月〜7月', '2024-5- 2024-6- 2024-7-'],
  ['2024年5〜7月', '2024-5- 2024-6- 2024-7-'],
  ['2024年5月と7月の間', '2024-5- 2024-6- 2024-7-'],
  ['May to July', '-5- -6- -7-'],
  ['5月から7月', '-5- -6- -7-'],
  ['November to February', '-11- -12- -1- -2-'],
  ['11月から2月 2024年', '2023-11-01..2024-02-31'],
  ['Dec to Feb 2024', '2023-12- 2024-1- 2024-2-'],
  ['Jan to Jun 2024', '2024-01-01..2024-06-31'],
  ['2024-05-03 to 2024-07-05', '2024-05-03..2024-07-05'],
  ['2024/5/3 - 2024/7/5', '2024-05-03..2024-07-05'],
  ['May 3-5, 2024', '2024-05-03..2024-05-05'],
  ['3-5 May 2024', '2024-05-03..2024-05-05'],
  ['3 to 5 May', '-5-3 -5-4 -5-5'],
  ['May 1 to June 30', '-5- -6-'],
  ['May 30 to July 2', '-5-30 -5-31 -6- -7-1 -7-2'],
  ['December 30 to January 2', '-12-30 -12-31 -1-1 -1-2'],
  ['11月30日から2月1日', '-11-30 -12- -1- -2-1'],
  ['February 1 to 28', `${Array.from({ length: 28 }, (_, n) => `-2-${n + 1}`).join(' ')}`],
  ['February 1 to 29', '-2-'],
  ['2024年5月3日〜5日', '2024-05-03..2024-05-05'],
  ['5月3日から5日', '-5-3 -5-4 -5-5'],
  ['last month to yesterday', '2026-10-01..2026-11-27'],
])('%s is a range', (text, range) => {
  expect(datesIn(text)).toEqual([[range], '']);
});

test.each([
  ['cats before 2021', '..2020-12-31', 'cats'],
  ['2020年以前の猫', '..2020-12-31', 'の猫'],
  ['2024年5月から7月の犬', '2024-5- 2024-6- 2024-7-', 'の犬'],
  ['dogs, May to July, wood 2024', '2024-5- 2024-6- 2024-7-', 'dogs,  , wood'],
  ['red November to February 2024', '2023-11-01..2024-02-31', 'red'],
])('%s: what else is searched for stays', (text, range, rest) => {
  expect(datesIn(text)).toEqual([[range], rest]);
});

test.each([
  // Without a year nobody knows which one is meant.
  ['before July', ['-7-'], 'before'],
  ['until May', [], 'until May'],
  ['may to see', [], 'may to see'],
  ['up to you', [], 'up to you'],
  ['since then', [], 'since then'],
  // A year and its month.
  ['2024 - July', ['2024-7-'], '-'],
  ['IMG_2019-2021', [], 'IMG_2019-2021'],
  ['2019-2021.jpg', [], '2019-2021.jpg'],
  ['2021 to 2019', ['2021--', '2019--'], 'to'],
  ['May 5-3', [], 'May 5-3'],
  ['May-2024', [], 'May-2024'],
  ['dog 3 - 2024', ['2024--'], 'dog 3 -'],
  ['十二年前', [], '十二年前'],
])('%s is no range', (text, dates, rest) => {
  const [found, left] = datesIn(text);
  expect([found, String(left).replace('–', '-')]).toEqual([dates, rest]);
});

test.each([
  ['two years ago', '2024--'],
  ['a year ago', '2025--'],
  ['2年前', '2024--'],
  ['二年前', '2024--'],
  ['3 months ago', '2026-8-'],
  ['３ヶ月前', '2026-8-'],
  ['a week ago', days(16, 22)],
  ['1週間前', days(16, 22)],
  ['3 days ago', '2026-11-25'],
  ['三日前', '2026-11-25'],
  ['last saturday', '2026-11-21'],
  ['on Sunday', '2026-11-22'],
  ['先週の月曜日', '2026-11-16'],
  ['今週の日曜', '2026-11-29'],
])('%s is counted from today', (text, date) => {
  expect(datesIn(text)[0]).toEqual([date]);
});

test('a media is of a date by the day on which it was taken', () => {
  const taken = '2024-07-14T16:02:11';
  for (const date of [{ year: 2024 }, { month: 7 }, { month: 7, day: 14 }])
    expect(isOn([{ year: 2020 }, date], taken)).toBe(true);
  for (const date of [{ year: 2023 }, { month: 8 }, { year: 2024, month: 7, day: 1 }])
    expect(isOn([date], taken)).toBe(false);
  expect(isOn([{ month: 7 }], '')).toBe(false);
});

test('a date with a year is a range of days', () => {
  expect(daysOf([{ year: 2024 }])).toEqual(['2024-01-01', '2024-12-31']);
  expect(daysOf([{ year: 2024, month: 7 }])).toEqual(['2024-07-01', '2024-07-31']);
  expect(daysOf([{ year: 2024, month: 7, day: 4 }])).toEqual(['2024-07-04', '2024-07-04']);
  expect(
    daysOf([
      { year: 2025, month: 1 },
      { year: 2024, month: 12 },
    ]),
  ).toEqual(['2024-12-01', '2025-01-31']);
  expect(daysOf([{ month: 7 }])).toBe(undefined);
  expect(daysOf([])).toBe(undefined);
});

test.each([
  ['IMG_20240714_160211.jpg', ['2024-07-14']],
  ['PXL_20240714_160211123.jpg', ['2024-07-14']],
  ['20240714160211.jpg', ['2024-07-14']],
  ['2024-07-14 16.02.11.png', ['2024-07-14']],
  ['IMG-20240714-WA0001.jpg', ['2024-07-14']],
  ['Screenshot_2024-07-14-10-11-12.png', ['2024-07-14']],
  ...['20241340.jpg', '120240714.jpg', '2024071.jpg', '2024-0714.jpg', '20240700.jpg'].map(
    (name): [string, string[]] => [name, []],
  ),
])('the name %s says %j', (name, expected) => {
  expect(daysInName(name)).toEqual(expected);
});

test.each<[text: string, dates: string[]]>([
  ['Receipt 10/09/2024 11:48', ['2024-9-10', '2024-10-9']],
  ['25/12/2023', ['2023-12-25']],
  ['12/25/2023', ['2023-12-25']],
  ['Datum: 14.07.2023, 10:22 Uhr', ['2023-7-14']],
  ['2024-07-14 16:02', ['2024-7-14']],
  ['open since\nJuly 2023', ['2023-7-']],
  ['Fri, 14 July 2023', ['2023-7-14']],
  ['May 3-5, 2024', ['2024-5-3', '2024-5-4', '2024-5-5']],
  ['7月14日 午後2時', ['-7-14']],
  ['Perhaps 10 people in 2024, 9 of them seen.', []],
  ['yesterday, last week, 5 days ago, in May', []],
  ['Tel. 2024-1155, No. 1234-11, 31/31/2024, 12/2024', []],
  [`${'x '.repeat(2_500)}14 July 2023`, []],
])('the text %j says these dates', (text, dates) => {
  expect(
    datesInText(text).map(({ year = '', month = '', day = '' }) => `${year}-${month}-${day}`),
  ).toEqual(dates);
});

test('a text without an end of dates says ten of them', () => {
  const text = Array.from({ length: 40 }, (_, n) => `2024-07-${(n % 28) + 1}`).join(' ');
  expect(datesInText(text)).toHaveLength(10);
});

describe('what says a date is found however it is typed', () => {
  const finds = (q: string, said: { summary?: string; text?: string; file_name?: string }) => {
    const { places } = searchFieldsOf({
      file_name: said.file_name ?? 'x.jpg',
      content_type: 'image/jpeg',
      analytics: analyticsOf({ title: 'Sign', ...said }),
    });
    return matchesDate({ places, taken: '' }, extractDates(q, TODAY).dates);
  };
  const days = ['2024年7月14日', '2024-07-14', '2024/7/14', 'July 14, 2024', '14 Jul 2024'];
  const months = ['2024年7月', '2024-07', '2024/7', 'July 2024'];

  test.each([...days, ...months, '7月', '7月14日', 'July 14', '2024年'])('%s', (q) => {
    expect(finds(q, { summary: 'Taken on July 14, 2024 with a Canon EOS.' })).toBe(true);
    expect(finds(q, { summary: '2024年7月14日にApple iPhone 6で撮影。' })).toBe(true);
    expect(finds(q, { text: '開店 2024年7月14日' })).toBe(true);
    expect(finds(q, { summary: 'Taken on August 15, 2025.', text: '2025年8月15日' })).toBe(false);
    // Two numbers in different texts are not a date.
    expect(finds(q, { file_name: '2024.jpg', summary: '7 14', text: '月 日 年' })).toBe(
      q === '2024年',
    );
  });

  test.each([
    ['October 2024', '10 September 2024, 14:10'],
    ['October 2024', '2024年9月10日'],
    ['2024年10月', 'Total 10.40 on 2024-09-11'],
    ['14 July 2023', 'Timetable of 3 July 2023: 14:00, 14:30'],
    ['2026-11-27', 'Invoice 27, 11 pieces, 2026-03-12'],
    ['July', 'from 7 to 8, 9月'],
  ])('%s is not said by %j', (q, text) => {
    expect(finds(q, { text })).toBe(false);
    expect(finds(q, { summary: text })).toBe(false);
  });

  test.each([...days, ...months])('%s on a sign without the day, or in the name of a file', (q) => {
    expect(finds(q, { text: '2024年7月' })).toBe(months.includes(q));
    expect(finds(q, { file_name: 'IMG_20240714_160211.jpg' })).toBe(true);
    expect(finds(q, { file_name: 'IMG_20240815_160211.jpg' })).toBe(false);
    expect(finds(q, { file_name: '2024-07-14 16.02.11.jpg' })).toBe(true);
  });
});
