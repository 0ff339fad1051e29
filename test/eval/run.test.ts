/** `npm run eval` with options and settings that it cannot follow. */
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

test('a setting of a provider is read as the worker reads it', async () => {
  const env = { ...process.env, OPENAI_PRICE: 'cheap' };
  const args = [COMMAND, '--models', 'openai/a', '--only', '02-cat'];
  const run = promisify(execFile)(process.execPath, args, { env });
  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr:
      'The configuration is not usable:\n  OPENAI_PRICE: two prices in US dollars, such as 0.15,0.60\n',
  });
});
