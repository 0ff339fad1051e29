import { expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Timeline } from './media-words.tsx';

test('a part begins at the second that the player shows there', () => {
  const segments = [
    { start_s: 0, end_s: 2.6, summary: 'White' },
    { start_s: 2.6, end_s: 3_600, summary: 'Red' },
    { start_s: 3_599.9, end_s: 3_600, summary: 'Blue' },
  ];
  const props = { segments, duration: 3_600, player: null };
  const html = renderToStaticMarkup(createElement(Timeline, props));
  const times = html.match(/(?<=<time>)[^<]+/g);
  expect(times).toEqual(['0:00', '0:02', '59:59']);
});
