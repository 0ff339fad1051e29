import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Admission } from './admission.ts';

const gauges = { memory: () => memory, busy: () => busy };
let memory: number;
let busy: number;
let admission: Admission;

beforeEach(() => {
  jest.useFakeTimers();
  [memory, busy] = [0.5, 0.5];
  admission = new Admission(gauges, () => 0.5);
});

afterEach(() => {
  jest.useRealTimers();
});

test('a stream is admitted while there is memory and time', () => {
  [memory, busy] = [0.89, 0.97];
  jest.advanceTimersByTime(60_000);
  expect(() => admission.admit()).not.toThrow();
});

test('no stream is admitted while memory is full', () => {
  memory = 0.9;
  expect(() => admission.admit()).toThrow(
    expect.objectContaining({ code: 'unavailable', retryAfterMs: 3_000 }),
  );
  memory = 0.8;
  expect(() => admission.admit()).not.toThrow();
});

test('one busy second is no reason to refuse, three are', () => {
  busy = 1;
  jest.advanceTimersByTime(2_000);
  expect(() => admission.admit()).not.toThrow();
  jest.advanceTimersByTime(1_000);
  expect(() => admission.admit()).toThrow('This server is busy');
  busy = 0.5;
  jest.advanceTimersByTime(1_000);
  expect(() => admission.admit()).not.toThrow();
});

test('this process has room', () => {
  expect(() => new Admission().admit()).not.toThrow();
});
