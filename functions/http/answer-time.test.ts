import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type AppError, ERRORS } from '@media-analysis/shared/errors';
import { beginWait } from '../process/answer-limit.ts';
import { answerInTime, type TimedRequest } from './answer-time.ts';

const LIMIT_MS = 24_000;

class Request extends EventEmitter {
  complete = false;
  readableFlowing: boolean | null = null;
}

let request: Request;
let response: { headersSent: boolean };
let told: 'nothing' | 'late' | 'done';
let lateness: AppError | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  request = new Request();
  response = { headersSent: false };
  told = 'nothing';
  lateness = undefined;
});
afterEach(() => {
  jest.useRealTimers();
});

/** By default the work never ends. */
function begin(work: () => Promise<void> = () => new Promise(() => undefined)) {
  const onLate = (late: AppError) => {
    lateness = late;
    // Like the router.
    response.headersSent = true;
  };
  answerInTime(request as unknown as TimedRequest, response, LIMIT_MS, work, onLate).then(
    () => {
      told = 'done';
    },
    () => {
      told = 'late';
    },
  );
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test('a request that is not answered hears so when its time is over', async () => {
  begin();
  await pass(LIMIT_MS - 1);
  expect(told).toBe('nothing');
  await pass(1);
  expect(told).toBe('late');
  expect(lateness && ERRORS[lateness.code].status).toBe(503);
});

test('the time does not count while a sender has to send more, and begins when all is here', async () => {
  begin();
  await pass(LIMIT_MS - 1);
  request.readableFlowing = true;
  request.emit('resume');
  await pass(10 * LIMIT_MS);
  expect(told).toBe('nothing');
  request.complete = true;
  request.emit('end');
  await pass(LIMIT_MS - 1);
  expect(told).toBe('nothing');
  await pass(1);
  expect(told).toBe('late');
});

test('the time counts while we do not take what is sent', async () => {
  begin();
  request.readableFlowing = true;
  request.emit('resume');
  request.readableFlowing = false;
  await pass(LIMIT_MS);
  expect(told).toBe('late');
});

test('a stream that has begun goes on', async () => {
  begin();
  response.headersSent = true;
  await pass(10 * LIMIT_MS);
  expect(told).toBe('nothing');
});

test('what a service is asked gets the time that is left, and nothing once that is over', async () => {
  const waits: number[] = [];
  begin(async () => {
    for (;;) {
      waits.push(beginWait(LIMIT_MS / 2).ms);
      await new Promise((resolve) => setTimeout(resolve, LIMIT_MS / 2 + 1_000));
    }
  });
  await pass(2 * LIMIT_MS);
  expect(waits.slice(0, 3)).toEqual([LIMIT_MS / 2, LIMIT_MS / 2 - 1_000, 0]);
});

test('what goes on after the answer has as much time as it needs', async () => {
  let later: Promise<number> | undefined;
  begin(async () => {
    later = new Promise((resolve) => setTimeout(resolve, 10 * LIMIT_MS)).then(
      () => beginWait(LIMIT_MS).ms,
    );
  });
  await pass(10 * LIMIT_MS);
  expect(told).toBe('done');
  expect(await later).toBe(LIMIT_MS);
});
