import { expect, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { EARLIER_UNSEEN, UNSEEN } from '@media-analysis/shared/local-models';
import { analyticsOf } from '../../../test/support/library.ts';
import { FIELDS, fieldsOfTerm, searchFieldsOf, withoutSuffix } from './fields.ts';

const file = { file_name: 'beach.jpg', content_type: 'image/jpeg' };

test('a media that was not analysed is found by the name of its file', () => {
  expect(searchFieldsOf({ ...file, analytics: null })).toEqual({
    version: 10,
    terms: ['photo', 'jpg', 'beach'],
    places: ' photo:32 jpg:32 beach:16 ',
    kind: 'image',
    people: null,
    safety: 'unknown',
    taken: null,
  });
});

test('when it was taken is found before it is described, and without what was measured', () => {
  const taken_at = '2019-04-14T16:02:11';
  const facts = { capture: { taken_at } };
  expect(searchFieldsOf({ ...file, analytics: null, facts }).taken).toBe(taken_at);
  const analytics = { ...analyticsOf({ title: 'Lake' }), capture: { taken_at, camera: null } };
  expect(searchFieldsOf({ ...file, analytics }).taken).toBe(taken_at);
});

test('a term says of each place where it was found', () => {
  const analytics = analyticsOf({ title: 'Dogs', tags: ['dog'], text: 'dog', summary: 'wood' });
  const { places } = searchFieldsOf({ ...file, analytics });
  expect(fieldsOfTerm(places, 'dog')).toBe(FIELDS.title | FIELDS.tag | FIELDS.text);
  expect(fieldsOfTerm(places, 'wood')).toBe(FIELDS.summary);
  expect(fieldsOfTerm(places, 'do')).toBe(0);
});

test('an English tag is found by its Japanese name', () => {
  const analytics = analyticsOf({ title: 'Rex', tags: ['dog'] });
  expect(searchFieldsOf({ ...file, analytics }).terms).toContain('犬');
});

test.each([...Object.values(UNSEEN.en), ...Object.values(UNSEEN.ja), ...EARLIER_UNSEEN])(
  'nothing is found by what the built-in model did not see: %s',
  (sentence) => {
    const summaryOf = (summary: string) =>
      searchFieldsOf({ ...file, analytics: analyticsOf({ title: '', summary }) }).places;
    const seen = ' beach:16 photo:32 jpg:32 sky:8 blue:8 sharp:8 ';
    expect(summaryOf('Sky blue; sharp.').split(' ').sort()).toEqual(seen.split(' ').sort());
    expect(summaryOf(`${sentence} Sky blue; sharp.`)).toBe(summaryOf('Sky blue; sharp.'));
    expect(summaryOf(`Sky blue; sharp. ${sentence}`)).toBe(summaryOf('Sky blue; sharp.'));
    const part = { start_s: 0, end_s: 1, summary: sentence };
    const analytics = analyticsOf({ title: '', summary: 'Sky blue; sharp.' });
    const ofParts = searchFieldsOf({ ...file, analytics: { ...analytics, segments: [part] } });
    expect(ofParts.places).toBe(summaryOf('Sky blue; sharp.'));
  },
);

test.each([
  ['video/mp4', 'video'],
  ['image/gif', 'photo'],
])('%s is found as a %s', (content_type, word) => {
  const { places } = searchFieldsOf({ file_name: 'a.bin', content_type, analytics: null });
  expect(places).toContain(` ${word}:32 `);
});

test('a long text leaves the words of the title and the tags, and at most 300 terms', () => {
  const text = Array.from({ length: 900 }, (_, n) => `w${n}`).join(' ');
  const { terms } = searchFieldsOf({
    ...file,
    analytics: analyticsOf({ title: 'Menu', tags: ['paper'], text }),
  });
  expect(terms).toHaveLength(300);
  expect(terms.slice(0, 4)).toEqual(['photo', 'jpg', 'paper', 'menu']);
});

test('a crowd counts as the most that a search can ask for', () => {
  const analytics = analyticsOf({ title: 'Crowd', people: 73 });
  expect(searchFieldsOf({ ...file, analytics }).people).toBe(10);
});

const persons = (...confidences: number[]) =>
  confidences.map((confidence) => ({ label: 'person', confidence, box: null }));
const faces = (count: number) =>
  Array.from({ length: count }, () => ({ label: 'face', confidence: 0.9, box: null }));

test.each([
  ['nothing', 'local/vision', [], 0],
  ['2 people (perhaps 3)', 'local/vision', persons(0.9, 0.5, 0.4), 2],
  ['possibly 2 people', 'local/vision', persons(0.49, 0.35), 2],
  ['three faces, and possibly a body', 'local/vision', [...faces(3), ...persons(0.4)], 3],
  ['nothing', 'local/facts', [], null],
  ['nothing', 'googleai/gemini-3', [], null],
  ['two people', 'googleai/gemini-3', persons(0.9, 0.9), null],
])('where no people were counted, of %s by %s', (_, model, objects, people) => {
  const analytics = { ...analyticsOf({ title: 'Lake', people: null }), model, objects };
  expect(searchFieldsOf({ ...file, analytics }).people).toBe(people);
});

test('of a page no people are a guess, as its title and summary say nothing of them', () => {
  const analytics = analyticsOf({ title: '“Menu”', tags: ['document'], people: null });
  const peopleIn = (objects: Analytics['objects']) =>
    searchFieldsOf({ ...file, analytics: { ...analytics, objects } }).people;
  expect(peopleIn(persons(0.4))).toBe(null);
  expect(peopleIn(persons(0.6))).toBe(1);
});

test('a media has terms of the day on which it was taken, and of the one that its name says', () => {
  const termsFor = (file_name: string, taken_at: string | null) =>
    searchFieldsOf({
      ...file,
      file_name,
      analytics: null,
      facts: { capture: { taken_at } },
    }).terms.filter((term) => term.startsWith('@'));
  const july = ['@2024', '@2024-07', '@2024-07-14', '@07', '@07-14'];
  expect(termsFor('beach.jpg', '2024-07-14T16:02:11')).toEqual(july);
  expect(termsFor('IMG-20240714-WA0001.jpg', null)).toEqual(july);
  expect(termsFor('IMG_20240714_160211.jpg', '2024-07-14T16:02:11')).toEqual(july);
  expect(termsFor('beach.jpg', null)).toEqual([]);
});

const tokyo = {
  latitude: 35.66,
  longitude: 139.7,
  city: 'Tokyo',
  region: 'Tokyo',
  country: 'JP',
  translations: { ja: { city: '東京', region: '東京都' } },
};

test('where it was taken is found in English and Japanese, and before it is described', () => {
  const facts = { capture: { place: tokyo } };
  const { terms, places } = searchFieldsOf({ ...file, analytics: null, facts });
  expect(terms).toEqual(['photo', 'jpg', 'tokyo', '東京', 'japan', '日本', 'beach']);
  expect(fieldsOfTerm(places, 'tokyo')).toBe(FIELDS.location);
  const analytics = {
    ...analyticsOf({ title: 'Lake' }),
    capture: { camera: null, ...facts.capture, taken_at: null },
  };
  expect(searchFieldsOf({ ...file, analytics }).terms).toContain('東京');
});

test('a long text leaves the place and the camera', () => {
  const text = Array.from({ length: 900 }, (_, n) => `w${n}`).join(' ');
  const facts = { capture: { place: tokyo, camera: 'Apple iPhone 15' } };
  const tags = Array.from(
    { length: 30 },
    (_, n) => `tag${n} a${n} b${n} c${n} d${n} e${n} f${n} g${n} h${n} i${n}`,
  );
  const { terms } = searchFieldsOf({
    ...file,
    facts,
    analytics: analyticsOf({ title: 'Menu', tags, text }),
  });
  expect(terms).toHaveLength(300);
  expect(terms).toEqual(expect.arrayContaining(['tokyo', '日本', 'iphone', '15']));
});

test.each([
  ['東京都', '東京'],
  ['京都府', '京都'],
  ['京都', '京都'],
  ['横浜市', '横浜'],
  ['四日市市', '四日市'],
  ['津市', '津市'],
  ['大阪府堺市', '大阪 堺市'],
  ['北海道', '北海道'],
  ['カリフォルニア州', 'カリフォルニア'],
  ['ユーコン準州', 'ユーコン'],
  ['ヨーロッパ', 'ヨーロッパ'],
  ['Tokyo', 'Tokyo'],
])('of %s, %s is the name', (text, name) => {
  expect(withoutSuffix(text).trim()).toBe(name);
});
