import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { media } from '../client/testing.ts';
import { overallProgress } from './progress.ts';
import { readSavedProgress, saveProgress } from './saved-progress.ts';

const stored = new Map<string, string>();
const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
const value = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, text: string) => void stored.set(key, text),
};
beforeAll(() => {
  Object.defineProperty(globalThis, 'localStorage', { value, configurable: true });
});
afterAll(() => {
  Reflect.deleteProperty(globalThis, 'localStorage');
  if (before) Object.defineProperty(globalThis, 'localStorage', before);
});

const begun = { ...media('a'), progress: 0 };

test('a media whose file an earlier page has sent is as far as it was there', () => {
  expect(overallProgress(undefined, begun)).toBe(0.15);
  saveProgress([['a', { sent: 1_000, sendingShare: 0.6 }]]);
  readSavedProgress();
  expect(overallProgress(undefined, begun)).toBe(0.6);
  // The speed of the line was not known yet.
  saveProgress([['a', { sent: 1_000, sendingShare: null }]]);
  readSavedProgress();
  expect(overallProgress(undefined, begun)).toBe(0.15);
});

test('what another version has written is no number that a card shows', () => {
  const odd = (fields: object) =>
    JSON.stringify([['a', { sent: 1, sendingShare: 0.6, at: Date.now(), ...fields }]]);
  for (const text of [
    ...['{', 'null', '{}', '[["a"]]', '["a"]'],
    ...[
      odd({ sent: 'x' }),
      odd({ sendingShare: 9 }),
      odd({ sendingShare: 'x' }),
      odd({ at: null }),
    ],
    // A later attempt starts from zero.
    odd({ at: Date.now() - 2 * 3_600_000 }),
  ]) {
    stored.set('media-analysis-sent-1', text);
    expect(readSavedProgress().get('a')?.sent).toBeUndefined();
    expect(overallProgress(undefined, begun)).toBe(0.15);
  }
});
