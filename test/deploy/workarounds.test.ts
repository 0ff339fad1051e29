/** Each line of docs/workarounds.md names code and tests that are there, and each test of a workaround is in a line. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const lines = [...read('docs/workarounds.md').matchAll(/^- (.+)$/gm)].map(([, line = '']) => line);
const named = lines.flatMap((line) =>
  [...line.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path = '']) => path),
);

const tests = execFileSync('git', ['ls-files', '*.test.ts'], { cwd: ROOT, encoding: 'utf8' });
const holding = tests
  .trim()
  .split('\n')
  .filter((path) => /\btest\(\s*'still needed/.test(read(path)));

test('the files that lines name are those with a test of what is still needed', () => {
  expect(lines.length).toBeGreaterThan(15);
  expect([...new Set(named)].sort()).toEqual([...holding].sort());
});

test('each line without such a test says so', () => {
  const silent = lines.filter((line) => !/\.test\.ts`|no test/.test(line));
  expect(silent).toEqual([]);
});

test('the code that a line names is in the file behind it', () => {
  const places = lines.flatMap((line) =>
    [...line.matchAll(/((?:`\w+`(?:, )?)+) in \[`[^`]+`\]\(\.\.\/([^)]+)\)/g)].flatMap(
      ([, code = '', file = '']) => [...code.matchAll(/\w+/g)].map(([name]) => ({ name, file })),
    ),
  );
  expect(places.length).toBeGreaterThan(10);
  expect(places.filter(({ name, file }) => !read(file).includes(name))).toEqual([]);
});
