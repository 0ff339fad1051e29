import { expect, test } from '@jest/globals';
import { labelSchema } from './labels.ts';
import { receiptScoreOf } from './receipt-score.ts';

const { receipt = null } = labelSchema.parse({
  tags: [],
  receipt: {
    date: '2026-03-14',
    currency: [null, 'USD'],
    total_cents: 530,
    items: [
      { name: ['Tomato soup', 'Tomato soup x2'], quantity: 2, amount_cents: 230 },
      { name: 'Tea', amount_cents: 300 },
    ],
  },
});
const soup = { name: 'TOMATO SOUP', quantity: 2, amount_cents: 230 };
const tea = { name: 'Tea', quantity: null, amount_cents: 300 };
const ANSWER = { date: '2026-03-14', currency: 'USD', total_cents: 530, items: [soup, tea] };
const score = (change: object) => receiptScoreOf({ ...ANSWER, ...change }, receipt);

test('all of a receipt can be right, in other words too', () => {
  const all = { total: true, currency: true, date: true, rows: 2, writtenRows: 2, wrong: [] };
  expect(score({})).toEqual(all);
  expect(score({ currency: null, items: [tea, soup] })).toEqual(all);
});

test.each([
  ['another total', { total_cents: 503 }, { total: false, wrong: ['total 503'] }],
  ['no total', { total_cents: null }, { total: false, wrong: [] }],
  ['another currency', { currency: 'EUR' }, { currency: false, wrong: ['currency EUR'] }],
  ['another date', { date: '2026-04-14' }, { date: false, wrong: ['date 2026-04-14'] }],
  ['a row less', { items: [soup] }, { rows: 1, wrong: [] }],
  ['a row twice', { items: [soup, tea, tea] }, { rows: 2, wrong: ['Tea: 300'] }],
  [
    'a wrong amount',
    { items: [soup, { ...tea, amount_cents: 3 }] },
    { rows: 1, wrong: ['Tea: 3'] },
  ],
  ['an unread amount', { items: [soup, { ...tea, amount_cents: null }] }, { rows: 1, wrong: [] }],
  ['another quantity', { items: [{ ...soup, quantity: 1 }, tea] }, { rows: 1 }],
])('%s counts', (_, change, expected) => {
  expect(score(change)).toMatchObject(expected);
});

test('where there is no receipt, each value is wrong', () => {
  const nothing = { date: null, currency: null, total_cents: null, items: [] };
  expect(receiptScoreOf(nothing, null)).toEqual({
    total: null,
    currency: null,
    date: null,
    rows: 0,
    writtenRows: 0,
    wrong: [],
  });
  expect(receiptScoreOf({ ...nothing, total_cents: 1, items: [tea] }, null).wrong).toEqual([
    ...['Tea: 300', 'total 1'],
  ]);
});
