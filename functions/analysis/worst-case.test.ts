import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from './catalog/model-name.ts';
import { costInUsd } from './prices.ts';
import { highestCostInUsd, worstCaseOf } from './worst-case.ts';

const MODEL = `googleai/${EXAMPLE_GEMINI}`;

const videoOf = (duration_s: number | null) =>
  worstCaseOf(MODEL, { kind: 'video', duration_s }, [], 0);

test('each second of a video can cost a frame, its time and its sound', () => {
  expect(videoOf(600).input - videoOf(500).input).toBe(100 * (70 + 10 + 32));
});

test('a video whose length is not known can cost what the longest does that the model watches', () => {
  expect(videoOf(null)).toEqual(videoOf(45 * 60));
});

test('an answer of the successor is paid for, too', () => {
  const tokens = { input: 10_000, output: 16_384 };
  const now = Date.parse('2026-11-25T00:00:00Z');
  const highest = (name: string) => highestCostInUsd(`googleai/${name}`, tokens, now);
  // The service lets 3.5 Flash answer instead of the preview before it.
  expect(highest('gemini-3-flash-preview')).toBe(
    costInUsd('googleai/gemini-3.5-flash', tokens, now),
  );
  expect(highest('gemini-3.5-flash')).toBe(costInUsd('googleai/gemini-3.5-flash', tokens, now));
});

test('the frames of a video can cost as many pictures', () => {
  const video = { kind: 'video', duration_s: 600 } as const;
  const costOf = (pictures: number) => {
    const content = Array.from({ length: pictures }, () => ({ media: { url: 'data:,' } }));
    return worstCaseOf('openai/gpt', video, [{ role: 'user', content }], 0).input;
  };
  expect([costOf(1), costOf(8)]).toEqual([26_000, 8 * 26_000]);
});
