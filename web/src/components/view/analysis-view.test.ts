import { expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { AnalysisInfo } from '../../client/index.ts';
import { analysisInfo } from '../../client/testing.ts';
import { en, type Words, WordsProvider } from '../words/index.ts';
import { ja } from '../words/ja.ts';
import { AnalysisView } from './analysis-view.tsx';
import { briefly } from './analysis-words.ts';

const optional = (type: string) => ({ anyOf: [{ type }, { type: 'null' }] });

const RECEIPT = analysisInfo({
  translations: { ja: { labels: { total_cents: '合計', 'items.name': '品名' } } },
  output: {
    type: 'object',
    properties: {
      merchant: { description: 'Shop', ...optional('string') },
      currency: optional('string'),
      items: {
        description: 'Items',
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { description: 'Item', type: 'string' },
            quantity: optional('number'),
            amount_cents: { description: 'Amount', ...optional('integer') },
          },
        },
      },
      total_cents: { description: 'Total', ...optional('integer') },
    },
  },
});

const OUTPUT = {
  total_cents: 123_456,
  merchant: 'Corner Shop',
  currency: 'EUR',
  items: [
    { name: 'Bread', quantity: 2, amount_cents: 350 },
    { name: 'Discount', quantity: null, amount_cents: -50 },
  ],
};

function viewOf(
  output: Record<string, unknown>,
  info: AnalysisInfo | undefined = RECEIPT,
  words: Words = en,
): string {
  const view = createElement(AnalysisView, { info, output });
  return renderToStaticMarkup(createElement(WordsProvider, { value: words }, view));
}

/** Each field with its text: `Shop: Corner Shop`. Of a table, the rows. */
function linesOf(markup: string): string[] {
  const text = markup
    .replaceAll(/<\/tr>|<\/div>|<\/dl>|<\/p>|<caption>/g, '\n')
    .replaceAll(/<\/dt>/g, ': ')
    .replaceAll(/<\/(td|th|li)>/g, ' | ')
    .replaceAll(/<[^>]*>/g, '');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

test('fields stand in the order of the schema, a list of objects as a table, amounts as money', () => {
  expect(linesOf(viewOf(OUTPUT))).toEqual([
    'Shop: Corner Shop',
    'currency: EUR',
    'Items: Item | quantity | Amount |',
    'Bread | 2 | €3.50 |',
    'Discount | — | -€0.50 |',
    'Total: €1,234.56',
  ]);
});

test('labels are translated; yen have no smaller unit', () => {
  const lines = linesOf(viewOf({ ...OUTPUT, currency: 'JPY' }, RECEIPT, ja));
  expect(lines).toContain('合計: ￥123,456');
  expect(lines).toContain('Items: 品名 | quantity | Amount |');
  expect(lines).toContain('Bread | 2 | ￥350 |');
});

test.each([null, '€ 5', undefined])(
  'without a currency an amount is the number that it is, and the view says so: %s',
  (currency) => {
    const lines = linesOf(viewOf({ ...OUTPUT, currency }));
    expect(lines).toContain('Total: 123,456');
    expect(lines.at(-1)).toMatch(/^The currency is not known/);
  },
);

test('a currency holds for what stands inside of its object too', () => {
  const lines = linesOf(viewOf({ currency: 'EUR', sum: { net_cents: 100 } }));
  expect(lines.at(-1)).toBe('sum: net cents: €1.00');
});

test('an answer in which nothing was found is one sentence, and empty fields are not drawn', () => {
  const empty = { merchant: null, currency: null, items: [{ name: '' }], total_cents: null };
  expect(linesOf(viewOf(empty))).toEqual(['No receipt was found in this photo.']);
  expect(linesOf(viewOf(empty, RECEIPT, ja))).toEqual([
    'この写真にはReceiptが見つかりませんでした。',
  ]);
  expect(linesOf(viewOf({ ...empty, total_cents: 0, currency: 'EUR' }))).toEqual([
    'currency: EUR',
    'Total: €0.00',
  ]);
  expect(linesOf(renderUnknown({ answer: null }))).toEqual(['Nothing was found in this photo.']);
});

test('a choice and a list of texts are chips, a truth value is a word, a year gets no comma', () => {
  const info = analysisInfo({
    output: {
      type: 'object',
      properties: {
        kind: { anyOf: [{ type: 'string', enum: ['cash', 'card'] }, { type: 'null' }] },
        words: { type: 'array', items: { type: 'string' } },
        is_paid: { type: 'boolean' },
        year: { type: 'integer' },
        place: { type: 'object', properties: { city: { type: 'string', description: 'City' } } },
      },
    },
  });
  const output = {
    kind: 'card',
    words: ['a', 'a'],
    is_paid: false,
    year: 2026,
    place: { city: 'Kyoto' },
  };
  const markup = viewOf(output, info);
  expect(markup).toContain('<ul class="ma-tags"><li>card</li></ul>');
  expect(markup).toContain('<ul class="ma-tags"><li>a</li><li>a</li></ul>');
  expect(linesOf(markup)).toEqual(
    expect.arrayContaining(['is paid: No', 'year: 2026', 'place: City: Kyoto']),
  );
});

test('an answer of an earlier schema, or of an analysis that is gone, is shown all the same', () => {
  expect(linesOf(viewOf({ ...OUTPUT, tax_cents: 12 }))).toContain('tax cents: €0.12');
  const lines = linesOf(renderUnknown({ answer: 'Two', sizes: [{ cm: 3 }, { cm: 4, kg: 1 }] }));
  expect(lines).toEqual(['answer: Two', 'sizes: cm | kg |', '3 | — |', '4 | 1 |']);
});

function renderUnknown(output: Record<string, unknown>): string {
  const view = createElement(AnalysisView, { info: undefined, output });
  return renderToStaticMarkup(createElement(WordsProvider, { value: en }, view));
}

test('text is text, whatever it looks like', () => {
  expect(viewOf({ merchant: '<b>x</b>' })).toContain('&lt;b&gt;x&lt;/b&gt;');
});

test('the first words of an answer are those that stand on a line', () => {
  expect(briefly(OUTPUT, en)).toBe('€1,234.56 · Corner Shop');
  expect(briefly({ answer: null, items: [] }, en)).toBe('');
});
