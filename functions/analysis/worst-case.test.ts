import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../process/model-name.ts';
import { worstCaseOf } from './worst-case.ts';

const MODEL = `googleai/${EXAMPLE_GEMINI}`;

const videoOf = (duration_s: number | null) =>
  worstCaseOf(MODEL, { kind: 'video', duration_s }, [], 0);

test('each second of a video can cost a frame, its time and its sound', () => {
  expect(videoOf(600).input - videoOf(500).input).toBe(100 * (70 + 10 + 32));
});

test('a video whose length is not known can cost what the longest does that the model watches', () => {
  expect(videoOf(null)).toEqual(videoOf(45 * 60));
});
