import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from './catalog/model-name.ts';
import { costInUsd } from './prices.ts';

const NOVEMBER = Date.parse('2026-11-25');
const MILLION = { input: 1e6, output: 1e6 };
const LITE = `googleai/${EXAMPLE_GEMINI}`;

test.each([
  [LITE, 0.3 + 2.5],
  [`vertexai/${EXAMPLE_GEMINI}`, 0.3 + 2.5],
  // An answer may name a version of the model.
  [`vertexai/${EXAMPLE_GEMINI}-001`, 0.3 + 2.5],
  ['googleai/gemini-3.5-flash', 1.5 + 9],
  ['googleai/gemini-3.6-flash', 0.75 + 3.75],
  ['googleai/gemini-3.7-flash', 0.75 + 3.75],
  ['googleai/gemini-3.8-flash', 0.75 + 3.75],
  ['local/vision', 0],
  ['local/facts', 0],
  ['googleai/gemini-from-next-year', null],
])('a million tokens in and out of %s cost %p dollars', (model, expected) => {
  expect(costInUsd(model, MILLION, NOVEMBER)).toBe(expected);
});

test('the cost of a photo is exact, although it is a fraction of a cent', () => {
  expect(costInUsd(LITE, { input: 1_900, output: 600 })).toBe(0.00207);
});

test('an announced price counts from its day on', () => {
  const cost = (day: string) => costInUsd('vertexai/gemini-3.8-flash', MILLION, Date.parse(day));
  expect(cost('2026-12-31T23:59:59Z')).toBe(4.5);
  expect(cost('2027-01-01')).toBe(9);
});

test('sound and cached tokens have prices of their own', () => {
  const tokens = { input: 1_000_000, audio: 400_000, cached: 100_000, output: 0 };
  expect(costInUsd('googleai/gemini-3-flash-preview', tokens)).toBe(0.25 + 0.4 + 0.005);
});

test('a prompt of more than 200,000 tokens costs more where the price list says so', () => {
  const cost = (model: string, input: number) => costInUsd(model, { input, output: 0 }, NOVEMBER);
  expect(cost('googleai/gemini-3.1-pro-preview', 200_000)).toBe(0.4);
  expect(cost('googleai/gemini-3.1-pro-preview', 200_001)).toBe(0.800004);
  expect(cost('googleai/gemini-3.8-flash', 1e6)).toBe(0.75);
});

test('an unknown rate makes the cost unknown, if there are tokens of that kind', () => {
  const model = 'googleai/gemini-3.1-flash-lite';
  expect(costInUsd(model, { input: 1e6, output: 0 })).toBe(0.25);
  expect(costInUsd(model, { input: 1e6, audio: 1, output: 0 })).toBeNull();
});
