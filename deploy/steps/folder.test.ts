import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdFolder } from './folder.ts';

let root: string;
let path: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'media-analysis-folder-'));
  mkdirSync(join(root, 'terraform'));
  path = join(root, 'terraform/.deploying');
});
afterAll(() => rmSync(root, { recursive: true }));

test('a second run from the same folder is refused, and one that was killed stands in nobody’s way', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  writeFileSync(path, String(other.pid));
  expect(() => holdFolder(root)).toThrow(`from this folder (process ${other.pid})`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  const leave = holdFolder(root);
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid));
  leave();
  expect(existsSync(path)).toBe(false);
});

test('a file without a number is nobody’s', () => {
  writeFileSync(path, '');
  holdFolder(root)();
  expect(existsSync(path)).toBe(false);
});
