import { expect, test } from '@jest/globals';
import { extractDates } from './dates.ts';
import { better, isEnough, matchesDate, score } from './scoring.ts';

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
  expect(isEnough(' dog:1 wood:1 ', three)).toBe(true);
  expect(isEnough(' dog:1 ', three)).toBe(false);
  expect(isEnough(' dog:1 ', [dog, wood])).toBe(true);
  expect(isEnough(' moon:1 ', [dog])).toBe(false);
});

test('what kind it is says nothing beside another word, and is enough alone', () => {
  const video = { terms: ['動画'], others: [['video']], count: 10 };
  const ofDog = ' dog:3 photo:32 ';
  expect(isEnough(' cat:3 video:32 ', [dog, video])).toBe(false);
  expect(isEnough(ofDog, [dog, video])).toBe(true);
  expect(isEnough(ofDog, [video])).toBe(false);
  expect(isEnough(' cat:3 video:32 ', [video])).toBe(true);
  expect(isEnough(ofDog, [needle('photo'), video])).toBe(true);
  const both = score(' dog:8 video:32 ', [dog, video]);
  expect([score(ofDog, [dog, video]), both].sort(better)[0]).toEqual(both);
});

test('a media is of a date if it was taken then, or if its name or a text says it', () => {
  const { dates } = extractDates('2024年7月', '2026-11-28');
  const of = (places: string, taken = '') => matchesDate({ places, taken }, dates);
  expect(of(' cat:1 ', '2024-07-14T16:02:11')).toBe(true);
  expect(of(' cat:1 ', '2024-08-14T16:02:11')).toBe(false);
  expect(of(' @2024-07:128 ')).toBe(true);
  expect(of(' @2024-07:8 ', '2019-08-14T16:02:11')).toBe(true);
  expect(of(' july:8 2024:8 7:8 ')).toBe(false);
  // A text has the day, but the photo was not taken then.
  const { dates: range } = extractDates('2024年7月3日から8月2日', '2026-11-28');
  const within = (places: string) => matchesDate({ places, taken: '' }, range);
  expect([within(' @2024-07-14:256 '), within(' @2024-07-14:4 ')]).toEqual([true, false]);
});
