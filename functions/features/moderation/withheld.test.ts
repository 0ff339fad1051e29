import { Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { mediaRecord } from '../../../test/support/media.ts';
import { type Decision, join, known, type Verdict, withheldOf } from './withheld.ts';

const decided = (kind: Decision['kind'], verdict: Verdict, ms = 1): Decision => ({
  kind,
  verdict,
  by: 'kim',
  at: Timestamp.fromMillis(ms),
});
const approved = decided('approved', 'unsafe');
const analytics = (verdict: Verdict) =>
  ({ safety: { verdict, categories: [] } }) as never as Analytics;
const record = (verdict: Verdict, decisions: Decision[], last: Verdict = 'unknown') =>
  mediaRecord({
    analytics: analytics(last),
    moderation: { content: 'x', ...known(verdict, decisions) },
  });

test.each<[string, Verdict, Decision[], string | undefined]>([
  ['never judged', 'unknown', [], 'unchecked'],
  ['safe', 'safe', [], undefined],
  ['sensitive', 'sensitive', [], undefined],
  ['unsafe', 'unsafe', [], 'unsafe'],
  ['approved', 'unsafe', [approved], undefined],
  ['approved unchecked', 'unknown', [decided('approved', 'unknown')], undefined],
  ['approved unchecked, and then unsafe', 'unsafe', [decided('approved', 'unknown')], 'unsafe'],
  [
    'approved as sensitive, and then unsafe',
    'unsafe',
    [decided('approved', 'sensitive')],
    'unsafe',
  ],
  ['rejected', 'safe', [decided('rejected', 'safe')], 'rejected'],
  ['rejected, and then unsafe', 'unsafe', [decided('rejected', 'safe')], 'rejected'],
  [
    'approved and then rejected',
    'unsafe',
    [approved, decided('rejected', 'unsafe', 2)],
    'rejected',
  ],
  [
    'rejected and then approved',
    'safe',
    [decided('rejected', 'safe'), decided('approved', 'safe', 2)],
    undefined,
  ],
])('%s', (_, verdict, decisions, held) => {
  expect(withheldOf(record(verdict, decisions), 'hold')).toBe(held);
  expect(withheldOf(record(verdict, decisions), 'off')).toBeUndefined();
});

describe('of a media that was analysed before moderation was on', () => {
  test.each<[Verdict, string | undefined]>([
    ['unsafe', 'unsafe'],
    ['safe', undefined],
    ['unknown', 'unchecked'],
  ])('its analysis says %s', (verdict, held) => {
    expect(withheldOf(mediaRecord({ analytics: analytics(verdict) }), 'hold')).toBe(held);
  });
});

test('a worse analysis counts even before it was judged', () => {
  expect(withheldOf(record('safe', [], 'unsafe'), 'hold')).toBe('unsafe');
});

test.each<[Verdict, string]>([
  ['safe', 'unchecked'],
  ['sensitive', 'unchecked'],
  ['unsafe', 'unsafe'],
])('frames that were sent along with a video and are %s leave it %s', (verdict, held) => {
  const seen = { ...analytics(verdict), notes: ['from_frames' as const] };
  expect(withheldOf(mediaRecord({ analytics: seen }), 'hold')).toBe(held);
});

test('two states give the same in either order, and once more changes nothing', () => {
  const [one, two] = [decided('approved', 'safe', 5), decided('rejected', 'safe', 3)];
  const [a, b] = [known('safe', [one]), known('unsafe', [two, one])];
  const both = { verdict: 'unsafe', decisions: [two, one], waits: true };
  expect(join(a, b)).toEqual(both);
  expect(join(b, a)).toEqual(both);
  expect(join(join(a, b), a)).toEqual(both);
});
