/** What can be known of `npm run test:firebase` without the emulators. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { FIREBASE_TOOLS } from '../../local/google/firebase-tools.ts';
import { needing } from '../support/needing.ts';

const it = needing('bash');

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function run(
  script: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [here(script), ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

/** Stands for an emulator whose rules let everybody do everything. */
async function startOpenEmulator() {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const byOwner = request.headers.authorization === 'Bearer owner';
    if (!byOwner) asked.push(`${request.method} ${request.url?.split('documents')[1]}`);
    response.writeHead(200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { host: `127.0.0.1:${port}`, asked, close };
}

test('where no emulator is installed it says what is missing, and has not passed', async () => {
  const nothing = await mkdtemp(join(tmpdir(), 'media-analysis-path-'));
  try {
    const whole = await run('../firebase/run.ts', { PATH: nothing });
    expect(whole.output).toContain('Nothing was tested');
    expect(whole.output).toContain('the gcloud CLI is not installed; ');
    expect(whole.code).toBe(1);
    const short = await run('../firebase/run.ts', { PATH: nothing }, ['--short']);
    expect(short.output).toMatch(/^Not tried on Google's emulators, as none is installed: .+\.\n$/);
    expect(short.code).toBe(0);
  } finally {
    await rm(nothing, { recursive: true, force: true });
  }
});

it('where npx cannot get firebase-tools, its words are shown', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'media-analysis-npx-'));
  const script = '#!/bin/sh\necho "npm error network getaddrinfo EAI_AGAIN" >&2\nexit 1\n';
  await writeFile(join(folder, 'npx'), script, { mode: 0o755 });
  const { host, close } = await startOpenEmulator();
  const env = { PATH: folder, FIRESTORE_EMULATOR_HOST: host };
  try {
    const whole = await run('../firebase/run.ts', env);
    expect(whole.output).toMatch(
      /Auth emulator did not start: .+\nnpm error network .+EAI_AGAIN\n/,
    );
    const short = await run('../firebase/run.ts', env, ['--short']);
    expect(short.output).toMatch(/is not installed\. npx says:\nnpm error network .+EAI_AGAIN\n/);
  } finally {
    close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('a Firestore emulator that runs is used, and left running', async () => {
  const { host, close } = await startOpenEmulator();
  try {
    const { code, output } = await run('../firebase/run.ts', {
      PATH: '/nowhere',
      FIRESTORE_EMULATOR_HOST: host,
    });
    expect(output).toContain(`Google's Firestore emulator on ${host} (FIRESTORE_EMULATOR_HOST)`);
    // Its rules forbid nothing, and there is no npm on that path: nothing of it passes.
    expect(output).toContain(
      "Failed on Google's emulators: Google's Auth emulator; The rules of access; The contract",
    );
    expect(code).toBe(1);
    expect((await fetch(`http://${host}/`)).status).toBe(200);
  } finally {
    close();
  }
});

test('firebase.json has what the emulators of the product need, each on a port of its own', async () => {
  const { firestore, emulators } = JSON.parse(await readFile(here('../../firebase.json'), 'utf8'));
  for (const file of [firestore.rules, firestore.indexes]) await readFile(here(`../../${file}`));
  const ports = ['firestore', 'auth', 'ui'].map((name) => emulators[name].port);
  expect(new Set(ports).size).toBe(3);
  expect(emulators.ui.enabled).toBe(true);
  const guide = await readFile(here('../../docs/local.md'), 'utf8');
  expect(guide).toContain(`FIRESTORE_EMULATOR_HOST=127.0.0.1:${emulators.firestore.port}`);
  expect(guide).toContain(`FIREBASE_AUTH_EMULATOR_HOST=127.0.0.1:${emulators.auth.port}`);
  expect(guide).toContain(`npx ${FIREBASE_TOOLS} emulators:start`);
});

test('the table of rules is asked case by case, and what differs from it is named', async () => {
  const cases: unknown[][] = JSON.parse(await readFile(here('../rules/cases.json'), 'utf8'));
  const { host, asked, close } = await startOpenEmulator();
  const { code, output } = await run('../firebase/rules.ts', { FIRESTORE_EMULATOR_HOST: host });
  close();
  expect(asked).toHaveLength(cases.length);
  expect(asked[0]).toBe('GET /media/m1');
  expect(output).toContain(`rules: 0 passed, ${cases.length} failed`);
  expect(output).toContain(`✕ ${cases[0]?.[0]}: allowed, and should not be`);
  expect(code).toBe(1);
});
