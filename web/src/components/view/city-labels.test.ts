import { expect, test } from '@jest/globals';
import { type City, citiesIn, labelsOf } from './city-labels.ts';

const city = (text: string, longitude: number): City => ({ text, latitude: 0, longitude });
const all = [city('Large', 0), city('Beside', 3), city('Far', 40), city('Unseen', 90)];
/** Ten pixels a degree. */
const pointOf = ({ longitude }: City) =>
  longitude < 60 ? { x: longitude * 10, y: 50 } : undefined;
const names = (cities: City[]) => cities.map(({ text }) => text);

test('no name lies on another, and the larger city has hers', () => {
  expect(names(labelsOf(all, 6, pointOf, []))).toEqual(['Large', 'Far']);
  const country = { x: 380, y: 42, width: 60, height: 16 };
  expect(names(labelsOf(all, 6, pointOf, [country]))).toEqual(['Large']);
});

test('the whole world has no names of cities, and each step shows more of them', () => {
  const many = Array.from({ length: 1_000 }, (_, n) => city(`${n}`, n));
  const apart = ({ longitude }: City) => ({ x: longitude * 100, y: 0 });
  const counts = [2, 3, 4, 5].map((zoom) => labelsOf(many, zoom, apart, []).length);
  expect(counts).toEqual([0, 60, 180, 540]);
});

test('a Japanese page has Japanese names, where they are known', () => {
  const near = (cities: City[]) =>
    cities.find(({ latitude, longitude }) => latitude === 48.85 && longitude === 2.35)?.text;
  expect([near(citiesIn('en')), near(citiesIn('ja'))]).toEqual(['Paris', 'パリ']);
  expect(citiesIn('ja').map(({ text }) => text)).toContain('東京');
});
