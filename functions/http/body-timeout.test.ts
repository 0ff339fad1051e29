import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type AppError, ERRORS } from '@media-analysis/shared/errors';
import { acceptShape } from '../core/accept/settings.ts';
import { type BodyTimeouts, watchBody } from './body-timeout.ts';
import { bodyShape } from './settings.ts';

const setting = (name: keyof typeof bodyShape) => bodyShape[name].parse(undefined);

/** As they are deployed. */
const DEPLOYED: BodyTimeouts = {
  stallMs: setting('BODY_STALL_S') * 1_000,
  totalMs: setting('BODY_TOTAL_S') * 1_000,
  floor: { bytes: setting('BODY_MIN_BYTES_PER_MINUTE'), windowMs: 60_000 },
};

class Request extends EventEmitter {
  paused = false;
  isPaused = () => this.paused;
  pause(): void {
    this.paused = true;
    this.emit('pause');
  }
  resume(): void {
    this.paused = false;
    this.emit('resume');
  }
}

const watch = (request: Request, onLate: (error: AppError) => void, timeouts = DEPLOYED) =>
  watchBody(request as unknown as IncomingMessage, timeouts, onLate);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Sends `bytes` at a speed. @returns the watch's error, and after how many seconds it came */
function send(bytes: number, bytesPerSecond: number, everySeconds = 1) {
  const request = new Request();
  let said: { message: string; afterS: number } | undefined;
  let second = 0;
  const stop = watch(request, (error) => {
    said ??= { message: error.message, afterS: second };
  });
  for (let sent = 0; sent < bytes && !said; second++) {
    if (second % everySeconds === 0) {
      request.emit('data', Buffer.alloc(bytesPerSecond * everySeconds));
      sent += bytesPerSecond * everySeconds;
    }
    jest.advanceTimersByTime(1_000);
  }
  stop();
  return said;
}

test('a file of 31 MiB gets through at 95 kB/s', () => {
  expect(send(acceptShape.MAX_FILE_BYTES.parse(undefined), 95_000)).toBeUndefined();
});

test('photos of 3 MB get through at 8 kB/s, also on a line that is silent for 25 s at a time', () => {
  expect(send(3_000_000, 8_000)).toBeUndefined();
  expect(send(3_000_000, 8_000, 25)).toBeUndefined();
});

test('a body that comes at less than 2 kB/s is ended after a minute', () => {
  expect(send(1_000_000, 1_900)).toEqual({
    message: expect.stringMatching(/too slowly/),
    afterS: 59,
  });
  expect(send(1_000_000, 1, 20)?.afterS).toBe(59);
});

test('a sender of whom that is said may send again: 408', () => {
  const request = new Request();
  const onLate = jest.fn();
  watch(request, onLate);
  jest.advanceTimersByTime(DEPLOYED.stallMs);
  expect(onLate).toHaveBeenCalledWith(expect.objectContaining({ code: 'request_timeout' }));
  expect(ERRORS.request_timeout).toMatchObject({ status: 408, retryable: true });
});

test('a minute in which we have paused the sender is not counted against it', () => {
  const request = new Request();
  const onLate = jest.fn();
  const stop = watch(request, onLate);
  request.pause();
  jest.advanceTimersByTime(100_000);
  request.resume();
  jest.advanceTimersByTime(15_000);
  expect(onLate).not.toHaveBeenCalled();
  request.emit('data', Buffer.alloc(1));
  jest.advanceTimersByTime(25_000);
  request.emit('data', Buffer.alloc(1));
  jest.advanceTimersByTime(25_000);
  request.emit('data', Buffer.alloc(1));
  jest.advanceTimersByTime(15_000);
  expect(onLate).toHaveBeenCalledTimes(1);
  stop();
  expect(request.eventNames()).toEqual([]);
});

test('time in which we have paused the sender does not count as time that its body takes', () => {
  const request = new Request();
  const onLate = jest.fn();
  const stop = watch(request, onLate, { stallMs: 1_000_000, totalMs: 10_000 });
  for (let second = 0; second < 9; second++) {
    request.pause();
    jest.advanceTimersByTime(10_000);
    request.resume();
    jest.advanceTimersByTime(1_000);
  }
  // If both come at once, Node emits the end of one pause after the start of the next.
  request.pause();
  request.emit('resume');
  jest.advanceTimersByTime(100_000);
  request.resume();
  jest.advanceTimersByTime(999);
  expect(onLate).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(onLate).toHaveBeenCalledTimes(1);
  stop();
});

test('after a pause, the sender has the whole time for its next byte', () => {
  const request = new Request();
  const onLate = jest.fn();
  const stop = watch(request, onLate);
  jest.advanceTimersByTime(1_000);
  request.pause();
  jest.advanceTimersByTime(28_000);
  request.resume();
  jest.advanceTimersByTime(29_999);
  expect(onLate).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(onLate).toHaveBeenCalledTimes(1);
  stop();
});
