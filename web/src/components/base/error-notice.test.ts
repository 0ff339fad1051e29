import { expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { MediaClientError } from '../../client/index.ts';
import { en, WordsProvider } from '../words/index.ts';
import { ja } from '../words/ja.ts';
import { ErrorNotice } from './error-notice.tsx';

const textOf = (status: number, value = en) => {
  const error = new MediaClientError('internal', 'Internal error.', {
    status,
    requestId: '4bf92f',
  });
  const notice = createElement(ErrorNotice, { error });
  const html = renderToStaticMarkup(createElement(WordsProvider, { value }, notice));
  return /<p>(.*?)<\/p>/.exec(html)?.[1];
};

test('the id of the request is shown with what nobody reckoned with, and with nothing else', () => {
  expect(textOf(500)).toBe('Internal error. (ID 4bf92f)');
  expect(textOf(500, ja)).toMatch(/。 \(ID 4bf92f\)$/);
  expect(textOf(409)).toBe('Internal error.');
});
