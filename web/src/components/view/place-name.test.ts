import { expect, test } from '@jest/globals';
import { placeName } from './place-name.ts';

const at = { latitude: 1, longitude: 2 };
const paris = {
  city: 'Paris',
  region: 'Île-de-France',
  country: 'FR',
  translations: { ja: { city: 'パリ', region: 'イル＝ド＝フランス' } },
};
const tokyo = {
  city: 'Tokyo',
  region: 'Tokyo',
  country: 'JP',
  translations: { ja: { city: '東京', region: '東京都' } },
};
const cologne = {
  city: 'Cologne',
  region: 'North Rhine-Westphalia',
  country: 'DE',
  translations: { ja: { city: 'ケルン', region: null } },
};
const petra = { city: 'Wādī Mūsá', region: 'Ma’an', country: 'JO' };
const baikal = { city: null, region: null, country: 'RU' };
const fuji = { city: null, region: 'Yamanashi', country: 'JP' };

test.each([
  [paris, 'Paris, Île-de-France, France', 'フランス、イル＝ド＝フランス、パリ'],
  [tokyo, 'Tokyo, Japan', '日本、東京'],
  [cologne, 'Cologne, North Rhine-Westphalia, Germany', 'ドイツ、ケルン'],
  [petra, 'Wādī Mūsá, Ma’an, Jordan', 'ヨルダン、Wādī Mūsá'],
  [baikal, 'Russia', 'ロシア'],
  [fuji, 'Yamanashi, Japan', '日本、Yamanashi'],
  [{}, undefined, undefined],
])('%j is called %s, %s', (place, english, japanese) => {
  expect(placeName({ ...at, ...place }, 'en')).toBe(english);
  expect(placeName({ ...at, ...place }, 'ja')).toBe(japanese);
});
