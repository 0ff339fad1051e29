import { describe, expect, test } from '@jest/globals';
import type { WireQueue } from './model.ts';
import { newQueue, updatedQueue } from './queue-config.ts';

const name = 'projects/p/locations/l/queues/q';

describe('a new queue', () => {
  test('has the defaults of the service', () => {
    expect(newQueue({ name })).toEqual({
      name,
      state: 'RUNNING',
      rateLimits: {
        maxDispatchesPerSecond: 500,
        maxBurstSize: 100,
        maxConcurrentDispatches: 1_000,
      },
      retryConfig: {
        maxAttempts: 100,
        maxRetryDurationMs: 0,
        minBackoffMs: 100,
        maxBackoffMs: 3_600_000,
        maxDoublings: 16,
      },
    });
  });

  test('has a burst that follows from its rate and not from the message', () => {
    const rateLimits = { maxDispatchesPerSecond: 1, maxBurstSize: 77 };
    expect(newQueue({ name, rateLimits }).rateLimits.maxBurstSize).toBe(10);
  });

  test.each<[string, WireQueue]>([
    ['500 dispatches a second', { rateLimits: { maxDispatchesPerSecond: 500 } }],
    ['5000 at a time', { rateLimits: { maxConcurrentDispatches: 5_000 } }],
    ['unlimited attempts', { retryConfig: { maxAttempts: -1 } }],
    ['no operation logged', { stackdriverLoggingConfig: { samplingRatio: 0 } }],
  ])('may have %s', (_title, settings) => {
    expect(newQueue({ name, ...settings })).toMatchObject({ name });
  });

  test.each<[string, WireQueue]>([
    ['501 dispatches a second', { rateLimits: { maxDispatchesPerSecond: 501 } }],
    ['a negative rate', { rateLimits: { maxDispatchesPerSecond: -1 } }],
    ['5001 at a time', { rateLimits: { maxConcurrentDispatches: 5_001 } }],
    ['fewer than no attempts', { retryConfig: { maxAttempts: -2 } }],
    ['negative doublings', { retryConfig: { maxDoublings: -1 } }],
    ['a negative backoff', { retryConfig: { minBackoff: { seconds: -1 } } }],
    ['a minimal backoff above the maximal', { retryConfig: { minBackoff: { seconds: 3_601 } } }],
    ['a sampling ratio above 1', { stackdriverLoggingConfig: { samplingRatio: 1.1 } }],
    ['App Engine routing', { appEngineRoutingOverride: { service: 'x' } }],
  ])('may not have %s', (_title, settings) => {
    expect(() => newQueue({ name, ...settings })).toThrow(
      expect.objectContaining({ name: 'RpcError', code: 3 }),
    );
  });
});

test('logging is refused, because this server writes no log', () => {
  const stackdriverLoggingConfig = { samplingRatio: 0.5 };
  expect(() => newQueue({ name, stackdriverLoggingConfig })).toThrow(
    expect.objectContaining({ name: 'RpcError', code: 12 }),
  );
});

describe('an update', () => {
  const queue = {
    ...newQueue({
      name,
      rateLimits: { maxDispatchesPerSecond: 7, maxConcurrentDispatches: 5 },
      retryConfig: { maxAttempts: 9 },
    }),
    state: 'PAUSED' as const,
    purgeUs: 42,
  };

  test('changes only the fields of the mask', () => {
    const wire = {
      name,
      rateLimits: { maxConcurrentDispatches: 6 },
      retryConfig: { maxAttempts: 3 },
    };
    const updated = updatedQueue(queue, wire, ['rate_limits.max_concurrent_dispatches']);
    expect(updated).toEqual({
      ...queue,
      rateLimits: { ...queue.rateLimits, maxConcurrentDispatches: 6 },
    });
  });

  test('replaces a whole group that is in the mask', () => {
    const wire = { name, rateLimits: { maxConcurrentDispatches: 6 } };
    expect(updatedQueue(queue, wire, ['rate_limits']).rateLimits).toEqual({
      maxDispatchesPerSecond: 500,
      maxBurstSize: 100,
      maxConcurrentDispatches: 6,
    });
  });

  test('without a mask replaces every setting', () => {
    const { state, purgeUs } = queue;
    expect(updatedQueue(queue, { name }, [])).toEqual({ ...newQueue({ name }), state, purgeUs });
  });

  test('never changes output-only fields', () => {
    const wire: WireQueue = { name, state: 'RUNNING' };
    expect(updatedQueue(queue, wire, ['state', 'purge_time', 'name'])).toEqual(queue);
  });

  test.each(['rate_limits.speed', 'tasks', 'rateLimits', '__proto__', 'rate_limits.max_attempts'])(
    'refuses the path %s',
    (path) => {
      expect(() => updatedQueue(queue, { name }, [path])).toThrow(/update_mask/);
    },
  );
});
