import { expect, test } from '@jest/globals';
import { readSwitch, writeSwitch } from './remembered.ts';

test('a switch is on until it is switched off, and each is remembered by itself', () => {
  const kept = new Map<string, string>();
  const storage = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  expect(readSwitch('details', storage)).toBe(true);
  writeSwitch('details', false, storage);
  expect([readSwitch('details', storage), readSwitch('boxes', storage)]).toEqual([false, true]);
  writeSwitch('details', true, storage);
  expect(readSwitch('details', storage)).toBe(true);
});

test('where the browser forbids it, a switch is on and nothing is thrown', () => {
  const storage = (): Storage => {
    throw new DOMException('denied', 'SecurityError');
  };
  writeSwitch('boxes', false, storage);
  expect(readSwitch('boxes', storage)).toBe(true);
});
