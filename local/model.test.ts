import { afterEach, expect, jest, test } from '@jest/globals';
import { chooseModel } from './model.ts';

const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
afterEach(() => {
  warn.mockClear();
});

test.each([
  ['hold', 'local/facts', 1],
  ['hold', 'openai/qwen2.5vl:7b', 0],
  ['off', 'local/facts', 0],
])(
  'with MODERATION=%s and %s, %i times it says that nothing would be shown',
  (MODERATION, ANALYSIS_MODEL, times) => {
    chooseModel({ MODERATION, ANALYSIS_MODEL });
    expect(warn).toHaveBeenCalledTimes(times);
  },
);
