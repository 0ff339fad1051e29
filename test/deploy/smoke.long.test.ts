/** `npm run smoke` against the whole product, and against what only looks like it. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startProxy, type TestProxy } from '../browser/proxy.ts';
import { currentPage } from '../support/page.ts';
import { client, type Stack, startStack, tokenOf } from '../support/stack.ts';

const SMOKE = fileURLToPath(new URL('../../deploy/smoke.ts', import.meta.url));

let stack: Stack;
let proxy: TestProxy;
beforeAll(async () => {
  [stack] = await Promise.all([startStack(), currentPage()]);
  proxy = await startProxy(stack.url);
});
afterAll(async () => {
  await proxy.close();
  await stack.close();
});

function smoke(
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, SMOKE_TOKEN: '', ...environment };
    execFile(process.execPath, [SMOKE, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

test('passes where everything works, as a user of its own too, and leaves nothing behind', async () => {
  const token = await tokenOf(stack, 'smoker');
  const { code, output } = await smoke([stack.url], { SMOKE_TOKEN: token });
  expect(output).toContain('byte for byte');
  expect(output).toContain(`${stack.url} works.`);
  expect(code).toBe(0);
  const { media } = (await (await client(stack, token).call('/api/media')).json()) as {
    media: unknown[];
  };
  expect(media).toEqual([]);
});

test('fails where streams do not come through, though polling would, and still cleans up', async () => {
  proxy.mode = 'refuse';
  const { code, output } = await smoke([proxy.url]);
  expect(output).toMatch(/^watch +FAILED .*The event stream does not come through/m);
  expect(output).toMatch(/^clean up +ok .*removed$/m);
  expect(code).toBe(1);
});

test('fails where other bytes come back than were sent', async () => {
  proxy.mode = 'pass';
  proxy.damagesContent = true;
  const { code, output } = await smoke([proxy.url]);
  expect(output).toMatch(/^content +FAILED .*What came back \(7 bytes\) is not what was sent/m);
  expect(code).toBe(1);
});

test('says what to do where a token is wanted, nothing answers, or time runs out', async () => {
  const wrong = await smoke([stack.url], { SMOKE_TOKEN: 'wrong' });
  expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining('Set SMOKE_TOKEN')]);
  expect(wrong.output).toContain('docs/sign-in.md#with-curl');

  const nothing = await smoke(['http://127.0.0.1:1']);
  expect([nothing.code, nothing.output]).toEqual([
    1,
    expect.stringContaining('Nothing answers at http://127.0.0.1:1.'),
  ]);

  const silent: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const late = await smoke([`http://127.0.0.1:${port}`, '--timeout', '0.3']);
  silent.closeAllConnections();
  silent.close();
  expect([late.code, late.output]).toEqual([1, expect.stringContaining('Not done within 0.3 s.')]);
});

test('without an address it says how it is called', async () => {
  for (const args of [[], ['localhost'], ['ftp://localhost'], ['http://localhost', '--fast']]) {
    const { code, output } = await smoke(args);
    expect([code, output]).toEqual([2, expect.stringContaining('npm run smoke -- URL')]);
  }
  const { output } = await smoke(['localhost:8080']);
  expect(output).toMatch(/localhost:8080: http:\/\/ or https:\/\/ is missing\.\n$/);
});
