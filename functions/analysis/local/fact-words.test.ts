import { describe, expect, test } from '@jest/globals';
import { factTags } from './fact-tags.ts';
import { english, japanese } from './fact-words.ts';
import { FACTS } from './testing.ts';

test.each([
  [0, 'less than 1 s', '1秒未満'],
  [0.033, 'less than 1 s', '1秒未満'],
  [0.6, '1 s', '1秒'],
  [59.4, '59 s', '59秒'],
  [59.6, '1 min 0 s', '1分0秒'],
  [125, '2 min 5 s', '2分5秒'],
  [3_599.7, '1 h 0 min', '1時間0分'],
  [10_800, '3 h 0 min', '3時間0分'],
  [11_000, '3 h 3 min', '3時間3分'],
])('a video of %d seconds is %s long', (duration_s, inEnglish, inJapanese) => {
  const facts = { ...FACTS, kind: 'video' as const, duration_s, colors: [], quality: null };
  expect(english.kind(facts)).toBe(`A video, 1200 × 800 pixels, ${inEnglish} long.`);
  expect(japanese.kind(facts)).toBe(`動画（1200×800ピクセル、${inJapanese}）。`);
});

test('a picture of one colour is not called blurry: it has nothing that could be sharp', () => {
  const flat = { sharpness: 0, brightness: 0.5, contrast: 0 };
  const quality = { ...flat, exposure: 'balanced', verdict: 'poor' } as const;
  expect(factTags({ ...FACTS, quality })).toEqual([]);
});

const PARIS = {
  latitude: 48.86,
  longitude: 2.35,
  city: 'Paris',
  region: 'Île-de-France',
  country: 'FR',
  translations: { ja: { city: 'パリ', region: null } },
};
const NOT_KNOWN = { taken_at: null, camera: null, place: null };

describe('a title says what is known of the file', () => {
  test.each([
    [{}, 'Photo from 14 April 2019', '2019年4月14日の写真'],
    [{ place: PARIS }, 'Photo from Paris, 14 April 2019', 'パリの写真（2019年4月14日）'],
    [{ ...NOT_KNOWN, place: PARIS }, 'Photo from Paris', 'パリの写真'],
    [{ ...NOT_KNOWN, place: { latitude: 1, longitude: 2 } }, 'IMG_3036.JPG', 'IMG_3036.JPG'],
    [{ taken_at: null }, 'Photo with an Apple iPhone 6', 'Apple iPhone 6で撮影した写真'],
    [NOT_KNOWN, 'IMG_3036.JPG', 'IMG_3036.JPG'],
  ])('%j', (patch, inEnglish, inJapanese) => {
    const facts = { ...FACTS, capture: { ...FACTS.capture, ...patch } };
    expect(english.title(facts, 'IMG_3036.JPG')).toBe(inEnglish);
    expect(japanese.title(facts, 'IMG_3036.JPG')).toBe(inJapanese);
  });

  test('and what it is, if not even a name is known', () => {
    const facts = { ...FACTS, kind: 'video' as const, capture: NOT_KNOWN };
    expect(english.title(facts, '')).toBe('Video');
    expect(japanese.title(facts, '')).toBe('動画');
    expect(english.title(facts, `${'x'.repeat(300)}.mp4`)).toHaveLength(200);
  });
});
