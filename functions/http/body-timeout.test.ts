import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { AppError } from '@media-analysis/shared/errors';
import { UNIT_SETTINGS } from '../process/config.ts';
import { type BodyTimeouts, watchBody } from './body-timeout.ts';

const setting = (name: string) => UNIT_SETTINGS.api[name]?.parse(undefined) as number;

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
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Sends `bytes` at a speed. @returns what the watch had to say, and after how many seconds */
function send(bytes: number, bytesPerSecond: number, everySeconds = 1) {
  const request = new Request();
  let said: { message: string; afterS: number } | undefined;
  let second = 0;
  const stop = watchBody(request as unknown as IncomingMessage, DEPLOYED, (error: AppError) => {
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
  expect(send(setting('MAX_FILE_BYTES'), 95_000)).toBeUndefined();
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

test('a minute in which we have paused the sender is not counted against it', () => {
  const request = new Request();
  const onLate = jest.fn();
  const stop = watchBody(request as unknown as IncomingMessage, DEPLOYED, onLate);
  request.pause();
  jest.advanceTimersByTime(100_000);
  request.paused = false;
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
  expect(request.listenerCount('pause')).toBe(0);
});
