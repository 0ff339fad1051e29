import { expect, test } from '@jest/globals';
import type { Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import { paceOf } from './pace.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();
const one = (change: Partial<Media>, second: number): Media => ({
  ...media('a'),
  created_at: at(0),
  updated_at: at(second),
  ...change,
});
const ended = (second: number) => one({ status: 'completed' }, second);
const working = (second: number) => one({ status: 'analyzing' }, second);

test('too few results, or too little time, say nothing', () => {
  expect(paceOf([])).toBeNull();
  expect(paceOf([ended(30), ended(60), working(60)])).toBeNull();
  expect(paceOf([ended(1), ended(2), ended(3), working(4)])).toBeNull();
});

test('is that of the times of the server: a reload and another tab know the same', () => {
  const ends = Array.from({ length: 15 }, (_, n) => ended((n + 1) * 8));
  expect(paceOf([...ends, working(120)])).toEqual({ passed: 120, secondsEach: 8 });
});

test('a group of results that end together says nothing of the next group', () => {
  const group = Array.from({ length: 8 }, () => ended(16));
  expect(paceOf([...group, working(32)])?.secondsEach).toBe(4);
});

test('follows results that get slower', () => {
  const quick = Array.from({ length: 30 }, (_, n) => ended(n + 1));
  const slow = Array.from({ length: 10 }, (_, n) => ended(30 + (n + 1) * 20));
  expect(paceOf([...quick, ...slow])?.secondsEach).toBe(20);
});

test('what is tried again was made long before', () => {
  const again = one({ status: 'analyzing', attempts: 2, created_at: at(-90_000) }, 20);
  expect(paceOf([ended(10), ended(20), ended(30), again])?.passed).toBe(30);
});

test('the night before a batch goes on, as with the limit of a day, is no time of its work', () => {
  const night = 15 * 3_600;
  const before = Array.from({ length: 5 }, (_, n) => ended((n + 1) * 2));
  const began = { created_at: at(night) };
  const first = one({ ...began, status: 'analyzing' }, night + 2);
  const after = [one({ ...began, status: 'completed' }, night + 2), first];
  expect(paceOf([...before, first])).toEqual({ passed: 12, secondsEach: 2.4 });
  expect(paceOf([...before, ...after])).toEqual({ passed: 12, secondsEach: 2 });
});

test('results that come late were long worked on', () => {
  const ends = [ended(1_000), ended(2_000), ended(3_000), working(3_900)];
  expect(paceOf(ends)).toEqual({ passed: 3_900, secondsEach: 1_300 });
});
