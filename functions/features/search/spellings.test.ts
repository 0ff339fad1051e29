import { describe, expect, test } from '@jest/globals';
import { JAPANESE_LABELS } from '@media-analysis/shared/labels';
import { analyticsOf } from '../../../test/support/library.ts';
import { searchFieldsOf } from './fields.ts';
import { isEnough, isIn } from './scoring.ts';
import { spelledNeedlesOf } from './spellings.ts';

const file = { file_name: '1.jpg', content_type: 'image/jpeg' };
const placesOf = (title: string, ...tags: string[]) =>
  searchFieldsOf({ ...file, analytics: analyticsOf({ title, tags }) }).places;

function finds(wanted: string, places: string): boolean {
  const needles = spelledNeedlesOf(wanted).map((needle) => ({ ...needle, count: 1 }));
  return isEnough(places, needles);
}

describe('a known word finds what is written in any other way', () => {
  const ways = [
    ['cat', '猫', 'ねこ', 'ネコ', 'ﾈｺ'],
    ['dog', '犬', 'いぬ', 'イヌ'],
    ['car', '車', 'くるま', 'クルマ', '自動車'],
    ['bicycle', '自転車', 'じてんしゃ', 'bikes'],
    ['people', '人物', '人', 'ひと'],
    ['cell phone', '携帯電話', 'スマホ', 'けいたいでんわ'],
    ['train', '電車', 'でんしゃ'],
    ['grey', '灰色', 'はいいろ', 'gray'],
    ['flowers', '花', 'はな'],
    ['station', '駅', 'えき'],
  ];
  test.each(ways)('%s', (...all) => {
    for (const wanted of all)
      for (const tag of all) expect(finds(wanted, placesOf('x', tag))).toBe(true);
  });
});

describe('is found within a sentence', () => {
  test.each([
    ['ねこといぬ', '猫と犬が寝ている'],
    ['いぬとねこのしゃしん', 'いぬとねこのしゃしん'],
    ['くるまとひと', 'A person in a car'],
    ['cat', '黒いソファーのネコが寝ている'],
    ['a cell phone on a table', 'テーブルの上の携帯電話'],
    ['くるまの写真', 'A red car'],
  ])('%s: %s', (wanted, title) => {
    expect(finds(wanted, placesOf(title))).toBe(true);
  });
});

describe('a short word that was not typed is not found in a longer one', () => {
  test.each([
    ['car', '自転車'],
    ['くるま', '電車が走る'],
    ['bird', 'ひとりで歩くストリート'],
    ['book', 'ヘッドホン'],
    ['bus', 'バスケットボール'],
    ['bread', 'フライパン'],
    ['white', 'おもしろい絵'],
    ['phone', 'hot dog'],
  ])('%s: %s', (wanted, title) => {
    expect(finds(wanted, placesOf(title))).toBe(false);
  });
});

test('a word of a tag counts although the title has it in a longer word', () => {
  expect(finds('car', placesOf('電車', '車'))).toBe(true);
});

test('two words that are one thing have to be there both', () => {
  expect(finds('hot dog', placesOf('A dog'))).toBe(false);
  expect(spelledNeedlesOf('hot dog')).toHaveLength(1);
});

test('a word with two meanings finds both', () => {
  expect(['White', 'Castle'].every((title) => finds('しろ', placesOf(title)))).toBe(true);
});

test('a tag is also looked for by its other names, and only in its place', () => {
  const [needle] = spelledNeedlesOf('ねこ');
  expect(needle && isIn(placesOf('x', 'cat'), needle, 'tag')).toBe(true);
  expect(needle && isIn(placesOf('A cat'), needle, 'tag')).toBe(false);
});

test('an unknown word is as it is typed', () => {
  expect(spelledNeedlesOf('xyzzy 柴犬')).toEqual([
    { terms: ['xyzzy'], others: [], typed: 'xyzzy' },
    { terms: ['柴犬'], others: [], typed: '柴犬' },
  ]);
});

test('each label of the built-in model has a Japanese name by which it is found', () => {
  for (const [label, name] of Object.entries(JAPANESE_LABELS)) {
    expect([label, finds(name, placesOf('x', label))]).toEqual([label, true]);
    expect([label, spelledNeedlesOf(label).length]).toEqual([label, 1]);
    expect([name, spelledNeedlesOf(name).length]).toEqual([name, 1]);
  }
});
