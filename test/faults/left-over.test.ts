/** A test that leaves a timer behind, in a run of this one file: Jest's own timers are in the same process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { endWithUs } from '../support/end-with-us.ts';
import { orHang } from '../support/hang-limit.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'left-over-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the run ends, and has failed', async () => {
  writeFileSync(join(folder, 'a.test.js'), "test('a', () => { setInterval(() => {}, 1_000); });");
  const config = {
    rootDir: folder,
    testEnvironment: pathOf('test/support/jest/environment.js'),
    reporters: [pathOf('test/support/jest/reporter.js')],
    transform: {},
  };
  const args = [pathOf('node_modules/jest/bin/jest.js'), '--config', JSON.stringify(config)];
  const run = endWithUs(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  try {
    const [said, [code]] = await orHang(
      Promise.all([text(run.stderr), once(run, 'exit')]),
      'the end of the run',
    );
    expect(said).toMatch(/goes on/);
    expect(code).toBe(1);
  } finally {
    run.kill('SIGKILL');
  }
});
