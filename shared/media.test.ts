import { describe, expect, test } from '@jest/globals';
import { taskPayloadSchema } from './media.ts';
import { canTransition, isTerminal, MEDIA_STATUSES } from './status.ts';

describe('the status machine', () => {
  const legal = new Set([
    'pending>uploading',
    'pending>analyzing',
    'pending>completed',
    'pending>failed',
    'uploading>analyzing',
    'uploading>completed',
    'uploading>failed',
    'analyzing>completed',
    'analyzing>failed',
    'failed>pending',
    // Its owner asks for another analysis.
    'completed>pending',
    // The status stays the same when progress or a lease is written.
    'pending>pending',
    'uploading>uploading',
    'analyzing>analyzing',
  ]);
  const pairs = MEDIA_STATUSES.flatMap((from) => MEDIA_STATUSES.map((to) => [from, to] as const));

  test.each(pairs)('%s → %s', (from, to) => {
    expect(canTransition(from, to)).toBe(legal.has(`${from}>${to}`));
  });

  test('only completed and failed are terminal', () => {
    expect(MEDIA_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed']);
  });
});

describe('a task payload', () => {
  test.each([
    [{ media_id: 'abc', attempt: 1 }, true],
    [{ media_id: 'abc', attempt: 0 }, false],
    [{ media_id: '../etc', attempt: 1 }, false],
    [{ media_id: '', attempt: 1 }, false],
    [{ media_id: 'a'.repeat(128), attempt: 1 }, true],
    [{ media_id: 'a'.repeat(129), attempt: 1 }, false],
    [{ media_id: 'abc', attempt: 1, bytes: 'no' }, false],
  ])('%j is valid: %s', (payload, valid) => {
    expect(taskPayloadSchema.safeParse(payload).success).toBe(valid);
  });
});
