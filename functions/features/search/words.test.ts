import { describe, expect, test } from '@jest/globals';
import { lineOf, needlesOf, neighboursOf, numbersInNames, termsOf } from './words.ts';

function finds(wanted: string, text: string): boolean {
  const terms = new Set(termsOf(text, { short: true }));
  const needles = needlesOf(wanted);
  return needles.length > 0 && needles.every((needle) => needle.terms.every((t) => terms.has(t)));
}

describe('is found', () => {
  test.each([
    ['dogs', 'A dog'],
    ['A dog on wood', 'Two DOGS lie on a wooden floor'],
    ['boxes', 'box'],
    ['box', 'Boxes'],
    ['cities', 'a city'],
    ['glasses', 'a glass'],
    ['people', 'one person'],
    ['cafe', 'Café Müller'],
    ['ＣＡＦＥ', 'cafe'],
    ['2034', 'IMG_2034-DSC'],
    ['bus', 'a bus'],
    ['駅前', '東京駅前商店街'],
    ['駅前のカフェ', 'カフェがある駅前'],
    ['ネコ', 'ﾈｺがいる'],
    ['りんご', '皿にりんごがある'],
    ['かめら', '机の上のカメラ'],
    ['カメラ', 'かめらのみせ'],
    ['ｶﾒﾗ', 'カメラ'],
    ['かめら', 'ﾃﾞｼﾞﾀﾙｶﾒﾗ'],
    ['ベンチ', 'こうえんのべんち'],
    ['べんち', 'ベンチ'],
    ['ばなな', 'バナナ'],
    ['とまと', 'トマト'],
    ['すまーとふぉん', 'スマートフォン'],
    ['りんごとばなな', 'バナナを見るリンゴ'],
    ['犬とべんち', 'ベンチの犬'],
    ['らーめん', 'ラーメン店'],
    ['コンピューター', 'コンピュータ'],
    ['コンピュータ', 'コンピューター'],
    ['サーバー', 'サーバ室'],
    ['おねがいします', 'おねがいします'],
    ['願い', 'よろしくお願いします'],
    ['ＡＢＣ', 'abc'],
    ['犬', '柴犬'],
    ['학교', '학교 앞'],
    ['สวัสดี', 'สวัสดีครับ'],
    ['вокзал', 'Вокзал'],
  ])('%s in: %s', (wanted, text) => {
    expect(finds(wanted, text)).toBe(true);
  });
});

describe('is not found', () => {
  test.each([
    ['dog', 'doghouse'],
    ['駅前', '前駅'],
    ['か', 'が'],
    ['かめら', 'カメ'],
    ['ハト', 'バト'],
    ['カバー', 'カバ'],
    ['glass', 'glacier'],
    ['the', 'the'],
    ['…', '…'],
  ])('%s in: %s', (wanted, text) => {
    expect(finds(wanted, text)).toBe(false);
  });
});

test('a word of thousands of letters is cut off', () => {
  expect(termsOf('x'.repeat(9_000)).map((term) => term.length)).toEqual([40]);
});

test.each([
  ['IMG_3036', ['3036']],
  ['a cat "img_3036.JPG"', ['3036']],
  ['DSC-00042', ['00042']],
  ['IMG_E3036', ['e3036']],
  ['clip_1.mp4', ['1']],
  ['PXL_20240714_160211', ['20240714', '160211']],
  ['IMG＿３０３６', ['3036']],
  ['cat dsc 0042', ['0042']],
  ...['dog 3', 'covid-19', 'iPhone 15', '3036', 'mp4', 'cat.mp4', 'route 101', '_1', '3-036'].map(
    (text): [string, string[]] => [text, []],
  ),
])('the name of a file in %s has the numbers %j', (text, numbers) => {
  expect(numbersInNames(text)).toEqual(numbers);
});

test.each([
  ['flat white', 'Two flat whites on a tray'],
  ['Flat-White', 'FLAT\nWHITE 4.50'],
  ['dog on wood', 'A dog on wooden stairs'],
  ['白い犬', '庭に白い犬がいる'],
  ['赤いcar', '赤い cars'],
])('the words of %s stand side by side in: %s', (wanted, text) => {
  const line = lineOf(text);
  const neighbours = neighboursOf(wanted);
  expect(neighbours.length).toBeGreaterThan(0);
  expect(neighbours.every((each) => line.includes(each))).toBe(true);
});

test.each([
  ['flat white', 'A white flat'],
  ['flat white', 'A flat with white walls'],
  ['flat white', 'flat whitewash'],
  ['dog on wood', 'dog wood'],
  ['白い犬', '白い猫と犬'],
  ['dog', 'dog'],
  ['dogs dog', 'dogs dog'],
])('those of %s do not in: %s', (wanted, text) => {
  const line = lineOf(text);
  expect(neighboursOf(wanted).filter((each) => line.includes(each))).toEqual([]);
});
