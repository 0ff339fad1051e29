import { expect, test } from '@jest/globals';
import type { Import } from '@media-analysis/shared/imports';
import { media } from '../web/src/client/testing.ts';
import type { Item } from './batch.ts';
import { barsOf, failuresOf, fit, importBar, importSum, lineOf, sumOf, tableOf } from './words.ts';

const item = (fields: Partial<Item>): Item => ({
  path: 'a.jpg',
  size: 1_000_000,
  sentBytes: 0,
  state: 'waiting',
  ...fields,
});
const refused = item({
  path: '写真.txt',
  state: 'ended',
  problem: { code: 'x', message: 'No photo.' },
});
const completed = item({
  state: 'ended',
  media: {
    ...media('1', { status: 'completed' }),
    analyses: {
      shop: {
        status: 'completed',
        input: {},
        model: null,
        version: null,
        usage: null,
        error_code: null,
        error_message: null,
        updated_at: '2026-11-27T00:00:00.000Z',
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

const running: Import = {
  id: 'X1',
  source: { gs: 'gs://shop/' },
  in_place: false,
  analyze: true,
  analyses: [],
  language: 'en',
  state: 'running',
  wait_code: null,
  error_code: null,
  error_message: null,
  found: 10,
  accepted: 5,
  skipped: 1,
  done: 3,
  failed: 1,
  in_flight: 1,
  failures: [],
  created_at: '',
  updated_at: '',
  ended_at: null,
  revision: 1,
};

test('an import says how far it is, and why it waits', () => {
  const late: Import = { ...running, wait_code: 'rate_limited' };
  expect(importSum(late)).toBe(
    'Import X1, running: 3 of 10 done, 1 failed, 1 skipped: known, waits (rate_limited).',
  );
  const [bar = '', below] = importBar(running).split('\n');
  expect([bar.match(/█/g)?.length, bar.match(/░/g)?.length]).toEqual([15, 15]);
  expect(below).toBe(importSum(running));
  // No files are found yet.
  expect(importBar({ ...running, found: 0, done: 0, failed: 0, skipped: 0 })).not.toContain('█');
});

test('each failure is named, cut off where the terminal ends, and the others are counted', () => {
  const failure = { name: 'in/\u001b[2Ja.pdf', media_id: null, message: 'It is no photo.' };
  const run: Import = {
    ...running,
    failed: 3,
    failures: [{ ...failure, code: 'unsupported_media_type' }],
  };
  expect(failuresOf(run, undefined)).toBe(
    'failed in/ [2Ja.pdf: It is no photo. (unsupported_media_type)\nand 2 more, which only the log of the service counts\n',
  );
  expect(failuresOf(run, 12)).toBe('failed in/ …\nand 2 more,…\n');
  expect(failuresOf(running, undefined)).not.toContain('failed');
});
