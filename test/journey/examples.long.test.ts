/** Each program in `examples/`, and the commands of the README for programs, run as they are written. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endWithUs } from '../support/end-with-us.ts';
import { GENERATED, makeSettings, SAID } from '../support/generated-example.ts';
import { isNpmReachable } from '../support/npm.ts';
import { findPython } from '../support/python.ts';
import { eventually, file, form, photo, type Stack, startStack } from '../support/stack.ts';
import { isHere } from '../support/systems.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CAT = fileURLToPath(photo('02-cat.png'));
/** Of another key: what is signed with it is not from here. */
const WRONG_SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;

let stack: Stack;
let settings: Record<string, string>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startStack();
  settings = { ...(await makeSettings(stack)), PORT: '0' };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await stack.close();
});

/** Starts a program in the folder of its example. */
function start(folder: string, [command = '', ...args]: string[], environment = settings) {
  const env = { ...process.env, ...environment };
  const child = endWithUs(spawn(command, args, { cwd: join(EXAMPLES, folder), env }));
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const untilSaid = (pattern: RegExp) =>
    eventually(async () => {
      const found = pattern.exec(said.out + said.err);
      if (!found && child.exitCode !== null) throw new Error(`It ended: ${said.err}`);
      return found?.[1] ?? found?.[0];
    });
  return { said, ended, untilSaid };
}

/** Lines that are not empty. */
const linesOf = (path: string) =>
  readFileSync(join(EXAMPLES, path), 'utf8').match(/^.*\S.*$/gm)?.length;

test('no example has more than sixty lines of its own', () => {
  const sources = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      /\.(py|js|tsx?|html)$/.test(path) &&
      !/node_modules|dist|\.next|next-env|api\.ts|venv|media_analysis_client/.test(path),
  );
  expect(sources.length).toBeGreaterThan(0);
  expect(sources.filter((path) => (linesOf(path) ?? 0) > 60)).toEqual([]);
});

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version']);
    return true;
  } catch {
    console.warn('Left out: the commands of the README (there is no curl).');
    return false;
  }
}

(isHere('bash') && hasCurl() ? test : test.skip).each(['README.md', 'README.ja.md'])(
  'the commands of %s send two photos and watch them to the end',
  async (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const [, commands = ''] = /```sh\n(cd test\/photos\n[^`]*)```/.exec(text) ?? [];
    const script = commands.replaceAll('http://localhost:8080', stack.url);
    const { stdout } = await promisify(execFile)('bash', ['-ec', script], { cwd: ROOT });
    expect(stdout).toMatch(/"title":"[^"]/);
    expect(stdout.trimEnd().split('\n\n').at(-1)).toMatch(/event: done[\s\S]*"completed":2/);
  },
);

describe('the backend in Python', () => {
  const python = findPython(9);
  if (python === undefined)
    console.warn('Left out: the example in Python (there is no Python 3.9).');
  const it = python === undefined ? test.skip : test;
  const command = [python ?? '', 'backend.py', CAT];

  it('sends a photo, is told that it is done, and shows what came of it', async () => {
    const { said, ended } = start('python', command);
    expect([await ended, said.err]).toEqual([0, expect.stringContaining('204')]);
    expect(JSON.parse(said.out)).toMatchObject({ status: 'completed', file_name: '02-cat.png' });
  });

  it('has not more than 30 lines below the one that says what it is', () => {
    expect(linesOf('python/backend.py')).toBeLessThanOrEqual(31);
  });

  it('refuses a message that is signed with another secret, and goes on waiting', async () => {
    const { said, untilSaid } = start('python', command, {
      ...settings,
      MEDIA_SECRET: WRONG_SECRET,
    });
    await untilSaid(/"POST \/hooks HTTP\/1.1" 401/);
    // The next try, a second later: so it has gone on.
    await untilSaid(/401[\s\S]*401/);
    expect(said.out).toBe('');
  });
});

describe('the backend with Express', () => {
  const send = async (url: string, fields: Record<string, string> = {}) => {
    const body = form([await file('02-cat.png')], fields);
    const response = await fetch(`${url}/photos`, { method: 'POST', body });
    expect(response.status).toBe(202);
    const { media_ids } = (await response.json()) as { media_ids: string[] };
    return `${url}/photos/${media_ids[0]}`;
  };
  const open = async (environment = settings) => {
    const started = start('express', [process.execPath, 'server.js'], environment);
    return { ...started, url: await started.untilSaid(/Ready on (\S+)/) };
  };

  test("sends a browser's photo with its own key and callback, and shows it once it is told", async () => {
    const { url } = await open();
    const path = await send(url, { callback_url: 'http://127.0.0.1:9/of-somebody-else' });
    const shown = await eventually(async () => {
      const response = await fetch(path);
      const body: unknown = await response.json();
      return response.status === 200 ? body : undefined;
    });
    expect(shown).toMatchObject({ status: 'completed', file_name: '02-cat.png' });
  });

  test('believes no message that is not signed with its secret', async () => {
    const { url } = await open({ ...settings, MEDIA_SECRET: WRONG_SECRET });
    const path = await send(url);
    const id = path.split('/').at(-1) ?? '';
    await eventually(async () => {
      const media = await fetch(`${stack.url}/api/media/${id}`, {
        headers: { Authorization: `Bearer ${settings.MEDIA_KEY}`, 'X-On-Behalf-Of': 'alice' },
      });
      return ((await media.json()) as { status: string }).status === 'completed' || undefined;
    });
    for (const headers of [{}, { 'webhook-timestamp': String(Date.now() / 1000) }]) {
      const body = JSON.stringify({ data: { media_id: id, revision: 99 } });
      const forged = await fetch(`${url}/hooks`, { method: 'POST', body, headers });
      expect(forged.status).toBe(401);
    }
    expect((await fetch(path)).status).toBe(202);
  });

  test('refuses a body that is larger than a request may be', async () => {
    const { url } = await open();
    const body = new Uint8Array(33 * 2 ** 20);
    const response = await fetch(`${url}/photos`, { method: 'POST', body });
    expect(response.status).toBe(413);
  });
});

describe('the program in TypeScript with a generated client', () => {
  const isReachable = isNpmReachable('openapi-typescript');
  if (!isReachable) console.warn('Left out: the generated client (npm reaches no registry).');

  (isReachable ? test : test.skip)(
    'is made of the document, type checked, reads its metadata back, and overwrites nobody',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'generated-'));
      const run = async (command: string, ...args: string[]) => {
        const shell = command === 'npm' && process.platform === 'win32';
        const env = { ...process.env, ...settings };
        return (await promisify(execFile)(command, args, { cwd: folder, env, shell })).stdout;
      };
      try {
        for (const name of ['photo.ts', 'tsconfig.json'])
          await cp(join(GENERATED, name), join(folder, name));
        const manifest = await readFile(join(GENERATED, 'package.json'), 'utf8');
        const here = manifest.replace('http://localhost:8080', stack.url);
        await writeFile(join(folder, 'package.json'), here);
        await run('npm', 'install', '--include=dev', '--no-audit', '--no-fund');
        expect(await run('npm', 'start', '--silent', CAT)).toMatch(SAID);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
