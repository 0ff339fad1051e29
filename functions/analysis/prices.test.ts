import { expect, test } from '@jest/globals';
import { costInUsd } from './prices.ts';

test.each([
  ['googleai/gemini-2.5-flash', 0.3 + 2.5],
  ['vertexai/gemini-2.5-flash', 0.3 + 2.5],
  ['googleai/gemini-2.5-pro', 11.25],
  ['local/vision', 0],
  ['local/facts', 0],
  ['googleai/gemini-from-next-year', null],
])('a million tokens in and out of %s cost %p dollars', (model, expected) => {
  expect(costInUsd(model, { input: 1e6, output: 1e6 })).toBe(expected);
});

test('a photo costs a fraction of a cent, and it shows', () => {
  expect(costInUsd('googleai/gemini-2.5-flash', { input: 700, output: 200 })).toBe(0.00071);
});

test('a price that was announced counts from its day on', () => {
  const cost = (day: string) =>
    costInUsd('vertexai/gemini-3.8-flash', { input: 1e6, output: 1e6 }, Date.parse(day));
  expect(cost('2026-12-31T23:59:59Z')).toBe(4.5);
  expect(cost('2027-01-01')).toBe(9);
});
