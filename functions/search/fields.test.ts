import { expect, test } from '@jest/globals';
import { analyticsOf } from '../../test/support/library.ts';
import { PLACES, placesIn, searchFieldsOf } from './fields.ts';

const file = { file_name: 'beach.jpg', content_type: 'image/jpeg' };

test('a media that was not analysed is found by the name of its file', () => {
  expect(searchFieldsOf({ ...file, analytics: null })).toEqual({
    version: 3,
    terms: ['beach'],
    places: ' beach:16 ',
    kind: 'image',
    people: null,
    safety: 'unknown',
  });
});

test('a term says of each place where it was found', () => {
  const analytics = analyticsOf({ title: 'Dogs', tags: ['dog'], text: 'dog', summary: 'wood' });
  const { places } = searchFieldsOf({ ...file, analytics });
  expect(placesIn(places, 'dog')).toBe(PLACES.title | PLACES.tag | PLACES.text);
  expect(placesIn(places, 'wood')).toBe(PLACES.summary);
  expect(placesIn(places, 'do')).toBe(0);
});

test('an English tag is found by its Japanese name', () => {
  const analytics = analyticsOf({ title: 'Rex', tags: ['dog'] });
  expect(searchFieldsOf({ ...file, analytics }).terms).toContain('犬');
});

test('a long text leaves the words of the title and the tags, and at most 300 terms', () => {
  const text = Array.from({ length: 900 }, (_, n) => `w${n}`).join(' ');
  const { terms } = searchFieldsOf({
    ...file,
    analytics: analyticsOf({ title: 'Menu', tags: ['paper'], text }),
  });
  expect(terms).toHaveLength(300);
  expect(terms.slice(0, 2)).toEqual(['paper', 'menu']);
});

test('a crowd counts as the most that a search can ask for', () => {
  const analytics = analyticsOf({ title: 'Crowd', people: 73 });
  expect(searchFieldsOf({ ...file, analytics }).people).toBe(10);
});

test.each([
  ['local/vision', [], 0],
  ['local/vision', ['cat'], 0],
  // Perhaps a person: it was not sure enough to count.
  ['local/vision', ['cat', 'person'], null],
  ['local/vision', ['face'], null],
  ['local/facts', [], null],
  ['googleai/gemini-3', [], null],
])('nobody counts as seen where %s saw %j', (model, labels, people) => {
  const objects = labels.map((label) => ({ label, confidence: 0.4, box: null }));
  const analytics = { ...analyticsOf({ title: 'Lake', people: null }), model, objects };
  expect(searchFieldsOf({ ...file, analytics }).people).toBe(people);
});
