/** Metrics and alerts search for log messages. If a message changes only in the code, they find nothing. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (pattern: string) =>
  globSync(pattern, { cwd: root, exclude: (path) => path.endsWith('.test.ts') })
    .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    .join('\n');

const terraform = read('terraform/*.tf');
const code = read('functions/**/*.ts');

function named(pattern: RegExp): string[] {
  return [...new Set([...terraform.matchAll(pattern)].map((match) => match[1] ?? ''))];
}

test('the code logs every message that a metric or an alert searches for', () => {
  const messages = named(/jsonPayload\.message=\\?"([^"\\]+)/g);
  expect(messages).toEqual(expect.arrayContaining(['analysed', 'failed', 'pushed']));
  const logged = (message: string) => new RegExp(`logger[^;]*'${message}'\\)`).test(code);
  expect(messages.filter((message) => !logged(message))).toEqual([]);
});

test('the code knows every field that a metric reads', () => {
  const fields = named(/EXTRACT\(jsonPayload\.(\w+)\)/g).filter((field) => field !== 'message');
  expect(fields).toEqual(expect.arrayContaining(['age_p99_ms', 'cost_usd']));
  expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(code))).toEqual([]);
});
