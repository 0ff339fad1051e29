import { describe, expect, test } from '@jest/globals';
import { doubtfulOf, halfOf, knownFrom, knownNear, termsNear } from './near-words.ts';
import { needlesOf, replaceWords } from './words.ts';

const doubtful = (text: string) => needlesOf(text).flatMap((needle) => doubtfulOf(needle) ?? []);
const near = (typed: string) => doubtful(typed).flatMap(knownNear);
const nearest = (typed: string) =>
  near(typed)
    .sort((a, b) => a.edits - b.edits)
    .map(({ text }) => text);

describe('a known word that is typed wrong', () => {
  test.each([
    ['dgo', 'dog'],
    ['odg', 'dog'],
    ['Birdges', 'bridge'],
    ['brige', 'bridge'],
    ['hrse', 'horse'],
    ['umbrela', 'umbrella'],
    ['umbrelllas', 'umbrella'],
    ['caat', 'cat'],
    ['dogg', 'dog'],
    ['skyy', 'sky'],
    ['Pariss', 'paris'],
    ['Londonn', 'london'],
    ['buss', 'bus'],
    ['motorcyle', 'motorcycle'],
    ['motocylce', 'motorcycle'],
    ['flowrr', 'flower'],
    ['poeple', 'people'],
    ['phoen', 'phone'],
    ['sicssors', 'scissors'],
    ['ｂｒｉｇｅ', 'bridge'],
    ['ひこうぎ', 'ひこうき'],
    ['かはん', 'かばん'],
    ['がつこう', 'がっこう'],
    ['じてんしや', 'じてんしゃ'],
    ['カラメ', 'カメラ'],
    ['やきゅうう', 'やきゅう'],
    ['りゆつく', 'リュック'],
    ['わんちやん', 'ワンちゃん'],
    ['らめん', 'ラーメン'],
    ['コーピー', 'コーヒー'],
  ])('%s: %s', (typed, meant) => {
    expect(nearest(typed)).toContain(meant);
  });
});

describe('no word is near', () => {
  test.each([
    // Known words are right, even if no media has them.
    ...['cat', 'car', 'cats', 'horses', 'house', 'people', 'tea', 'sea', 'kitten', 'cell', 'phone'],
    ...['ねこ', 'かめら', 'カメラ', 'コーヒー', 'こーひー'],
    // Too short: other words are too near.
    ...['d', 'dg', 'od', 'dig', 'cot', 'do', 'coat', 'show', 'team', 'body', 'いに', 'さくろ'],
    // Digits, and other scripts.
    ...['2034', 'd0g', 'img2034', 'вокзай', '駅', '横断歩通', '학교'],
    // Another kana makes another word.
    ...['きょうだい', 'こうげん', 'カメリア', 'びる', 'ほてる'],
    // Far from all known words.
    ...['xylophone', 'photo', 'picture', 'image', 'x'.repeat(90)],
    // Names.
    ...['reed', 'Mann', 'Kidd'],
    ...['Walter', 'Gary', 'Sofia', 'Chile', 'Larry', 'Roger', 'Billy', 'Steve', 'Cannes'],
    // The first letter is another one.
    ...['nridge', 'kar', 'ばめら'],
  ])('%s', (typed) => {
    expect(near(typed)).toEqual([]);
  });
});

test('two letters are wrong in long words only', () => {
  expect(nearest('aplpiancee')).toEqual(['appliance']);
  expect(nearest('brigee')).toEqual([]);
});

describe('the words of an owner', () => {
  const terms = (typed: string) => doubtful(typed).flatMap(termsNear);

  test.each([
    ['lighthuose', 'lighthouse'],
    ['lighthose', 'lighthouse'],
    ['lighthousee', 'lighthouse'],
    ['lighthoude', 'lighthouse'],
    ['ilghthouse', 'lighthouse'],
    ['pairs', 'pari'],
    ['ovo', 'voo'],
    ['paross', 'paro'],
    ['horusss', 'horuss'],
  ])('are asked for at one edit: %s, %s', (typed, meant) => {
    expect(terms(typed)).toContain(meant);
  });

  test('are few, and near by the same rules', () => {
    expect(terms('ovo').toSorted()).toEqual(['oov', 'voo']);
    expect(terms('oslo')).not.toContain('osl');
    expect(terms('oslo')).not.toContain('osle');
    expect(terms('oslo')).toContain('osloe');
    expect(terms('lighthuose')).not.toContain('eighthuose');
    expect(terms('lighthuose')).not.toContain('lighthuose');
    expect(terms('lighthuose').length).toBeLessThan(520);
  });

  // Firestore refuses half a character.
  test('are not guessed for a letter of two halves', () => {
    expect(terms('abc\u{1df04}def')).toEqual([]);
  });

  test('are not guessed in kana, where two terms would change with each letter', () => {
    expect(terms('ひこうぎ')).toEqual([]);
  });
});

describe('a word that is typed in part', () => {
  const whole = (typed: string) =>
    needlesOf(typed)
      .flatMap((needle) => halfOf(needle) ?? [])
      .flatMap(knownFrom)
      .map(({ text }) => text);

  test.each([
    ['do', 'dog'],
    ['Kyo', 'kyoto'],
    ['lond', 'london'],
    ['rece', 'receipt'],
    ['par', 'paris'],
    ['glas', 'glass'],
    ['kö', 'köln'],
    ['ｒｅｃｅ', 'receipt'],
    ['きょ', 'きょうと'],
    ['とうき', 'とうきょう'],
    ['コンピ', 'コンピューター'],
  ])('%s: %s', (typed, meant) => {
    expect(whole(typed)).toContain(meant);
  });

  test('begins with the most usual words', () => {
    expect(whole('ca').slice(0, 3)).toEqual(['car', 'cat', 'cattle']);
  });

  test.each([
    'ten',
    'Tom',
    'sand',
    'd',
    'cat',
    'car',
    'receipt',
    'receipts',
    'the',
    'd0',
    '東',
    'dgo',
    'xyzzy',
  ])('%s is none', (typed) => expect(whole(typed)).toEqual([]));
});

test('a word of kana is named as it is typed, with the mark at its end', () => {
  expect(doubtful('コンピュター').map(({ typed }) => typed)).toEqual(['コンピュター']);
  expect(nearest('コンピュター')).toEqual(['コンピューター']);
});

test.each([
  // In all its forms.
  ['A dgo, dgos & DGO!', { dgo: 'dog' }, 'A dog, dog & dog!'],
  ['ひこうぎとヒコウギ', { ヒコウギ: 'ひこうき' }, 'ひこうきとひこうき'],
  ['the thes', { thes: 'these' }, 'the these'],
  // The rest stays as it is typed.
  ['Köln: un Café brige', { brige: 'bridge' }, 'Köln: un Café bridge'],
  ['コンピュター', { コンピュター: 'コンピューター' }, 'コンピューター'],
  ['赤いひこうぎの写真 dgo', { ひこうぎ: 'ひこうき', dgo: 'dog' }, '赤いひこうきの写真 dog'],
])('another word takes the place of the one that was typed: %s', (text, others, meant) => {
  expect(replaceWords(text, new Map(Object.entries(others)))).toBe(meant);
});
