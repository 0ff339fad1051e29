import { expect, test } from '@jest/globals';
import { media } from '../web/src/client/testing.ts';
import type { Item } from './batch.ts';
import { barsOf, fit, lineOf, sumOf, tableOf } from './words.ts';

const item = (fields: Partial<Item>): Item => ({
  ...{ path: 'a.jpg', size: 1_000_000, sentBytes: 0, state: 'waiting', ...fields },
});
const refused = item({
  ...{ path: '写真.txt', state: 'ended', problem: { code: 'x', message: 'No photo.' } },
});
const completed = item({
  state: 'ended',
  media: {
    ...media('1', { status: 'completed' }),
    analyses: {
      shop: {
        ...{ status: 'completed', input: {}, model: null, version: null, usage: null },
        ...{ error_code: null, error_message: null, updated_at: '2026-11-27T00:00:00.000Z' },
        output: { merchant: 'Café', total_cents: 420, items: [1, 2], tip: null },
      },
    },
  },
});

test('a table stands in columns, also with letters that take two places', () => {
  expect(tableOf([completed, refused], undefined)).toBe(
    'a.jpg     completed  shop: merchant Café, total_cents 420, items 2\n写真.txt  refused    No photo.',
  );
  expect(tableOf([completed], 20)).toBe('a.jpg  completed  s…');
});

test('text is cut off at whole letters', () => {
  expect(fit('写真です', 5)).toBe('写真…');
  expect(fit('写真です', 8)).toBe('写真です');
});

test('names and words cannot give orders to the terminal', () => {
  const path = '\u001b[2Jgone\u202egpj.exe\n.jpg';
  expect(lineOf(item({ path }))).toBe('not sent [2Jgone gpj.exe .jpg');
});

test('the sum counts each state once', () => {
  expect(sumOf([completed, refused, refused])).toBe('1 completed, 2 refused.');
});

test('bars say how much is sent and analysed, and what waits', () => {
  const waiting = media('2', { status: 'analyzing', progress: 0.5 });
  const retry = { wait_code: 'analysis_quota', retry_at: '2026-11-27T00:00:00.000Z' } as const;
  const items = [
    completed,
    item({ state: 'accepted', media: { ...waiting, ...retry } }),
    item({ sentBytes: 500_000 }),
    item({}),
  ];
  expect(barsOf(items).split('\n')).toEqual([
    `Sending    ${'█'.repeat(19)}${'░'.repeat(11)} 2.5 of 4.0 MB`,
    `Analysing  ${'█'.repeat(11)}${'░'.repeat(19)} 1 of 4`,
    '1 wait: analysis_quota',
  ]);
});
