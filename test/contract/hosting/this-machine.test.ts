/**
 * Why a unit is started on this machine as it is: what `local/base/unit.ts`, `local/base/units.ts` and `local/dev/unit.ts` do about
 * the framework, the logger and Genkit. If a test fails, its line of `docs/workarounds.md` is over.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, jest, test } from '@jest/globals';
import pino from 'pino';
import { functionCommand } from '../../../local/base/units.ts';

const FRAMEWORK = '@google-cloud/functions-framework';
const here = (path: string) => new URL(path, import.meta.url);

afterEach(() => {
  jest.restoreAllMocks();
});

/** Ends the process when a server is about to listen, with what the server was told. */
const TELL_AND_END = `import net from 'node:net';
net.Server.prototype.listen = (...told) => {
  process.stdout.write(JSON.stringify(told.filter((each) => typeof each !== 'function')));
  process.exit(0);
};`;

test('still needed: the framework tells its server a port, and no host', async () => {
  const preload = new URL(`data:text/javascript,${encodeURIComponent(TELL_AND_END)}`);
  const command = functionCommand('echo', fileURLToPath(here('./echo.ts')));
  const child = spawn(process.execPath, ['--import', preload.href, ...command], {
    env: { ...process.env, PORT: '8123', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(JSON.parse(await text(child.stdout))).toEqual(['8123']);
});

test('still needed: the framework does not list its command for import', () => {
  const { resolve } = createRequire(import.meta.url);
  expect(resolve(FRAMEWORK)).toMatch(/index\.js$/);
  expect(() => resolve(`${FRAMEWORK}/build/src/main.js`)).toThrow();
});

test('still needed: at its end, the logger writes again when nobody reads any more', () => {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 1_000 });
  destination.write('the last line\n');
  const write = jest.spyOn(fs, 'writeSync').mockReturnValue('the last line\n'.length);
  for (let time = 0; time < 2; time++) {
    write.mockImplementationOnce(() => {
      throw Object.assign(new Error('nobody reads'), { code: 'EPIPE' });
    });
  }
  destination.flushSync();
  expect(write).toHaveBeenCalledTimes(3);
});

/** Loads Genkit first, as the process that waits under `npm run dev` does, and then takes a moment for its end. */
const GENKIT_FIRST = `import { setTimeout as sleep } from 'node:timers/promises';
const { loadGenkit } = await import(${JSON.stringify(here('../../../functions/analysis/genkit.ts').href)});
await loadGenkit(['local/facts'], {});
process.on('SIGTERM', async () => {
  await sleep(100);
  process.stdout.write('done');
  process.exit(0);
});
process.stdout.write('ready ');
setInterval(() => undefined, 1_000);`;

test('still needed: Genkit that was loaded first ends the process before what comes after it', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', GENKIT_FIRST], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const [said] = await Promise.all([text(child.stdout as Readable), once(child, 'exit')]);
  expect(said).toBe('ready ');
});
