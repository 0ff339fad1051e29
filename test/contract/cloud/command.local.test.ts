// Local only: the command `local-cloud` as a person runs it, and Google's clients by the variables that it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { outcomeOf } from '../../support/child-outcome.ts';
import { endWithUs } from '../../support/end-with-us.ts';
import { clientFor } from '../../support/storage.ts';
import { connect, createQueue, httpTask } from '../../support/tasks.ts';

const COMMAND = fileURLToPath(new URL('../../../local-cloud/main.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-cloud-'));
});
afterEach(() => rm(folder, { recursive: true }));

const start = (args: string[], before: string[] = []) =>
  endWithUs(
    spawn(process.execPath, [...before, COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );

/** Runs the command until `use` is done. @returns how it ended */
async function running(args: string[], use: (variables: Map<string, string>) => Promise<void>) {
  const child = start(args);
  const ended = once(child, 'close');
  try {
    const variables = new Map<string, string>();
    for await (const line of createInterface(child.stdout)) {
      const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) variables.set(name, value);
      if (line.startsWith('# Ready')) break;
    }
    await use(variables);
  } finally {
    child.kill('SIGTERM');
  }
  const [code] = await ended;
  return code;
}

const portIn = (address = '') => Number(/:(\d+)$/.exec(address)?.[1]);

test('three services run in one process, each for its client, and end together', async () => {
  const called = Promise.withResolvers<string>();
  const target = createServer((request, response) => {
    called.resolve(request.headers.authorization ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');

  const code = await running(['firestore', 'storage', 'tasks'], async (variables) => {
    const host = variables.get('FIRESTORE_EMULATOR_HOST') ?? '';
    const firestore = new Firestore({ projectId: 'demo', host, ssl: false });
    await firestore.doc('a/b').set({ n: 1 });
    expect((await firestore.doc('a/b').get()).data()).toEqual({ n: 1 });
    await firestore.terminate();

    const key = JSON.parse(
      await readFile(variables.get('GOOGLE_APPLICATION_CREDENTIALS') ?? '', 'utf8'),
    );
    expect(key.project_id).toBe('local-cloud');
    const bucket = clientFor(variables.get('STORAGE_EMULATOR_HOST') ?? '', key).bucket('demo');
    await bucket.create();
    await bucket.file('x').save('hello');
    const [url] = await bucket.file('x').getSignedUrl({
      version: 'v4',
      action: 'read',
      expires: Date.now() + 60_000,
    });
    expect(await (await fetch(url)).text()).toBe('hello');

    const tasks = connect(portIn(variables.get('CLOUD_TASKS_EMULATOR_HOST')));
    const parent = await createQueue(tasks);
    const { port } = target.address() as AddressInfo;
    const oidcToken = { serviceAccountEmail: 'caller@demo.iam.gserviceaccount.com' };
    await tasks.createTask({ parent, task: httpTask(`http://127.0.0.1:${port}/`, { oidcToken }) });
    const [, token = ''] = (await called.promise).split(' ');
    const keys = createRemoteJWKSet(new URL(variables.get('TASKS_JWKS_URL') ?? ''));
    const issuer = variables.get('TASKS_ISSUER') ?? '';
    await expect(jwtVerify(token, keys, { issuer })).resolves.toBeDefined();
    await tasks.close();
  });
  expect(code).toBe(0);
  target.close();
});

test('what one start keeps in the folder, the next one has, with other services beside it', async () => {
  const kept = ['--data-dir', join(folder, 'data'), '--project', 'demo'];
  const open = (variables: Map<string, string>) =>
    new Firestore({
      projectId: 'demo',
      host: variables.get('FIRESTORE_EMULATOR_HOST') ?? '',
      ssl: false,
    });
  await running(['firestore', ...kept], async (variables) => {
    const firestore = open(variables);
    await firestore.doc('a/b').set({ n: 1 });
    await firestore.terminate();
  });
  await running(['identity', 'storage', 'firestore', ...kept], async (variables) => {
    const firestore = open(variables);
    expect((await firestore.doc('a/b').get()).data()).toEqual({ n: 1 });
    await firestore.terminate();
    const again = await outcomeOf(start(['tasks', ...kept]));
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.errors).toMatch(/in use by another instance.*--data-dir/);
  });
});

test('a token for any user is signed, in the name of the project', async () => {
  await running(['identity', '--project', 'demo'], async (variables) => {
    const url = variables.get('IDENTITY_URL');
    const response = await fetch(`${url}/local/token`, { method: 'POST', body: '{"sub":"alice"}' });
    const { token } = (await response.json()) as { token: string };
    const keys = createRemoteJWKSet(new URL(variables.get('TASKS_JWKS_URL') ?? ''));
    const { payload } = await jwtVerify(token, keys, { audience: 'demo' });
    expect(payload.sub).toBe('alice');
  });
});

test('each service listens where it is told', async () => {
  const args = ['firestore', 'storage', '--host', '127.0.0.2', '--storage-port', '0'];
  await running(args, async (variables) => {
    expect(variables.get('FIRESTORE_EMULATOR_HOST')).toMatch(/^127\.0\.0\.2:\d+$/);
    const storage = variables.get('STORAGE_EMULATOR_HOST');
    expect((await fetch(`${storage}/storage/v1/b?project=demo`)).status).toBe(200);
  });
});

test('a port that is in use is named, with the option that takes another one', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  for (const name of ['firestore', 'storage', 'tasks', 'identity']) {
    const ended = await outcomeOf(start([name, '--port', String(port)]));
    expect(ended).toMatchObject({ code: 1, out: '' });
    // The gRPC of Node has a line of its own before.
    expect(ended.errors.split('\n').at(-2)).toBe(
      `${name} cannot listen on 127.0.0.1:${port}: the port is in use. Choose another one with --${name}-port, or leave it out for any free port.`,
    );
  }
  other.close();
});

test('--help says how it is used', async () => {
  const { out, errors, code } = await outcomeOf(start(['--help']));
  expect({ errors, code }).toEqual({ errors: '', code: 0 });
  expect(out).toMatch(/^Usage: local-cloud SERVICE/);
});

describe('one sentence says what is wrong with', () => {
  test.each([
    [[], 'Name a service.'],
    [['pubsub'], 'There is no service "pubsub".'],
    [['storage', '--prot', '1'], "Unknown option '--prot'"],
    [['storage', '--port', '65536'], '--port is "65536"; it must be a whole number'],
    [['storage', '--port', ''], '--port is ""; it must be a whole number'],
    [['storage', '--tasks-port', 'x'], '--tasks-port is "x"; it must be a whole number'],
    [['storage', 'tasks', '--port', '1'], '--port is for one service. Here it is --storage-port.'],
    [['storage', '--host', '::1'], '--host is a name or an IPv4 address.'],
    [['storage', '--host', '192.0.2.1'], 'storage cannot listen on 192.0.2.1:0'],
  ])('%j', async (args, sentence) => {
    const { out, errors, code } = await outcomeOf(start(args));
    expect({ out, code }).toEqual({ out: '', code: 1 });
    expect(errors.split('\n')[0]).toContain(sentence);
  });

  test('a Node that is too old', async () => {
    const older = join(folder, 'older.mjs');
    await writeFile(
      older,
      "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });",
    );
    const ended = await outcomeOf(start(['storage'], ['--import', pathToFileURL(older).href]));
    expect(ended).toEqual({
      code: 1,
      out: '',
      errors: 'local-cloud needs Node 22.13 or newer. This is Node 20.20.2.\n',
    });
  });
});
