/** Each row of docs/workarounds.md names code and tests that are there, and each test of a workaround is in a row. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const rows = [...read('docs/workarounds.md').matchAll(/^\| (.+) \|$/gm)]
  .map(([, row = '']) => row.split(' | '))
  .filter(([first]) => first !== 'What' && !first?.startsWith('---'));

const tests = execFileSync('git', ['ls-files', '*.test.ts'], { cwd: ROOT, encoding: 'utf8' });
const titles = tests
  .trim()
  .split('\n')
  .flatMap((path) => [...read(path).matchAll(/\btest\(\s*'([^'\n]+)'/g)].map(([, t = '']) => t));

/** The tests that the last column names. A long title ends with `…` there. */
const named = rows.flatMap((row) =>
  [...(row.at(-1) ?? '').matchAll(/\*([^*]+)\*/g)].map(([, name = '']) => name.replace(/ ?…$/, '')),
);

test('each test that a row names is there', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(named.filter((name) => !titles.some((title) => title.startsWith(name)))).toEqual([]);
});

test('each test of what is still needed is named by a row', () => {
  const needed = titles.filter((title) => title.startsWith('still needed'));
  expect(needed.length).toBeGreaterThan(15);
  expect(needed.filter((title) => !named.some((name) => title.startsWith(name)))).toEqual([]);
});

test('the code that a row names is in the file beside it', () => {
  const places = rows.flatMap(([, where = '']) =>
    [...where.matchAll(/`(\w+)` in \[`[^`]+`\]\(\.\.\/([^)]+)\)/g)].map(
      ([, code = '', file = '']) => ({ code, file }),
    ),
  );
  expect(places.length).toBeGreaterThan(10);
  expect(places.filter(({ code, file }) => !read(file).includes(code))).toEqual([]);
});
