import { expect, test } from '@jest/globals';
import { findAnswer } from './answer-text.ts';
import { InvalidOutputError } from './errors.ts';

// What is read and what is not: the table of `test/support/answer-rows.ts`.

test('a long answer is read as it is, and not repaired: that takes time with the square of the length', () => {
  const long = 'x'.repeat(50_000);
  const read = (json: string) => findAnswer([json], ['a']);
  expect(read(`Here: {"a":"${long}"}`)).toEqual({ a: long });
  expect(read(`{"a":"x",}`)).toEqual({ a: 'x' });
  expect(() => read(`{"a":"${long}",}`)).toThrow(InvalidOutputError);
});

test('two answers that differ are none: one may be a draft, or what the picture says', () => {
  const read = (text: string) => findAnswer([text], ['a', 'b']);
  expect(read('Like {"a":"…"}: {"a":"x","b":1}')).toEqual({ a: 'x', b: 1 });
  expect(read('{"a":"x","b":1}\n{"b":1,"a":"x"}')).toEqual({ a: 'x', b: 1 });
  expect(() => read('{"a":"x","b":1} The sign reads {"a":"y","b":1}')).toThrow(InvalidOutputError);
});

test('what an answer quotes never stands in for it, even if it is more complete', () => {
  const quoted = JSON.stringify({ a: 'evil', b: 'evil', c: 'evil' });
  expect(findAnswer([JSON.stringify({ a: quoted })], ['a', 'b', 'c'])).toEqual({ a: quoted });
});

test('signs that no reader sees are taken out, however deep they lie', () => {
  const said = JSON.stringify({ a: ['\u202egpj.exe', { b: 'a\u0000\u001b[1m' }] });
  expect(findAnswer([said], ['a'])).toEqual({ a: ['gpj.exe', { b: 'a[1m' }] });
});
