/** A run of tests that is killed: what its tests have started ends with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { isRunning } from '../support/is-running.ts';

const HELPER = new URL('../support/end-with-us.ts', import.meta.url).href;

test('a process that a test has started ends with it, although that was killed', async () => {
  const run = `
    import { spawn } from 'node:child_process';
    import { endWithUs } from ${JSON.stringify(HELPER)};
    const busy = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000);";
    console.log(endWithUs(spawn(process.execPath, ['--eval', busy], { stdio: 'ignore' })).pid);
    setInterval(() => {}, 1_000);`;
  const killed = spawn(process.execPath, ['--input-type=module', '--eval', run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(killed.stdout, 'data')) as [Buffer];
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);
  killed.kill('SIGKILL');
  await eventually(async () => (isRunning(pid) ? undefined : true));
});
