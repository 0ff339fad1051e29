/** The functions-framework that is deployed, and what our units switch off of it. */
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { functionCommand } from '../../../local/base/units.ts';
import { Instance } from '../../../local/front/instance.ts';

let running: Instance;
afterEach(() => running.stop());

/** @returns the function's address. */
async function start(environment: Record<string, string>): Promise<string> {
  const entry = fileURLToPath(new URL('./echo.ts', import.meta.url));
  running = new Instance({ command: functionCommand('echo', entry), environment });
  return `http://127.0.0.1:${await running.listening()}`;
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
  void running.stop();
  return response.text();
}

test('a request of a unit runs in no domain, and its body is left to the handler', async () => {
  expect(await ask()).toEqual({
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

// If this fails, the framework has no domains, or Node's no longer follow each promise: remove `withoutDomains`.
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

test('a request of a unit that is open at SIGTERM is answered', async () => {
  expect(await askAtTheEnd()).toBe('answered');
});

// If this fails, the framework has become better: `functions/hosting/shutdown.ts` need not set its listener aside.
test('still needed: the framework exits at once on SIGTERM', async () => {
  await expect(askAtTheEnd({ PLAIN: '1' })).rejects.toThrow('terminated');
});
