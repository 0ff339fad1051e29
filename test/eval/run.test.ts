/** `npm run eval` with options that it cannot follow. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const COMMAND = fileURLToPath(new URL('run.ts', import.meta.url));

test.each([
  [
    ['--analyses', 'describe,mood'],
    '--analyses: "mood" is none that has labels to compare with: there are describe, receipt\n',
  ],
  [['--repeats', 'often'], '--repeats: must be a number\n'],
])('%j: one line says what is wrong', async (args, stderr) => {
  const run = promisify(execFile)(process.execPath, [COMMAND, ...args]);
  await expect(run).rejects.toMatchObject({ code: 2, stderr });
});
