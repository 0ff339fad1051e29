import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from './catalog/model-name.ts';
import { UsageMeter } from './usage-meter.ts';

const ASKED = `googleai/${EXAMPLE_GEMINI}`;
const SAID = { modelVersion: EXAMPLE_GEMINI, retirementTime: undefined, isWhole: true };

function meterAfter(said: Partial<Parameters<UsageMeter['answered']>[0]>): UsageMeter {
  const meter = new UsageMeter(ASKED, 0);
  meter.call(ASKED, { tokens: { input: 2_000, output: 500 }, costUsd: 0.01 });
  meter.answered({ ...SAID, tokens: { input: 1_000, output: 100 }, ...said });
  return meter;
}

test('an answer says which version of the model gave it', () => {
  expect(meterAfter({ modelVersion: `${EXAMPLE_GEMINI}-001` }).model).toBe(`${ASKED}-001`);
});

test('a version without a price of its own costs what the model that was asked costs, and the receipt says that this is no more than likely', () => {
  const known = meterAfter({});
  const version = `${EXAMPLE_GEMINI}-preview-12-2026`;
  const meter = meterAfter({ modelVersion: version });
  expect(known.lastCost).toBeGreaterThan(0);
  expect(meter.lastCost).toBe(known.lastCost);
  const { cost_usd, model, estimated } = meter.usage(1);
  expect([cost_usd, model, estimated]).toEqual([known.lastCost, `googleai/${version}`, true]);
  expect(known.usage(1).estimated).toBeUndefined();
});

test('if the model that was asked has no price either, the cost is not known', () => {
  const meter = new UsageMeter('googleai/gemini-of-tomorrow', 0);
  meter.call('googleai/gemini-of-tomorrow', { tokens: { input: 9, output: 9 }, costUsd: 0.01 });
  meter.answered({
    ...SAID,
    modelVersion: 'gemini-of-tomorrow-001',
    tokens: { input: 9, output: 9 },
  });
  expect(meter.lastCost).toBeNull();
  expect(meter.usage(1).estimated).toBeUndefined();
});

// The sums of a month have a field of this name, and Firestore takes names of at most 1,500 bytes.
test.each(['x'.repeat(2_000), '', 'a\nb'])(
  'what can be no name of a model does not count',
  (said) => {
    expect(meterAfter({ modelVersion: said }).usage(1).model).toBe(ASKED);
  },
);

test.each([
  { input: 1_000, output: 1e12 },
  { input: 1_000, cached: 1e12, output: 100 },
  { input: 1_000, cached: 1_001, output: 100 },
  { input: 20_001, output: 100 },
  { input: 1_000, output: 5_001 },
])(
  'a count of tokens that no call can take is not known, and does not use up a limit in dollars: %j',
  (tokens) => {
    const meter = meterAfter({ tokens });
    expect(meter.usage(1)).toMatchObject({ input_tokens: 0, output_tokens: 0, cost_usd: null });
    expect(meter.lastCost).toBeNull();
  },
);

test('of an answer that broke off, the most that was thought possible counts in its place', () => {
  const meter = meterAfter({ tokens: { input: 1e300, output: 0 }, isWhole: false });
  expect(meter.usage(1)).toMatchObject({ input_tokens: 2_000, output_tokens: 500, cost_usd: 0.01 });
});
