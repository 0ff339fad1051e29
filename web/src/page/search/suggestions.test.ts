import { expect, test } from '@jest/globals';
import { labelIn } from '@media-analysis/shared/labels';
import type { Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import { suggestionsOf } from './suggestions.ts';

interface Seen {
  tags?: string[];
  objects?: string[];
  place?: unknown;
}

const seen = ({ tags = [], objects = [], place = null }: Seen) =>
  media('a', {
    analytics: {
      tags,
      objects: objects.map((label) => ({ label, confidence: 1 })),
      capture: { place },
    } as unknown as Media['analytics'],
  });
const PARIS = {
  city: 'Paris',
  region: 'Île-de-France',
  country: 'FR',
  translations: { ja: { city: 'パリ', region: 'イル＝ド＝フランス' } },
};
const inEnglish = (...all: Media[]) => suggestionsOf(all, 'en', (name) => name);

test('the most frequent word is first, and each stands there once', () => {
  const { labels, places } = inEnglish(
    seen({ tags: ['cat', 'sofa'], objects: ['cat', 'cat', 'cat'] }),
    seen({ tags: ['Dog', ' '], place: PARIS }),
    seen({ tags: ['dog'], objects: ['sofa'], place: PARIS }),
    seen({ tags: ['dog', 'paris'] }),
    media('unread', { analytics: null }),
  );
  expect(labels).toEqual(['Dog', 'sofa', 'cat', 'paris']);
  expect(places).toEqual(['Paris', 'Île-de-France', 'France']);
});

test('in Japanese they are called as the page calls them', () => {
  const all = [seen({ tags: ['cat', 'my own'], place: PARIS }), seen({ place: { latitude: 1 } })];
  const { labels, places } = suggestionsOf(all, 'ja', (name) => labelIn('ja', name));
  expect(labels).toEqual(['猫', 'my own']);
  expect(places).toEqual(['パリ', 'イル＝ド＝フランス', 'フランス']);
});

test('there are at most fifty', () => {
  const tags = Array.from({ length: 60 }, (_, n) => `tag ${n}`);
  expect(inEnglish(seen({ tags })).labels).toHaveLength(50);
});
