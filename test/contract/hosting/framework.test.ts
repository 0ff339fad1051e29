/** The functions-framework that is deployed, and what our units switch off of it. */
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { Instance } from '../../../local/front/instance.ts';
import { functionCommand } from '../../../local/units.ts';

let running: Instance;
afterEach(() => running.stop());

/** @returns what the function says of a request with 14 bytes of JSON. */
async function ask(environment: Record<string, string> = {}): Promise<unknown> {
  const entry = fileURLToPath(new URL('./echo.ts', import.meta.url));
  running = new Instance({ command: functionCommand('echo', entry), environment });
  const response = await fetch(`http://127.0.0.1:${await running.listening()}/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"sent":"yes"}',
  });
  return response.json();
}

test('a request of a unit runs in no domain, and its body is left to the handler', async () => {
  expect(await ask()).toEqual({
    isInDomain: false,
    heldInMemory: 0,
    streamed: 14,
    contentType: 'application/json',
  });
});

// If this fails, the framework has become better: remove what `functions/hosting/framework.ts` does about it.
test('still needed: the framework runs a request in a domain, and holds its body in memory', async () => {
  expect(await ask({ PLAIN: '1' })).toMatchObject({ isInDomain: true, heldInMemory: 14 });
});
