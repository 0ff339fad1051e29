/** What can be known of `npm run test:firebase` without the emulators. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function run(
  script: string,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [here(script)], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

test('without a Java that the emulator runs on it says so, and has not passed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'media-analysis-java-'));
  try {
    const none = await run('../firebase/run.ts', { PATH: folder });
    expect([none.code, none.output]).toEqual([1, expect.stringContaining('There is no Java here')]);

    await writeFile(join(folder, 'java'), '#!/bin/sh\necho \'openjdk version "17.0.21"\' >&2\n');
    await chmod(join(folder, 'java'), 0o755);
    const old = await run('../firebase/run.ts', { PATH: folder });
    expect([old.code, old.output]).toEqual([1, expect.stringContaining('Java here is version 17')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the table of rules is asked case by case, and what differs from it is named', async () => {
  const cases: unknown[][] = JSON.parse(await readFile(here('../rules/cases.json'), 'utf8'));
  const forbidden = cases.filter(([, , , , allowed]) => !allowed);
  const asked: string[] = [];
  // Stands for an emulator whose rules let nobody do anything.
  const server = createServer((request: IncomingMessage, response) => {
    const byOwner = request.headers.authorization === 'Bearer owner';
    if (!byOwner) asked.push(`${request.method} ${request.url?.split('documents')[1]}`);
    response.writeHead(byOwner ? 200 : 403).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { code, output } = await run('../firebase/rules.ts', {
    FIRESTORE_EMULATOR_HOST: `127.0.0.1:${port}`,
  });
  server.closeAllConnections();
  server.close();
  expect(asked).toHaveLength(cases.length);
  expect(asked[0]).toBe('GET /media/m1');
  const failed = cases.length - forbidden.length;
  expect(output).toContain(`rules: ${forbidden.length} passed, ${failed} failed`);
  expect(output).toContain('✕ an owner reads own media: denied, and should not be');
  expect(code).toBe(1);
});
