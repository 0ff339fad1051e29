/** The functions-framework that is deployed, and what our units switch off of it. */
import { fileURLToPath } from 'node:url';
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
    heldInMemory: 0,
    streamed: 14,
    contentType: 'application/json',
    requestTimeoutMs: 0,
  });
});

// If this fails, the framework has become better: remove what `functions/hosting/framework.ts` does about it.
test('still needed: the framework runs a request in a domain, and holds its body in memory', async () => {
  expect(await ask({ PLAIN: '1' })).toMatchObject({ isInDomain: true, heldInMemory: 14 });
});

// If this fails, the framework has an option, or no limit any more: remove `leaveTimeToUs`.
test('still needed: the framework ends a request that takes five minutes to arrive', async () => {
  expect(await ask({ PLAIN: '1' })).toMatchObject({ requestTimeoutMs: 300_000 });
});

test('a request of a unit that is open at SIGTERM is answered', async () => {
  expect(await askAtTheEnd()).toBe('answered');
});

// If this fails, the framework has become better: `functions/hosting/shutdown.ts` need not set its listener aside.
test('still needed: the framework exits at once on SIGTERM', async () => {
  await expect(askAtTheEnd({ PLAIN: '1' })).rejects.toThrow('terminated');
});
