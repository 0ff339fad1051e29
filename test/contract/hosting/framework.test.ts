/** The functions-framework that is deployed, and what our units switch off of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { functionCommand } from '../../../local/base/units.ts';
import { Instance } from '../../../local/front/instance.ts';

const ECHO = functionCommand('echo', fileURLToPath(new URL('./echo.ts', import.meta.url)));
const PRELOAD = new URL('../../../local/base/unit.ts', import.meta.url);

let running: Pick<Instance, 'stop'> | undefined;
afterEach(() => running?.stop());

/** @returns the function's address. */
async function start(environment: Record<string, string>): Promise<string> {
  const instance = new Instance({ command: ECHO, environment });
  running = instance;
  return `http://127.0.0.1:${await instance.listening()}`;
}

/** @returns the answers for `paths`, and what the process prints as an error by its end. */
async function askFor(paths: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', PRELOAD.href, ...ECHO], {
    env: { ...process.env, PORT: '0', NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  running = { stop: async () => void child.kill() };
  const printed = text(child.stderr as Readable);
  const [{ listening }] = (await once(child, 'message')) as [{ listening: number }];
  const answers: { status: number; body: string }[] = [];
  for (const path of paths) {
    const response = await fetch(`http://127.0.0.1:${listening}${path}`);
    answers.push({ status: response.status, body: await response.text() });
  }
  child.kill();
  return { answers, printed: await printed };
}

/** @returns what the function says of a request with 14 bytes of JSON. */
async function ask(environment: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(await start(environment), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"sent":"yes"}',
  });
  return response.json();
}

/** @returns the answer to a request that is open when SIGTERM comes. */
async function askAtTheEnd(environment: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${await start(environment)}/slow`);
  void running?.stop();
  return response.text();
}

test('a request of a unit runs in no domain, and its body is left to the handler', async () => {
  expect(await ask()).toEqual({
    url: '/',
    isInDomain: false,
    promisesAreFollowed: false,
    heldInMemory: 0,
    streamed: 14,
    contentType: 'application/json',
    requestTimeoutMs: 0,
  });
});

// If this fails, the framework has become better: remove what `functions/hosting/framework.ts` does about it.
test('still needed: the framework holds the body of a request in memory, and ends one that takes five minutes', async () => {
  expect(await ask({ PLAIN: '1' })).toMatchObject({ heldInMemory: 14, requestTimeoutMs: 300_000 });
});

// If this fails, the framework has no domains, or Node's no longer follow each promise: remove `disableDomains`.
test('still needed: the framework runs a request in a domain, which follows each promise', async () => {
  expect(await ask({ PLAIN: '1' })).toMatchObject({ isInDomain: true, promisesAreFollowed: true });
});

// If this fails, look whether the new option leaves bodies unread, or sets the time that a request may take.
test('still needed: the framework has no option for bodies, for the time of a request, or for domains', async () => {
  const index = createRequire(import.meta.url).resolve('@google-cloud/functions-framework');
  const { parseOptions } = await import(new URL('./options.js', pathToFileURL(index)).href);
  expect(Object.keys(parseOptions([], {})).sort()).toEqual([
    'enableExecutionId',
    'ignoredRoutes',
    'port',
    'printHelp',
    'signatureType',
    'sourceLocation',
    'target',
    // Ends the answer to a request, and not the request.
    'timeoutMilliseconds',
  ]);
});

test('a unit gets each address as it was sent, and nothing is printed', async () => {
  const paths = ['/api/media/%zz', '/%E0%A4%A/content?q=%zz', '/favicon.ico'];
  const { answers, printed } = await askFor(paths);
  expect(answers.map(({ body }) => JSON.parse(body).url)).toEqual(paths);
  expect(printed).toBe('');
});

// If this fails, the framework decodes no address any more: remove `hideAddresses`.
test('still needed: the framework answers an address that it cannot decode, and prints a stack', async () => {
  expect(await askFor(['/%zz'], { PLAIN: '1' })).toEqual({
    answers: [{ status: 400, body: expect.stringContaining('<html') }],
    printed: expect.stringContaining('URIError'),
  });
});

test('a request of a unit that is open at SIGTERM is answered', async () => {
  expect(await askAtTheEnd()).toBe('answered');
});

// If this fails, the framework has become better: `functions/hosting/shutdown.ts` need not set its listener aside.
test('still needed: the framework exits at once on SIGTERM', async () => {
  await expect(askAtTheEnd({ PLAIN: '1' })).rejects.toThrow('terminated');
});
