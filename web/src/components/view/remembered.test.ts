import { afterEach, expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { useSwitch } from './remembered.ts';

const { localStorage: before } = globalThis;
const keepIn = (storage: unknown) =>
  Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true });
afterEach(() => void keepIn(before));

const turns: (() => void)[] = [];
function Switch({ name }: { name: 'details' | 'map' }) {
  const [isOn, turn] = useSwitch(name, name === 'map' ? 'off' : 'on');
  turns.push(turn);
  return `${name} ${isOn} `;
}

const drawn = () =>
  renderToStaticMarkup(
    (['details', 'map'] as const).map((name) => createElement(Switch, { key: name, name })),
  );

test('each switch is remembered by itself, and is as it was meant to be until then', () => {
  const kept = new Map<string, string>();
  keepIn({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  expect(drawn()).toContain('details true map false');
  turns.shift()?.();
  expect(drawn()).toContain('details false map false');
  turns.pop()?.();
  expect(drawn()).toContain('details false map true');
});

test('where the browser forbids it, a switch is as it was meant to be, and nothing is thrown', () => {
  const forbidden = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  keepIn({ getItem: forbidden, setItem: forbidden });
  expect(drawn()).toContain('details true map false');
  turns.pop()?.();
});
