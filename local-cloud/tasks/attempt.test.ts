import { status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { beginAttempt, decideRetry, type PushResult } from './attempt.ts';
import type { RetryConfig, Task } from './model.ts';

const NOW = 1_700_000_000e6;
const config: RetryConfig = {
  maxAttempts: 5,
  maxRetryDurationMs: 0,
  minBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  maxDoublings: 16,
};
const unreachable: PushResult = {
  kind: 'no_response',
  status: { code: status.UNAVAILABLE, message: 'UNAVAILABLE(14): ECONNREFUSED' },
};

function aTask(dispatchCount: number): Task {
  const progress = { dispatchCount, responseCount: 0, executionCount: 0, firstDispatchUs: NOW };
  return {
    id: 1,
    name: 'projects/p/locations/l/queues/q/tasks/t',
    queue: 'projects/p/locations/l/queues/q',
    createUs: NOW,
    scheduleUs: NOW,
    request: { url: 'http://worker', method: 'POST', headers: {}, deadlineMs: 600_000 },
    progress: { ...progress, lastAttempt: { scheduleUs: NOW, dispatchUs: NOW } },
    body: new Uint8Array(),
  };
}

function response(httpStatus: number, retryAfterMs?: number): PushResult {
  return { kind: 'response', httpStatus, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function decide(dispatchCount: number, result: PushResult) {
  return decideRetry(aTask(dispatchCount), result, config, NOW, NOW);
}

describe('after an attempt', () => {
  test.each([200, 201, 204, 299])('%d ends the task', (httpStatus) => {
    expect(decide(1, response(httpStatus))).toEqual({ kind: 'end' });
  });

  test.each([199, 300, 302, 400, 404, 429, 500, 503])('%d is tried again', (httpStatus) => {
    expect(decide(1, response(httpStatus)).kind).toBe('retry');
  });

  test('no response is tried again', () => {
    expect(decide(1, unreachable).kind).toBe('retry');
  });

  test('a failure of the last allowed attempt ends the task', () => {
    expect(decide(4, response(500)).kind).toBe('retry');
    expect(decide(5, response(500))).toEqual({ kind: 'end' });
  });

  test('the next attempt comes after the backoff', () => {
    expect(decide(3, response(500))).toMatchObject({ scheduleUs: NOW + 4_000e3 });
  });

  test('a longer wait that the target asks for replaces the backoff, a shorter one does not', () => {
    expect(decide(1, response(503, 30_000))).toMatchObject({ scheduleUs: NOW + 30_000e3 });
    expect(decide(1, response(503, 10))).toMatchObject({ scheduleUs: NOW + 1_000e3 });
  });

  test('after RunTask the backoff counts from the call', () => {
    const result = decideRetry(aTask(1), response(500), config, NOW + 500e3, NOW);
    expect(result).toMatchObject({ scheduleUs: NOW + 1_000e3 });
  });
});

describe('the history of the attempts', () => {
  test('a 4xx counts as response and execution, a 5xx as response, no answer as neither', () => {
    expect(decide(1, response(404))).toMatchObject({
      progress: { responseCount: 1, executionCount: 1, lastHttpStatus: 404 },
    });
    expect(decide(1, response(500))).toMatchObject({
      progress: { responseCount: 1, executionCount: 0, lastHttpStatus: 500 },
    });
    expect(decide(1, unreachable)).toMatchObject({
      progress: { responseCount: 0, executionCount: 0 },
    });
  });

  test.each([
    [400, status.INVALID_ARGUMENT],
    [404, status.NOT_FOUND],
    [429, status.RESOURCE_EXHAUSTED],
    [500, status.INTERNAL],
    [503, status.UNAVAILABLE],
    [302, status.UNKNOWN],
  ])('HTTP %d shows as google.rpc code %d', (httpStatus, code) => {
    expect(decide(1, response(httpStatus))).toMatchObject({
      progress: { lastAttempt: { responseUs: NOW, status: { code } } },
    });
  });

  test('a running attempt has no response yet, and firstDispatch does not change', () => {
    const task = aTask(1);
    task.progress.lastAttempt = {
      scheduleUs: NOW,
      dispatchUs: NOW,
      responseUs: NOW,
      status: { code: 13, message: '' },
    };
    expect(beginAttempt(task, NOW + 1)).toEqual({
      dispatchCount: 2,
      responseCount: 0,
      executionCount: 0,
      firstDispatchUs: NOW,
      lastAttempt: { scheduleUs: NOW, dispatchUs: NOW + 1 },
    });
  });
});
