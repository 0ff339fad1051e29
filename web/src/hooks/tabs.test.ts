import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { settle } from '../client/testing.ts';
import { openTabs } from './tabs.ts';

/** Stands in for the browser's objects that the tabs need. */
function stand(locks: object): void {
  const events = { addEventListener: () => undefined, removeEventListener: () => undefined };
  const given = {
    navigator: { locks },
    document: { ...events, visibilityState: 'visible' },
    ...events,
  };
  for (const [name, value] of Object.entries(given)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
let turns: number;
const events = { onTurn: () => turns++, onWants: () => undefined, onNews: () => undefined };

beforeEach(() => {
  turns = 0;
});
afterEach(() => {
  if (before) Object.defineProperty(globalThis, 'navigator', before);
});

const refusing = (name: string) => ({
  request: () => Promise.reject(new DOMException('Access is denied.', name)),
});

test('a tab follows for itself where the browser gives no locks, as with blocked site data', async () => {
  stand(refusing('SecurityError'));
  const tabs = openTabs('refused', events);
  await settle();
  expect(tabs.isLeading()).toBe(true);
  expect(turns).toBeGreaterThan(0);
  tabs.close();
});
